/** @file Manifests, FER2013 files and fold files, damaged: through the preparation. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { prepare } from '../../runtime/data/prepare.js';
import { damaged } from '../support/damage.js';
import { randomFrom } from '../support/random-graph.js';
import { damagedBytes } from './damage-bytes.js';
import { BLOCK } from './images.js';
import type { Kind } from './kind.js';

const COLUMNS = { file: null, class: null, subject: null, sequence: null, frame: null };
const ROWS = [1, 2, 3, 4].map((i) => ({
  file: `photos/${i}.png`,
  class: i % 2 === 0 ? 'joy' : 'Ärger, "leise"',
  subject: `S00${i}`,
  frame: i,
  valence: i / 4,
}));
const FOLDS = Object.fromEntries(ROWS.map(({ subject, frame }) => [subject, frame % 2]));

const quoted = (value: unknown): string =>
  /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
const csvOf = (rows: readonly object[]): string =>
  [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row) as unknown[])]
    .map((cells) => `${cells.map(quoted).join(',')}\n`)
    .join('');

const CELLS = [
  '',
  '-1',
  '1e999',
  'nan',
  '7',
  '"',
  '../../etc/passwd',
  '\u0000',
  'joy',
  ',',
  ';',
  '\r',
  '\uFEFF',
  'x'.repeat(5000),
];

/** Cells and lines of a table changed, lost, doubled; or its bytes. */
function damagedTable(text: string, seed: number): Uint8Array {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const bytes = new TextEncoder().encode(text);
  if (random() < 0.3) return damagedBytes(bytes, seed);
  const lines = text.split('\n').map((line) => line.split(','));
  for (let edits = 1 + below(3); edits > 0; edits--) {
    const cells = lines[below(lines.length)]!;
    const at = below(cells.length);
    const cell = CELLS[below(CELLS.length)]!;
    switch (below(6)) {
      case 0:
        cells.splice(at, 1);
        break;
      case 1:
        cells.splice(at, 0, cell);
        break;
      case 2:
        lines.splice(below(lines.length), below(2), [...lines[below(lines.length)]!]);
        break;
      default:
        cells[at] = cell;
    }
  }
  return new TextEncoder().encode(lines.map((cells) => cells.join(',')).join(random() < 0.8 ? '\n' : '\r\n'));
}

async function through(data: Partial<DataIR>, folder: string): Promise<void> {
  const dataset = await prepare({ ...BLOCK, ...data }, { cacheDir: null, baseDir: folder });
  const { samples, classes } = dataset;
  assert.ok(
    samples.length > 0 && samples.every((s) => s.label >= 0 && s.label < classes.length),
    'a label is no class',
  );
}

export const manifests: Kind = {
  name: 'manifest',
  async prepare(folder) {
    await mkdir(join(folder, 'photos'), { recursive: true });
    for (const { file, frame } of ROWS)
      await sharp({
        create: { width: 3, height: 4, channels: 3, background: { r: frame * 50, g: 9, b: 9 } },
      }).toFile(join(folder, file));
  },
  async run(seed, keep, folder) {
    const json = seed % 3 === 0;
    const name = `list.${json ? 'json' : 'csv'}`;
    const cases = damaged(JSON.stringify(ROWS), 1, seed);
    const content = json ? cases[seed % cases.length]!.text : damagedTable(csvOf(ROWS), seed);
    keep(name, content);
    await writeFile(join(folder, name), content);
    await through({ source: { kind: 'manifest', path: name, root: '.', columns: COLUMNS } }, folder);
  },
};

export const foldFiles: Kind = {
  name: 'fold file',
  prepare: manifests.prepare!,
  async run(seed, keep, folder) {
    const json = seed % 3 === 0;
    const name = `folds.${json ? 'json' : 'csv'}`;
    await writeFile(join(folder, 'list.csv'), csvOf(ROWS));
    const table = csvOf(Object.entries(FOLDS).map(([subject, fold]) => ({ subject, fold })));
    const cases = damaged(JSON.stringify(FOLDS), 1, seed);
    const content = json ? cases[seed % cases.length]!.text : damagedTable(table, seed);
    keep(name, content);
    await writeFile(join(folder, name), content);
    const folds = { kind: 'file', path: name, columns: { subject: null, fold: null } } as const;
    await through(
      { folds, source: { kind: 'manifest', path: 'list.csv', root: '.', columns: COLUMNS } },
      folder,
    );
  },
};

const pixels = (first: number): string =>
  Array.from({ length: 48 * 48 }, (_, i) => (first + i) % 256).join(' ');
const FER = ['Training', 'Training', 'PublicTest', 'PrivateTest'].map((usage, i) => ({
  emotion: (i * 3) % 6,
  pixels: pixels(i),
  Usage: usage,
}));

export const fer2013: Kind = {
  name: 'FER2013 file',
  async run(seed, keep, folder) {
    const content = damagedTable(csvOf(FER), seed);
    keep('fer2013.csv', content);
    await writeFile(join(folder, 'fer2013.csv'), content);
    const part = (['all', 'training', 'public', 'private'] as const)[seed % 4]!;
    await through(
      { classes: ['anger', 'happiness'], source: { kind: 'fer2013', path: 'fer2013.csv', part } },
      folder,
    );
  },
};
