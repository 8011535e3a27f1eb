/** @file Rows under named columns, from CSV or JSON: what manifests, FER2013 and fold files are made of. */
import { open, readFile, stat } from 'node:fs/promises';
import { csvRecords } from './csv.js';
import { DataError } from './errors.js';

export interface Row {
  /** `line 4`, or `item 3` of a JSON list. */
  readonly place: string;
  /** By column; texts in CSV, any JSON value otherwise, undefined where a JSON object has no such key. */
  readonly cells: readonly unknown[];
  /** Cells and columns do not correspond. */
  readonly problem?: string;
}

export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<Row>;
}

/** JSON is held as a whole. */
const LARGEST_JSON = 2 ** 28;

/**
 * A table that is read while its rows are; `.json` files are JSON, `.csv` files CSV, others what they look like.
 * @throws DataError, also while rows are read.
 */
export async function openTable(file: string): Promise<Table> {
  const table = (await isJson(file)) ? await jsonTable(file) : await csvTable(file);
  const twice = table.columns.find((name, i) => name !== '' && table.columns.indexOf(name) < i);
  if (twice !== undefined) throw new DataError(`${file} has two columns named ${twice}`);
  return table;
}

async function isJson(file: string): Promise<boolean> {
  if (/\.(json|csv)$/i.test(file)) return /\.json$/i.test(file);
  const opened = await open(file).catch((error: Error) => {
    throw new DataError(`${file} cannot be read: ${error.message}`);
  });
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(64), 0, 64, 0);
    return /^\uFEFF?\s*[[{]/.test(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await opened.close();
  }
}

async function csvTable(file: string): Promise<Table> {
  const records = csvRecords(file);
  const first = await records.next();
  if (first.done) throw new DataError(`${file} is empty: its first line names the columns`);
  const columns = first.value.cells.map((name) => name.normalize('NFC'));
  return { file, columns, rows: csvRows(records, columns.length) };
}

async function* csvRows(records: ReturnType<typeof csvRecords>, count: number): AsyncGenerator<Row> {
  for await (const { line, cells } of records) {
    const place = `line ${line}`;
    if (cells.length === count) yield { place, cells };
    else
      yield {
        place,
        cells,
        problem: `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the header names ${count}`,
      };
  }
}

async function jsonTable(file: string): Promise<Table> {
  const items = await jsonOf(file);
  if (!Array.isArray(items))
    throw new DataError(`${file} is not a list of objects, one for each row: [{…}, {…}]`);
  const isObject = (item: unknown): item is Record<string, unknown> =>
    typeof item === 'object' && item !== null && !Array.isArray(item);
  const columns = [...new Set(items.flatMap((item) => (isObject(item) ? Object.keys(item) : [])))];
  async function* rows(): AsyncGenerator<Row> {
    for (const [i, item] of (items as unknown[]).entries()) {
      const place = `item ${i + 1}`;
      if (!isObject(item)) yield { place, cells: [], problem: `${show(item)} is not an object` };
      else yield { place, cells: columns.map((c) => (Object.hasOwn(item, c) ? item[c] : undefined)) };
    }
  }
  return { file, columns, rows: rows() };
}

/** @throws DataError for a file that is too large, not text or not JSON. */
export async function jsonOf(file: string): Promise<unknown> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_JSON) throw new DataError(`${file} is larger than 256 MiB: write it as CSV`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (error instanceof SyntaxError) throw new DataError(`${file} is not valid JSON: ${error.message}`);
    if (error instanceof TypeError) throw new DataError(`${file} is not UTF-8 text`);
    throw new DataError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * The position of a column by its name, or by one of the usual names; blanks around names and their case do not count.
 * @returns undefined if no usual name is there.
 * @throws DataError if the given name is not there, or two usual ones are.
 */
export function columnOf(
  { file, columns }: Pick<Table, 'file' | 'columns'>,
  given: string | null,
  usual: readonly string[],
): number | undefined {
  const plain = (name: string): string => name.trim().normalize('NFC').toLowerCase();
  const positions = (given === null ? usual : [given]).flatMap((name) => {
    const exact = columns.indexOf(name);
    if (exact >= 0) return [exact];
    return columns.flatMap((column, i) => (plain(column) === plain(name) ? [i] : []));
  });
  if (positions.length > 1)
    throw new DataError(
      `${file} has the columns ${positions.map((i) => columns[i]).join(' and ')}: say which one is meant, as in \`${usual[0]}: "${columns[positions[0]!]}"\``,
    );
  if (given !== null && positions.length === 0)
    throw new DataError(`${file} has no column ${given}; it has ${listed(columns)}`);
  return positions[0];
}

/** The same where there must be one. */
export function requiredColumn(
  table: Pick<Table, 'file' | 'columns'>,
  given: string | null,
  usual: readonly string[],
): number {
  const found = columnOf(table, given, usual);
  if (found !== undefined) return found;
  const separated = table.columns.length === 1 && /[;\t|]/.exec(table.columns[0]!);
  throw new DataError(
    `${table.file} has no column ${usual.join(' or ')}; ` +
      (separated
        ? `its cells are separated by ${separated[0] === '\t' ? 'tabs' : separated[0]}: save it with commas`
        : `it has ${listed(table.columns)}`),
  );
}

const listed = (columns: readonly string[]): string => columns.slice(0, 20).map(short).join(', ');

/** A cell in a message, one short line. */
export const show = (value: unknown): string =>
  typeof value === 'string' ? short(value) : cut(JSON.stringify(value) ?? 'nothing');

const short = (text: string): string => JSON.stringify(cut(text));

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A name in a cell: a text, or a whole number in JSON; undefined if there is none. */
export function nameIn(cell: unknown): string | undefined {
  if (typeof cell === 'string') return cell.trim().normalize('NFC') || undefined;
  return typeof cell === 'number' && Number.isSafeInteger(cell) ? String(cell) : undefined;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A finite number in a cell. */
export function numberIn(cell: unknown): number | undefined {
  const number =
    typeof cell === 'string' && NUMBER.test(cell.trim())
      ? Number(cell)
      : typeof cell === 'number'
        ? cell
        : NaN;
  return Number.isFinite(number) ? number : undefined;
}
