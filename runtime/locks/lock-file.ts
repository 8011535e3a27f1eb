/**
 * @file One process at a time does a thing: a file says who. A lock outlives a killed process; it counts only while its process is alive, or,
 * on another machine, while it shows signs of life.
 */
import { readFileSync } from 'node:fs';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from a later one of the same number; empty where the system does not say. */
  readonly process: string;
  readonly since: string;
}

export interface Lock {
  readonly release: () => Promise<void>;
}

const SIGN_OF_LIFE_MS = 15_000;
const SILENT_MS = 6 * SIGN_OF_LIFE_MS;

/** Those of this process, which may do several things at once: from before the file is written until it is gone. */
const ours = new Set<string>();

/** Undefined if another live process holds it, or this one already. Throws the file system's error. */
export async function takeLock(file: string): Promise<Lock | undefined> {
  if (ours.has(file)) return undefined;
  ours.add(file);
  const text = JSON.stringify(self());
  try {
    if (!(await write(file, text))) {
      ours.delete(file);
      return undefined;
    }
  } catch (error) {
    ours.delete(file);
    throw error;
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, SIGN_OF_LIFE_MS).unref();
  return {
    release: async () => {
      clearInterval(timer);
      if ((await read(file))?.text === text) await rm(file, { force: true }).catch(() => undefined);
      ours.delete(file);
    },
  };
}

/** False if another live process has written it. */
async function write(file: string, text: string): Promise<boolean> {
  for (;;) {
    try {
      await writeFile(file, text, { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = await read(file);
    if (!found) continue;
    // Of this process nobody else writes it now: one that is there was left behind.
    const isLeft = isSelf(found.holder) || !(await isLive(file, found));
    if (!isLeft || !(await putAside(file, found.text))) return false;
  }
}

/** Who holds it now; undefined if nobody does. */
export async function holderOf(file: string): Promise<Holder | undefined> {
  const found = await read(file);
  return found && (await isLive(file, found)) ? (found.holder ?? UNKNOWN) : undefined;
}

const UNKNOWN: Holder = { pid: 0, host: 'unknown', process: '', since: '' };

const self = (): Holder => ({
  pid: process.pid,
  host: hostname(),
  process: markOf(process.pid),
  since: new Date().toISOString(),
});

interface Found {
  readonly text: string;
  /** Undefined while it is being written, or if it was damaged. */
  readonly holder: Holder | undefined;
}

async function read(file: string): Promise<Found | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const holder = JSON.parse(text) as Holder;
    return { text, holder: typeof holder?.pid === 'number' ? holder : undefined };
  } catch {
    return { text, holder: undefined };
  }
}

async function isLive(file: string, { holder }: Found): Promise<boolean> {
  if (holder?.host === hostname()) {
    if (isSelf(holder)) return ours.has(file);
    return isAlive(holder.pid) && markOf(holder.pid) === holder.process;
  }
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < SILENT_MS;
}

const isSelf = (holder: Holder | undefined): boolean =>
  holder?.host === hostname() && holder.pid === process.pid && holder.process === markOf(process.pid);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, on Linux: boot and clock ticks since. */
function markOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stats = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start is the 20th field after it.
    return `${boot} ${stats.slice(stats.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}

/** Only the one who moves the dead lock may go on; false if it was another's, fresh one, which is put back. */
async function putAside(file: string, dead: string): Promise<boolean> {
  const aside = `${file}.${process.pid}.${Date.now()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  if ((await read(aside))?.text !== dead) {
    await rename(aside, file);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}
