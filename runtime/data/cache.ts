/** @file Prepared data sets on disk: found by the hash of what they were made from, checked on reading. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dataset } from './dataset.js';

/** Raised when the file layout or the preparation changes. */
const cacheVersion = 1;
const magic = 'ED2LDATA';

/** The file of a data set made from `recipe` (plain JSON data naming everything that decides its content). */
export function cacheFile(cacheDir: string, recipe: unknown): string {
  const key = createHash('sha256')
    .update(JSON.stringify([cacheVersion, recipe]))
    .digest('hex')
    .slice(0, 32);
  return join(cacheDir, 'data', `${key}.data`);
}

/** Layout: magic, SHA-256 of the rest, length of the JSON header (u32, little endian), header, pixels. */
export async function writeCache(file: string, { pixels, ...rest }: Dataset): Promise<void> {
  const header = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const sum = createHash('sha256').update(length).update(header).update(pixels).digest();
  await writeAtomically(file, Buffer.concat([Buffer.from(magic), sum, length, header, pixels]));
}

/** The data set, `missing`, or `corrupt` if the file is not what was written. */
export async function readCache(file: string): Promise<Dataset | 'missing' | 'corrupt'> {
  const bytes = await readFile(file).catch(() => null);
  if (!bytes) return 'missing';
  const body = bytes.subarray(magic.length + 32);
  const sum = createHash('sha256').update(body).digest();
  const intact =
    body.length >= 4 &&
    bytes.subarray(0, magic.length).toString('latin1') === magic &&
    bytes.subarray(magic.length, magic.length + 32).equals(sum);
  if (!intact) return 'corrupt';
  const end = 4 + body.readUInt32LE(0);
  const header = JSON.parse(body.subarray(4, end).toString('utf8')) as Omit<Dataset, 'pixels'>;
  return { ...header, pixels: new Uint8Array(body.subarray(end)) };
}

/** Writes beside the target and renames, so that a reader sees the old file or the whole new one. */
async function writeAtomically(file: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
