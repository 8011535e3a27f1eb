/** @file Where the weights of MTCNN are looked for, and how they come to lie there. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../data/errors.js';
import { MANIFEST, PUBLISHED_FILES, readWeights, WEIGHTS_URL, type Weights } from './weights.js';

/** The folder in the cache that `ed2lc weights` fills. */
export const installedPlace = (cacheDir: string): string => join(cacheDir, 'weights', 'mtcnn');

/** What ED2LC_MTCNN names, a folder or a manifest, else the folder in the cache; undefined: neither is there. */
export function placeOfWeights(
  cacheDir: string | null,
  { ED2LC_MTCNN }: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (ED2LC_MTCNN) return ED2LC_MTCNN;
  if (cacheDir === null) return undefined;
  const folder = installedPlace(cacheDir);
  return existsSync(join(folder, MANIFEST)) ? folder : undefined;
}

/** @throws DataError that says how to get them. */
export async function findWeights(cacheDir: string | null): Promise<Weights> {
  const place = placeOfWeights(cacheDir);
  if (place !== undefined) return readWeights(place);
  throw new DataError(
    `faces are found with the weights of MTCNN, which are not here: \`ed2lc weights\` says where to get them${
      cacheDir === null ? '; nothing is kept (ED2LC_CACHE=none), so name their folder in ED2LC_MTCNN' : ''
    }`,
  );
}

/**
 * Copies the published files from a folder into the cache, if they are these, byte for byte.
 * @returns the folder they are in now.
 * @throws DataError for other files.
 */
export async function installWeights(from: string, cacheDir: string): Promise<string> {
  const given = await stat(from).catch(() => null);
  if (!given?.isDirectory()) throw new DataError(`there is no folder ${from}`);
  const files: { name: string; content: Buffer }[] = [];
  for (const { name, bytes, sha256 } of PUBLISHED_FILES) {
    const content = await readFile(join(from, name)).catch((error: NodeJS.ErrnoException) => {
      throw new DataError(
        error.code === 'ENOENT'
          ? `there is no ${name} in ${from}: it is at ${WEIGHTS_URL}${name}`
          : `${join(from, name)} cannot be read: ${error.message}`,
      );
    });
    if (content.length !== bytes)
      throw new DataError(
        `${join(from, name)} has ${content.length} bytes, and not ${bytes}: fetch it again from ${WEIGHTS_URL}${name}`,
      );
    if (createHash('sha256').update(content).digest('hex') !== sha256)
      throw new DataError(
        `${join(from, name)} is not the published file (its SHA-256 is not ${sha256}): fetch it again, or set ED2LC_MTCNN to the folder to use other weights of the same shapes`,
      );
    files.push({ name, content });
  }
  await readWeights(from);
  const folder = installedPlace(cacheDir);
  await mkdir(folder, { recursive: true });
  // The manifest comes last: with it, the weights are there.
  for (const { name, content } of files.toReversed()) {
    const partial = join(folder, `${name}.${randomUUID()}.partial`);
    try {
      await writeFile(partial, content);
      await rename(partial, join(folder, name));
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }
  return folder;
}
