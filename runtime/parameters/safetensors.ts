/**
 * @file Parameters as a safetensors file: 8 bytes with the length of a JSON header, the header (name → dtype, shape, offsets), the data
 * (https://github.com/huggingface/safetensors). Written beside the target and renamed, so that no reader meets half a file; with a hash
 * among its metadata, so that a damaged one is known.
 */
import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { Parameters, Stored } from './initialise.js';

/** The file is missing, cut off, or not what it should be. */
export class ParameterFileError extends Error {}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Entries = Readonly<Record<string, Entry>>;

interface Header {
  readonly entries: Entries;
  /** Of files that this project wrote. */
  readonly sha256?: string;
}

function hashOf(entries: Entries, data: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify(entries));
  for (const part of data) hash.update(part);
  return hash.digest('hex');
}

/** Throws ParameterFileError when the disk refuses. */
export async function saveParameters(path: string, parameters: Parameters): Promise<void> {
  const entries: Record<string, Entry> = {};
  let offset = 0;
  for (const [name, { shape, data }] of parameters) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const parts = [...parameters.values()].map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  const text = JSON.stringify({ __metadata__: { sha256: hashOf(entries, parts) }, ...entries });
  // The data starts at a multiple of eight, as the format asks.
  const json = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const temporary = `${path}.${process.pid}.part`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writev([length, json, ...parts]);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new ParameterFileError(`${path} could not be written: ${(error as Error).message}`);
  }
}

/** Throws ParameterFileError. */
export async function loadParameters(path: string): Promise<Parameters> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new ParameterFileError(
      error.code === 'ENOENT' ? `there is no file ${path}` : `${path} could not be read: ${error.message}`,
    );
  });
  const damaged = (why: string): never => {
    throw new ParameterFileError(`${path} is not a whole parameter file: ${why}`);
  };
  if (bytes.length < 8) damaged('it has fewer than 8 bytes');
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) damaged('it ends within its header');
  const { entries, sha256 } = readHeader(bytes.subarray(8, 8 + headerLength).toString('utf8'), damaged);
  const data = bytes.subarray(8 + headerLength);
  checkPlaces(entries, data.length, damaged);
  if (sha256 !== undefined && sha256 !== hashOf(entries, [data]))
    damaged('its bytes are not those that were written');
  return new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]): [string, Stored] => [
        name,
        // A copy: the bytes of a file need not lie at a multiple of four.
        { shape, data: new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer) },
      ],
    ),
  );
}

type Damaged = (why: string) => never;

function readHeader(text: string, damaged: Damaged): Header {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return damaged('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return damaged('its header is not a table of tensors');
  const { __metadata__: metadata, ...entries } = header as Record<string, unknown>;
  const wrong = Object.entries(entries).find(([, entry]) => !isEntry(entry));
  if (wrong) damaged(`${wrong[0]} has no type, shape or place`);
  const sha256 = (metadata as { sha256?: string } | undefined)?.sha256;
  return { entries: entries as Entries, ...(sha256 !== undefined && { sha256 }) };
}

function isEntry(value: unknown): value is Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  const counts = (list: unknown): boolean =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  return typeof dtype === 'string' && counts(shape) && counts(offsets) && offsets!.length === 2;
}

/** The tensors follow each other without gaps, to the last byte. */
function checkPlaces(entries: Entries, length: number, damaged: Damaged): void {
  let end = 0;
  const inOrder = Object.entries(entries).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of inOrder) {
    if (dtype !== 'F32') damaged(`${name} has the type ${dtype}, not F32`);
    const size = 4 * shape.reduce((n, d) => n * d, 1);
    if (to - from !== size) damaged(`${name} has ${to - from} bytes for [${shape.join(', ')}]`);
    if (from !== end) damaged(`${name} does not begin where the tensor before it ends`);
    end = to;
  }
  if (end > length) damaged(`${length} of ${end} bytes of numbers are there`);
  if (end < length) damaged(`${length - end} bytes belong to no tensor`);
}
