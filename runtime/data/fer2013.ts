/** @file `source fer2013("path")`: FER2013 as its CSV file (`emotion,pixels,Usage`, or the later form with another order) or as folders of images. */
import { basename, join } from 'node:path';
import { stat } from 'node:fs/promises';
import type { DataIR } from '../../compiler/model/experiment.js';
import { FER2013_CLASSES, FER2013_SIZE } from '../../compiler/model/sources.js';
import { DataError, withItems } from './errors.js';
import { listFolder } from './folder.js';
import { Drops, type Entry, type Listing } from './listing.js';
import { checkUnchanged, findPath, type Found } from './paths.js';
import { columnOf, openTable, requiredColumn, show, type Row } from './table.js';

export type Fer2013Source = Extract<DataIR['source'], { kind: 'fer2013' }>;
type Part = Exclude<Fer2013Source['part'], 'all'>;

const [HEIGHT, WIDTH] = FER2013_SIZE;
/** Names of parts in the files, in lower case. */
export const USAGES: Readonly<Record<string, Part>> = {
  training: 'training',
  publictest: 'public',
  privatetest: 'private',
};
/** The names of its files where they lie in a folder. */
const FILES = ['fer2013.csv', 'icml_face_data.csv'];
/** The names of its folders, beside those of the classes. */
const FOLDERS: Readonly<Record<string, string>> = {
  angry: 'anger',
  happy: 'happiness',
  sad: 'sadness',
  disgusted: 'disgust',
  fearful: 'fear',
  surprised: 'surprise',
};

/** Where the data lies: the CSV file, or the folder. @throws DataError */
export async function findFer2013(
  path: string,
  baseDir: string,
): Promise<Found & { readonly isFile: boolean }> {
  const found = await findPath(path, baseDir, 'file or folder');
  if (found.stats.isFile()) return { ...found, isFile: true };
  for (const name of FILES) {
    const file = join(found.path, name);
    const stats = await stat(file).catch(() => null);
    if (stats?.isFile()) return { path: file, stats, isFile: true };
  }
  if (found.stats.isDirectory()) return { ...found, isFile: false };
  throw new DataError(`${found.path} is neither a file nor a folder`);
}

/**
 * Reads all rows of the CSV file; each image is a person of its own, for the data names nobody. Ids are `fer0000000` and so on by
 * row, as FER+ counts them.
 * @throws DataError naming the first ten rows that are not a class, 48 x 48 numbers from 0 to 255, and a part: with one
 *   such row others may be wrong too.
 */
export async function readFer2013(found: Found, part: Fer2013Source['part']): Promise<Listing> {
  const table = await openTable(found.path);
  const columns = {
    emotion: requiredColumn(table, null, ['emotion']),
    pixels: requiredColumn(table, null, ['pixels']),
    usage: columnOf(table, null, ['usage']),
  };
  if (columns.usage === undefined && part !== 'all')
    throw new DataError(
      `${found.path} has no column Usage, so it does not tell which part an image belongs to`,
    );
  const entries: Entry[] = [];
  const problems: string[] = [];
  const drops = new Drops();
  let row = 0;
  for await (const { place, cells, problem } of table.rows) {
    const read = problem ?? readRow(cells, columns);
    const id = `fer${String(row++).padStart(7, '0')}`;
    if (typeof read === 'string') problems.push(`${place}: ${read}`);
    else if (part !== 'all' && read.part !== part) drops.add(`images of other parts than ${part}`, id);
    else
      entries.push({
        id,
        place: `${basename(found.path)} ${place}`,
        class: FER2013_CLASSES[read.label]!,
        subject: id,
        sequence: id,
        frame: null,
        row: entries.length,
        image: { kind: 'pixels', height: HEIGHT, width: WIDTH, pixels: read.pixels },
      });
  }
  await checkUnchanged(found);
  if (problems.length > 0) {
    const rows = problems.length === 1 ? 'row' : 'rows';
    const heading = `${problems.length} ${rows} of ${found.path} cannot be used, and so none is:`;
    throw new DataError(withItems(heading, problems), problems);
  }
  if (entries.length === 0)
    throw new DataError(`${found.path} holds no images${part === 'all' ? '' : ` of part ${part}`}`);
  return {
    place: found.path,
    classes: FER2013_CLASSES,
    entries,
    fields: [],
    otherColumns: [],
    dropped: drops.list(),
  };
}

interface FerRow {
  readonly label: number;
  readonly part: Part | null;
  readonly pixels: Uint8Array;
}

/** Or what is wrong with it. */
function readRow(
  cells: Row['cells'],
  columns: { readonly emotion: number; readonly pixels: number; readonly usage: number | undefined },
): FerRow | string {
  const emotion = String(cells[columns.emotion]);
  if (!/^[0-6]$/.test(emotion)) return `the emotion ${show(emotion)} is not a number from 0 to 6`;
  const usage = columns.usage === undefined ? '' : String(cells[columns.usage]);
  const part = USAGES[usage.toLowerCase()] ?? null;
  if (columns.usage !== undefined && part === null)
    return `the usage ${show(usage)} is none of Training, PublicTest and PrivateTest`;
  const pixels = pixelsOf(String(cells[columns.pixels]));
  return typeof pixels === 'string' ? pixels : { label: Number(emotion), part, pixels };
}

const ZERO = 48;

/** Numbers between blanks; by character, for there are eighty million of them. */
function pixelsOf(text: string): Uint8Array | string {
  const count = HEIGHT * WIDTH;
  const pixels = new Uint8Array(count);
  let n = 0;
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) === 32) {
      at++;
      continue;
    }
    const start = at;
    let value = 0;
    for (; at < text.length && text.charCodeAt(at) !== 32; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
    }
    if (!(value <= 255))
      return `pixel ${n + 1} is ${show(text.slice(start, at))}, not a whole number from 0 to 255`;
    if (n < count) pixels[n] = value;
    n++;
  }
  return n === count ? pixels : `${n} pixels, not ${HEIGHT} times ${WIDTH}`;
}

/**
 * The form with folders: `train/angry/Training_10118481.jpg`, `test/angry/PrivateTest_10131363.jpg`. The part is what the name of the
 * file begins with, else training for `train`.
 * @throws DataError for another layout, another class, or a part that the names do not tell.
 */
export async function listFer2013Folder(
  path: string,
  baseDir: string,
  part: Fer2013Source['part'],
): Promise<Listing> {
  const listing = await listFolder(path, 'subject/class', baseDir);
  const drops = new Drops();
  const entries = listing.entries.flatMap((entry): Entry[] => {
    // The first folder is that of the part, not a person.
    const name = entry.class.toLowerCase();
    const known = FOLDERS[name] ?? FER2013_CLASSES.find((c) => c === name);
    if (known === undefined)
      throw new DataError(
        `${entry.id} in ${listing.place}: ${entry.class} is no class of FER2013 (angry, disgust, fear, happy, sad, surprise, neutral)`,
      );
    const own = partOf(entry.subject, basename(entry.id));
    if (part !== 'all' && own === null)
      throw new DataError(
        `${entry.id} in ${listing.place} does not tell its part: a name begins with Training, PublicTest or PrivateTest, or its folder is train`,
      );
    if (part !== 'all' && own !== part) {
      drops.add(`images of other parts than ${part}`, entry.id);
      return [];
    }
    return [{ ...entry, class: known, subject: entry.id }];
  });
  if (entries.length === 0) throw new DataError(`${listing.place} holds no images of part ${part}`);
  return { ...listing, classes: FER2013_CLASSES, entries, dropped: [...listing.dropped, ...drops.list()] };
}

function partOf(folder: string, file: string): Part | null {
  const [, usage] = /^(training|publictest|privatetest)/i.exec(file) ?? [];
  if (usage !== undefined) return USAGES[usage.toLowerCase()]!;
  return /^train(ing)?$/i.test(folder) ? 'training' : null;
}
