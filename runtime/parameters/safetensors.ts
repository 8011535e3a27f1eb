/**
 * @file Parameters as a safetensors file: 8 bytes with the length of a JSON header, the header (name → dtype, shape, offsets), the data
 * (https://github.com/huggingface/safetensors). Written beside the target and renamed, so that no reader meets half a file.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { Parameters, Stored } from './initialise.js';

/** The file is missing, cut off, or not what it should be. */
export class ParameterFileError extends Error {}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Throws ParameterFileError when the disk refuses. */
export async function saveParameters(path: string, parameters: Parameters): Promise<void> {
  const header: Record<string, Entry> = {};
  let offset = 0;
  for (const [name, { shape, data }] of parameters) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const text = JSON.stringify(header);
  // The data starts at a multiple of eight, as the format asks.
  const json = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const temporary = `${path}.${process.pid}.part`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writev([
        length,
        json,
        ...[...parameters.values()].map(
          ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        ),
      ]);
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
  const header = readHeader(bytes.subarray(8, 8 + headerLength).toString('utf8'), damaged);
  const data = bytes.subarray(8 + headerLength);
  const result = new Map<string, Stored>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = offsets;
    const size = shape.reduce((n, d) => n * d, 1);
    if (dtype !== 'F32') damaged(`${name} has the type ${dtype}, not F32`);
    if (to - from !== 4 * size) damaged(`${name} has ${to - from} bytes for [${shape.join(', ')}]`);
    if (to > data.length) damaged(`it ends within ${name}`);
    // A copy: the bytes of a file need not lie at a multiple of four.
    result.set(name, { shape, data: new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer) });
  }
  return result;
}

function readHeader(text: string, damaged: (why: string) => never): Readonly<Record<string, Entry>> {
  try {
    const header = JSON.parse(text) as Record<string, Entry>;
    const sound = Object.entries(header).every(
      ([name, e]) => name === '__metadata__' || (Array.isArray(e.shape) && e.data_offsets?.length === 2),
    );
    return sound ? header : damaged('an entry of its header has no shape or place');
  } catch {
    return damaged('its header is not JSON');
  }
}
