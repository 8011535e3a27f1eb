/** @file Where ed2lc writes: can it, how much room is there, and what the cache holds. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isLeftOver } from '../../runtime/data/leftovers.js';
import { inShell } from '../shell-words.js';
import { size } from '../../runtime/engines/size.js';
import { ok, problem, warning, type Finding } from './finding.js';

const [GIB, MIB] = [2 ** 30, 2 ** 20];

/** `remedy`: how to write elsewhere. */
export function place(about: string, path: string, remedy: string): Finding {
  const there = firstThere(resolve(path));
  const missing = there === resolve(path) ? '' : ', not there yet';
  try {
    if (!statSync(there).isDirectory()) return problem(about, `${there} is a file`, remedy);
    accessSync(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(there);
    return room(about, `${path}${missing}`, bavail * bsize, remedy);
  } catch (error) {
    return problem(about, (error as Error).message, remedy);
  }
}

/** `free`: bytes. */
export function room(about: string, what: string, free: number, remedy: string): Finding {
  const found = `${what}: writable, ${size(free)} free`;
  if (free >= GIB) return ok(about, found);
  const advice = `free some space, or ${remedy}`;
  return free < 50 * MIB ? problem(about, found, advice) : warning(about, found, advice);
}

function firstThere(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : firstThere(dirname(path));
}

/** How much there is, and what processes left unfinished that were killed. */
export function cached(folder: string): Finding {
  const about = 'cached';
  let files: { path: string; bytes: number }[];
  try {
    files = readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, bytes: statSync(path).size }));
  } catch (error) {
    // A cache that cannot be written has its own line.
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? ok(about, 'nothing')
      : warning(about, message, `rm -r ${inShell(folder)}`);
  }
  const total = (some: typeof files): string => size(some.reduce((sum, { bytes }) => sum + bytes, 0));
  const sets = files.filter(({ path }) => path.endsWith('.data')).length;
  const found = `${sets} prepared data set${sets === 1 ? '' : 's'}, ${total(files)} in all`;
  const left = files.filter(({ path }) => isLeftOver(basename(path)));
  if (left.length === 0) return ok(about, found);
  return warning(
    about,
    `${found}, ${total(left)} of it in ${left.length} unfinished file${left.length === 1 ? '' : 's'} of processes that were killed`,
    `rm ${left.map(({ path }) => inShell(path)).join(' ')}`,
  );
}
