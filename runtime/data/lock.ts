/** @file One process at a time makes a prepared data set; the others wait for it rather than do the same work. */
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lives, ownerName } from './leftovers.js';

/** The owner shows that it lives every few seconds; who has not for half a minute is gone. */
const BEAT = 5_000;
const SILENT = 30_000;
const LOOK = 100;

/**
 * Calls `work` when no other process holds the lock. Where no lock can be made (a read-only folder) it is called at once: two may then do
 * the same, and either result is good.
 * @param onWait called once if another process is at it.
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  for (let waited = false; ;) {
    const taken = await take(file);
    if (taken !== 'held') {
      if (taken === 'impossible') return work();
      const beat = setInterval(() => void touch(file), BEAT).unref();
      try {
        return await work();
      } finally {
        clearInterval(beat);
        await rm(file, { force: true }).catch(() => undefined);
      }
    }
    if (!waited) onWait();
    waited = true;
    await sleep(LOOK);
  }
}

async function take(file: string): Promise<'taken' | 'held' | 'impossible'> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const opened = await open(file, 'wx');
    await opened.writeFile(ownerName()).finally(() => opened.close());
    return 'taken';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return 'impossible';
  }
  if (await isAbandoned(file)) await rm(file, { force: true }).catch(() => undefined);
  return 'held';
}

async function isAbandoned(file: string): Promise<boolean> {
  const state = await stat(file).catch(() => null);
  // Just given back.
  if (!state) return false;
  const owner = await readFile(file, 'utf8').catch(() => '');
  return (owner !== '' && !lives(owner)) || Date.now() - state.mtimeMs > SILENT;
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}
