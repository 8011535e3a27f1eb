/**
 * @file Parameters as a safetensors file: 8 bytes with the length of a JSON header, the header (name → dtype, shape, offsets), the data
 * (https://github.com/huggingface/safetensors). Written beside the target and renamed, so that no reader meets half a file; with a hash
 * among its metadata, so that a damaged one is known.
 */
import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { ParameterFileError, ParameterSaveError } from './errors.js';
import type { Parameters, Stored } from './initialise.js';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Entries = Readonly<Record<string, Entry>>;

/** Texts beside the tensors. */
export type Metadata = Readonly<Record<string, string>>;

interface Header {
  readonly entries: Entries;
  readonly metadata: Metadata;
  /** Of files that this project wrote. */
  readonly sha256?: string;
}

export interface TensorFile {
  readonly tensors: Parameters;
  readonly metadata: Metadata;
  /** The file has a hash, and is what was written. */
  readonly verified: boolean;
}

function hashOf(entries: Entries, metadata: Metadata, data: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify(entries));
  if (Object.keys(metadata).length > 0) hash.update(JSON.stringify(metadata));
  for (const part of data) hash.update(part);
  return hash.digest('hex');
}

/** What is there already is replaced in one moment. Throws ParameterSaveError, and then nothing has changed. */
export async function saveParameters(
  path: string,
  parameters: Parameters,
  metadata: Metadata = {},
): Promise<void> {
  const entries: Record<string, Entry> = {};
  let offset = 0;
  for (const [name, { shape, data }] of parameters) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const parts = [...parameters.values()].map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  const hash = { sha256: hashOf(entries, metadata, parts) };
  const text = JSON.stringify({ __metadata__: { ...metadata, ...hash }, ...entries });
  // The data starts at a multiple of eight, as the format asks.
  const json = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const temporary = `${path}.${process.pid}.part`;
  try {
    const file = await open(temporary, 'w');
    try {
      // Each as a whole or with an error, while `write` may take a part in silence.
      for (const part of [length, json, ...parts]) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new ParameterSaveError(`${path} could not be written: ${(error as Error).message}`);
  }
}

/** Throws ParameterFileError. */
export const loadParameters = async (path: string): Promise<Parameters> => (await loadTensors(path)).tensors;

/** The texts alone, without a look at the numbers. Throws ParameterFileError. */
export async function loadMetadata(path: string): Promise<Metadata> {
  const damaged = damageOf(path);
  const file = await open(path).catch(unreadable(path));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const { size } = await file.stat();
    if (bytesRead < 8) damaged('it has fewer than 8 bytes');
    const length = Number(buffer.readBigUInt64LE(0));
    if (length > size - 8) damaged('it ends within its header');
    const header = await file.read(Buffer.alloc(length), 0, length, 8);
    return readHeader(header.buffer.toString('utf8'), damaged).metadata;
  } finally {
    await file.close();
  }
}

/** Throws ParameterFileError. */
export async function loadTensors(path: string): Promise<TensorFile> {
  const damaged = damageOf(path);
  const bytes = await readFile(path).catch(unreadable(path));
  if (bytes.length < 8) damaged('it has fewer than 8 bytes');
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) damaged('it ends within its header');
  const { entries, metadata, sha256 } = readHeader(
    bytes.subarray(8, 8 + headerLength).toString('utf8'),
    damaged,
  );
  const data = bytes.subarray(8 + headerLength);
  checkPlaces(entries, data.length, damaged);
  if (sha256 !== undefined && sha256 !== hashOf(entries, metadata, [data]))
    damaged('its bytes are not those that were written');
  const tensors = new Map(
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
  return { tensors, metadata, verified: sha256 !== undefined };
}

type Damaged = (why: string) => never;

const damageOf =
  (path: string): Damaged =>
  (why) => {
    throw new ParameterFileError(`${path} is not a whole parameter file: ${why}`);
  };

const unreadable =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw new ParameterFileError(
      error.code === 'ENOENT' ? `there is no file ${path}` : `${path} could not be read: ${error.message}`,
    );
  };

function readHeader(text: string, damaged: Damaged): Header {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return damaged('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return damaged('its header is not a table of tensors');
  const { __metadata__: about = {}, ...entries } = header as Record<string, unknown>;
  const wrong = Object.entries(entries).find(([, entry]) => !isEntry(entry));
  if (wrong) damaged(`${wrong[0]} has no type, shape or place`);
  const { sha256, ...metadata } = (about ?? {}) as Record<string, string>;
  return { entries: entries as Entries, metadata, ...(sha256 !== undefined && { sha256 }) };
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
