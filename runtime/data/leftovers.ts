/** @file Who is at work in a folder that processes share, and what the dead ones left there. */
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** This process, in the names of its files: host and process id. */
export const ownerName = (): string => `${host}-${process.pid}`;
const host = hostname().replace(/[^A-Za-z0-9]/g, '');

/** Nobody prepares data for longer without touching a file. */
const FORGOTTEN = 24 * 60 * 60 * 1000;

/** False if the owner is a process of this host that has ended; true if it lives, or cannot be asked. */
function lives(owner: string): boolean {
  const [, where, id] = /^(.*)-(\d+)$/.exec(owner) ?? [];
  if (where !== host) return true;
  try {
    process.kill(Number(id), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether a file of that name was being written by a process that has ended. */
export function isLeftOver(name: string): boolean {
  const [, owner] = /\.data\.(.+)\.[^.]+\.partial$/.exec(name) ?? [];
  return name.endsWith('.partial') && !lives(owner ?? '');
}

/** Removes `.partial` files of processes that ended while writing; what cannot be removed stays. */
export async function removeLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.partial')) continue;
    const file = join(folder, name);
    const state = await stat(file).catch(() => null);
    if (!state) continue;
    if (isLeftOver(name) || Date.now() - state.mtimeMs > FORGOTTEN)
      await rm(file, { force: true }).catch(() => {});
  }
}
