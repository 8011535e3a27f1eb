/** @file Paths as a spec writes them: with environment variables, relative to where the spec is run. */
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { Stats } from 'node:fs';
import { DataError } from './errors.js';

/** Replaces `$NAME` and `${NAME}` by environment variables. @throws DataError for one that is not set. */
export function expandVariables(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  return path.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_, braced: string | undefined, plain: string | undefined) => {
      const name = (braced ?? plain)!;
      const value = environment[name];
      if (!value) throw new DataError(`"${path}" needs the environment variable ${name}, which is not set`);
      return value;
    },
  );
}

export interface Found {
  /** Absolute. */
  readonly path: string;
  readonly stats: Stats;
}

/** What lies at a path of a spec. @param what `folder`, for messages. @throws DataError if nothing does, or it cannot be opened. */
export async function findPath(path: string, baseDir: string, what: string): Promise<Found> {
  const expanded = expandVariables(path);
  const absolute = isAbsolute(expanded) ? expanded : resolve(baseDir, expanded);
  const written = expanded === path ? '' : ` (from "${path}")`;
  const stats = await stat(absolute).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      error.code === 'ENOENT'
        ? `there is no ${what} ${absolute}${written}`
        : `the ${what} ${absolute}${written} cannot be opened: ${error.message}`,
    );
  });
  return { path: absolute, stats };
}

/** The same for a file. */
export async function findFile(path: string, baseDir: string, what: string): Promise<Found> {
  const found = await findPath(path, baseDir, what);
  // Reading a pipe would wait for ever.
  if (!found.stats.isFile()) throw new DataError(`the ${what} ${found.path} is not a file`);
  return found;
}

/** @throws DataError if a file is no longer what it was when it was found. */
export async function checkUnchanged({ path, stats }: Found): Promise<void> {
  const now = await stat(path).catch(() => null);
  if (!now || now.size !== stats.size || now.mtimeMs !== stats.mtimeMs)
    throw new DataError(`${path} changed while it was read: start again when nothing writes to it`);
}
