/** @file The weights of MTCNN from a tfjs weights manifest and its shards, checked before any number is used. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataError } from '../data/errors.js';
import { PUBLISHED, tensorsOf, type Widths } from './widths.js';

/** The published files (MIT), the only ones that `ed2lc weights` installs. */
export const PUBLISHED_FILES = [
  {
    name: 'mtcnn_model-weights_manifest.json',
    bytes: 3134,
    sha256: 'fc566964c2af6733cd297ce596f0c87190e4cabcdbc90c9b7ce120ebe1897611',
  },
  {
    name: 'mtcnn_model-shard1',
    bytes: 1_983_400,
    sha256: '20f4d3ac278e42e9a079453441533ec4e79bb6bd2e7cf7bd33e34ee123d674cb',
  },
] as const;

export const MANIFEST: string = PUBLISHED_FILES[0].name;
/** Where they can be had. */
export const WEIGHTS_URL = 'https://raw.githubusercontent.com/justadudewhohacks/face-api.js/master/weights/';

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Weights {
  readonly widths: Widths;
  /** As the manifest has them: convolutions and flattened images are width-major. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** SHA-256 of all names and numbers; part of the key of what is made with them. */
  readonly hash: string;
}

/** 64 MiB: no set of these nets is larger. */
const MOST_BYTES = 2 ** 26;

/**
 * @param place the manifest, or the folder it lies in.
 * @throws DataError for files that are missing, or not what they must be.
 */
export async function readWeights(place: string, widths: Widths = PUBLISHED): Promise<Weights> {
  const found = await stat(place).catch(() => null);
  const file = found?.isDirectory() ? join(place, MANIFEST) : place;
  const text = (await readPart(file)).toString('utf8');
  const expected = tensorsOf(widths);
  const tensors = new Map<string, Tensor>();
  const hash = createHash('sha256');
  for (const { paths, weights } of groupsIn(text, file)) {
    const parts = await Promise.all(paths.map((path) => readPart(join(dirname(file), path))));
    const bytes = Buffer.concat(parts);
    let at = 0;
    for (const { name, shape } of weights) {
      const wanted = expected.get(name);
      if (wanted && wanted.join() !== shape.join())
        throw new DataError(`${file}: ${name} is [${shape.join(', ')}], and not [${wanted.join(', ')}]`);
      const size = 4 * shape.reduce((n, d) => n * d, 1);
      if (at + size > bytes.length)
        throw new DataError(`${paths.join(', ')} beside ${file} ends within ${name}: fetch it again`);
      // A copy, for floats begin at multiples of four.
      const values = new Float32Array(Uint8Array.from(bytes.subarray(at, at + size)).buffer);
      at += size;
      if (!wanted) continue;
      if (!values.every(Number.isFinite)) throw new DataError(`${file}: ${name} holds what is no number`);
      tensors.set(name, { shape, values });
      hash.update(`${name} ${shape.join()}\n`).update(new Uint8Array(values.buffer));
    }
    if (at !== bytes.length)
      throw new DataError(
        `${paths.join(', ')} beside ${file} has ${bytes.length} bytes, and not ${at}: fetch it again`,
      );
  }
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  if (missing.length > 0)
    throw new DataError(`${file} lists no ${missing.slice(0, 3).join(', ')}: it is not a manifest of MTCNN`);
  return { widths, tensors, hash: hash.digest('hex') };
}

interface Group {
  readonly paths: readonly string[];
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** @throws DataError for another format than that of tfjs, or quantised numbers. */
function groupsIn(text: string, file: string): readonly Group[] {
  let groups: unknown;
  try {
    groups = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(groups) || !groups.every(isGroup))
    throw new DataError(`${file} is not a tfjs weights manifest with numbers of type float32`);
  return groups;
}

function isGroup(group: unknown): group is Group {
  const { paths, weights } = (group ?? {}) as Record<string, unknown>;
  const isPath = (path: unknown): boolean => typeof path === 'string' && basename(path) === path;
  return Array.isArray(paths) && paths.every(isPath) && Array.isArray(weights) && weights.every(isWeight);
}

function isWeight(weight: unknown): boolean {
  const { name, shape, dtype, quantization } = (weight ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    dtype === 'float32' &&
    quantization === undefined &&
    Array.isArray(shape) &&
    shape.every((d) => Number.isInteger(d) && d > 0 && d < MOST_BYTES)
  );
}

async function readPart(file: string): Promise<Buffer> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      error.code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be opened: ${error.message}`,
    );
  });
  if (!found.isFile()) throw new DataError(`${file} is not a file`);
  if (found.size > MOST_BYTES) throw new DataError(`${file} is larger than 64 MiB: these are other weights`);
  return readFile(file);
}
