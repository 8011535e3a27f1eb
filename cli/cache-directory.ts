/** @file Where prepared data is kept between runs: the XDG cache directory, or what ED2LC_CACHE names. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** null: ED2LC_CACHE=none keeps nothing. */
export function cacheDirectory(
  { ED2LC_CACHE, XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env,
): string | null {
  if (ED2LC_CACHE === 'none') return null;
  if (ED2LC_CACHE) return ED2LC_CACHE;
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'ed2lc');
}
