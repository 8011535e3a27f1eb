/** @file One process at a time makes a prepared data set; the others wait for it rather than do the same work. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../locks/lock-file.js';

const LOOK_MS = 100;

/**
 * Calls `work` when nobody else holds the lock. Where no lock can be made (a read-only folder) it is called at once: two may then do
 * the same, and either result is good.
 * @param onWait called once if another is at it.
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true }).catch(() => undefined);
  for (let waited = false; ; waited = true) {
    const lock = await takeLock(file).catch(() => 'impossible' as const);
    if (lock === 'impossible') return work();
    if (lock) return work().finally(lock.release);
    if (!waited) onWait();
    await sleep(LOOK_MS);
  }
}
