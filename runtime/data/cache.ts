/** @file Prepared data sets on disk: found by the hash of what they were made from, checked on reading, written whole or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dataset } from './dataset.js';
import { ownerName, removeLeftOvers } from './leftovers.js';

/** Raised when the file layout or the preparation changes. */
const cacheVersion = 2;
const magic = 'ED2LDATA';
const SUM = 32;

/** The file of a data set made from `recipe` (plain JSON data naming everything that decides its content). */
export function cacheFile(cacheDir: string, recipe: unknown): string {
  const key = createHash('sha256')
    .update(JSON.stringify([cacheVersion, recipe]))
    .digest('hex')
    .slice(0, 32);
  return join(cacheDir, 'data', `${key}.data`);
}

/**
 * Layout: magic, SHA-256 of the rest, length of the JSON header (u32, little endian), header, values of the fields (f32, little endian),
 * pixels.
 * @throws an error of the file system; then no file is left.
 */
export async function writeCache(file: string, { pixels, fields, ...rest }: Dataset): Promise<void> {
  const header = Buffer.from(
    JSON.stringify({
      ...rest,
      fields: fields.map(({ name, shape, values }) => [name, shape, values.length]),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const parts = [length, header, ...fields.map(({ values }) => bytesOf(values)), pixels];
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  await writeAtomically(file, [Buffer.from(magic), sum.digest(), ...parts]);
}

/** The data set, `missing`, or `corrupt` if the file is not what was written. */
export async function readCache(file: string): Promise<Dataset | 'missing' | 'corrupt'> {
  const opened = await open(file).catch(() => null);
  if (!opened) return 'missing';
  try {
    const { size } = await opened.stat();
    if (size < magic.length + SUM + 4) return 'corrupt';
    const bytes = await readAll(opened, size);
    return bytes ? parse(bytes) : 'corrupt';
  } catch {
    return 'corrupt';
  } finally {
    await opened.close();
  }
}

function parse(bytes: Uint8Array<ArrayBuffer>): Dataset | 'corrupt' {
  const head = Buffer.from(bytes.buffer, 0, magic.length + SUM + 4);
  const body = bytes.subarray(magic.length + SUM);
  const sum = createHash('sha256').update(body).digest();
  const intact =
    head.toString('latin1', 0, magic.length) === magic &&
    head.subarray(magic.length, magic.length + SUM).equals(sum);
  if (!intact) return 'corrupt';
  let at = 4 + head.readUInt32LE(magic.length + SUM);
  const { fields, ...rest } = JSON.parse(Buffer.from(body.subarray(4, at)).toString('utf8')) as Omit<
    Dataset,
    'pixels' | 'fields'
  > & { readonly fields: readonly [name: string, shape: readonly number[], length: number][] };
  return {
    ...rest,
    fields: fields.map(([name, shape, length]) => {
      // A copy, for floats begin at multiples of four.
      const values = new Float32Array(body.slice(at, at + 4 * length).buffer);
      at += 4 * length;
      return { name, shape, values };
    }),
    pixels: body.subarray(at),
  };
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** In pieces: one read takes at most 2 GiB. Null if the file is shorter. */
async function readAll(file: FileHandle, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 2 ** 30), at);
    if (bytesRead === 0) return null;
    at += bytesRead;
  }
  return bytes;
}

/** Writes beside the target and renames, so that a reader sees the old file or the whole new one. */
async function writeAtomically(file: string, parts: readonly Uint8Array[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await removeLeftOvers(dirname(file));
  const partial = `${file}.${ownerName()}.${randomUUID()}.partial`;
  try {
    const opened = await open(partial, 'wx');
    try {
      for (const part of parts)
        for (let at = 0; at < part.length; at += 2 ** 30)
          await writeWhole(opened, part.subarray(at, at + 2 ** 30));
      await opened.sync();
    } finally {
      await opened.close();
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}
