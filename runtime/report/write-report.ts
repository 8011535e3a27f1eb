/** @file Writes a report: the page, and in a folder beside it its data as JSON, each table as CSV, and each figure alone as SVG and PNG. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codec } from '../data/codec.js';
import { RunError } from '../experiment/errors.js';
import type { ReportData } from './report-data.js';
import { asFile, asPrint } from './rendering/figure.js';
import { page, sectionsOf } from './rendering/page.js';
import { figuresOf, tablesOf } from './rendering/section.js';
import { tableAsCsv } from './rendering/table.js';

/** Pixels per unit of a figure. */
const DENSITY = 3;

export interface WrittenReport {
  readonly page: string;
  /** With `data.json`, `tables/` and `figures/`. */
  readonly folder: string;
  readonly figures: number;
  readonly tables: number;
}

/** `file`: of the page. What an earlier report left in the folder is removed. Throws RunError when the disk refuses. */
export async function writeReport(file: string, data: ReportData): Promise<WrittenReport> {
  const folder = file.replace(/\.html?$/i, '') + '-data';
  const sections = sectionsOf(data);
  const figures = figuresOf(sections);
  const tables = tablesOf(sections);
  const files = new Map<string, string | Uint8Array>();
  for (const { table, stamp } of tables)
    files.set(`tables/${table.id.replace(/^table-/, '')}.csv`, `${tableAsCsv(table, stamp)}\r\n`);
  for (const { figure, stamp } of figures) {
    files.set(`figures/${figure.id}.svg`, `${asFile(figure, stamp)}\n`);
    files.set(`figures/${figure.id}.png`, await png(asPrint(figure, stamp)));
  }
  const json = { ...data, files: [...files.keys()] };
  try {
    await removeEarlier(folder);
    for (const [name, content] of files) await put(join(folder, name), content);
    await put(join(folder, 'data.json'), `${JSON.stringify(json, null, 2)}\n`);
    await put(file, page(data, sections));
  } catch (error) {
    throw new RunError(`${file} could not be written: ${(error as Error).message}`);
  }
  return { page: file, folder, figures: figures.length, tables: tables.length };
}

const png = (svg: string): Promise<Uint8Array> =>
  codec()(Buffer.from(svg), { density: 72 * DENSITY })
    .png()
    .toBuffer();

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A figure that is no longer made must not lie among those that are. Only what a report says that it wrote is removed. */
async function removeEarlier(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'data.json'), 'utf8').catch(() => '');
  const names = filesOf(text).filter((name) => /^(figures|tables)\/[\w-]+\.(svg|png|csv)$/.test(name));
  for (const name of names) await rm(join(folder, name), { force: true });
}

function filesOf(json: string): string[] {
  try {
    const { format, files } = JSON.parse(json) as { format?: unknown; files?: unknown };
    if (format !== 'ed2l-report' || !Array.isArray(files)) return [];
    return files.filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
}
