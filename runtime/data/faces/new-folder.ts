/** @file A new folder, written beside its place and moved there when all is whole. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError, DataSaveError } from '../errors.js';

/**
 * @param fill writes into `partial` what is to lie in `target`; `refusals` makes the disk's errors within it a DataSaveError.
 * @throws DataError if `folder` is there and not empty. @throws DataSaveError if the disk refuses.
 */
export async function writeNewFolder<T>(
  folder: string,
  fill: (partial: string, target: string, refusals: <R>(work: () => Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  const target = resolve(folder);
  const partial = `${target}.${randomUUID()}.partial`;
  await checkEmpty(target);
  await refusals(target, () => mkdir(partial, { recursive: true }));
  try {
    const result = await fill(partial, target, (work) => refusals(target, work));
    await refusals(target, async () => {
      await mkdir(target, { recursive: true });
      for (const entry of await readdir(partial)) await rename(join(partial, entry), join(target, entry));
      await rmdir(partial);
    });
    return result;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function checkEmpty(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new DataError(
      error.code === 'ENOTDIR'
        ? `${target} is a file, or lies in one: faces need a folder`
        : `${target} cannot be opened: ${error.message}`,
    );
  });
  if (entries.length > 0)
    throw new DataError(`${target} exists already and is not empty: faces are written to a new folder only`);
}

/** The disk's refusals (full, read-only, not allowed) as one line. */
function refusals<T>(target: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    throw new DataSaveError(target, error);
  });
}
