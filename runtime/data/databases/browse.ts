/** @file What lies in the folders of a database: names in natural order, without what systems leave there. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.js';
import type { ListedImage } from '../listing.js';
import { naturally } from '../natural-order.js';
import { findPath } from '../paths.js';

export const SYSTEM = /^(\.|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;
const IMAGE = /\.(png|jpe?g|gif|tiff?|webp|pgm|bmp)$/i;

export const isImage = (name: string): boolean => IMAGE.test(name);

/** The names in a folder, hidden and system files left out. @throws DataError if it is there and cannot be listed. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new DataError(`cannot list ${folder}: ${error.message}`);
  });
  return names.filter((name) => !SYSTEM.test(name)).sort(naturally);
}

/** The folder of a database. @throws DataError */
export async function rootOf(path: string, baseDir: string, title: string): Promise<string> {
  const found = await findPath(path, baseDir, `folder of ${title}`);
  if (!found.stats.isDirectory()) throw new DataError(`${found.path} is a file, not the folder of ${title}`);
  return found.path;
}

/** The first of the places that is a folder; undefined if none is. */
export async function firstFolder(root: string, places: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    const folder = join(root, place);
    if ((await stat(folder).catch(() => null))?.isDirectory()) return folder;
  }
  return undefined;
}

export type FileImage = Extract<ListedImage, { kind: 'file' }>;

/** The file, following links; a text says what is wrong with it. */
export async function fileAt(file: string): Promise<FileImage | string> {
  const state = await stat(file).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  if (typeof state === 'string') return `it cannot be opened (${state})`;
  if (!state.isFile()) return 'it is no file';
  return { kind: 'file', file, size: state.size, modified: state.mtimeMs };
}

/** Labels take a line, descriptions of sessions some kilobytes. */
const LARGEST = 2 ** 20;

/** A small text file, or what is wrong with it. */
export async function textAt(file: string): Promise<{ readonly text: string } | { readonly wrong: string }> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST) return { wrong: 'larger than 1 MiB' };
    if (size === 0) return { wrong: 'empty' };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)) };
  } catch (error) {
    if (error instanceof TypeError) return { wrong: 'not UTF-8 text' };
    return { wrong: `not to be read: ${(error as Error).message}` };
  }
}
