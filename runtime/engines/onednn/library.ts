/** @file Finds the system's oneDNN library, loads it once, and keeps it loaded. */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type koffi from 'koffi';
import { EngineError, PackageMissingError } from '../errors.js';

type Koffi = typeof koffi;

/** A function of the library; pointers go in as bigints or as the memory they point to. */
export type NativeFunction = (...values: readonly unknown[]) => unknown;

export interface Library {
  /** As it was asked for: a name that the system resolves, or a path. */
  readonly name: string;
  readonly version: readonly [major: number, minor: number, patch: number];
  readonly bind: (name: string, result: string, parameters: readonly string[]) => NativeFunction;
  readonly addressOf: (memory: ArrayBufferView) => bigint;
  readonly textAt: (pointer: bigint) => string;
  /** A copy. */
  readonly bytesAt: (pointer: bigint, count: number) => Uint8Array;
}

/** Environment variable with the path of the library, or of the folder that holds it. */
export const PATH_VARIABLE = 'ED2LC_ONEDNN';

/** The 2.x series first: it has Winograd convolutions. Debian and Ubuntu put the minor version of 3.x into the name. */
const NAMES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    'libdnnl.so.2',
    'libdnnl.so.3',
    ...Array.from({ length: 20 }, (_, i) => `libdnnl.so.3.${20 - i}`),
    'libdnnl.so',
  ],
  darwin: ['libdnnl.2.dylib', 'libdnnl.3.dylib', 'libdnnl.dylib'].flatMap((name) => [
    name,
    `/opt/homebrew/lib/${name}`,
    `/usr/local/lib/${name}`,
  ]),
  win32: ['dnnl.dll'],
};

let opened: Library | undefined;

/**
 * `threads` is given to the library's OpenMP runtime, which reads its environment once; it counts for the first call only.
 * Throws EngineError if there is no usable library.
 */
export function openLibrary(threads: number): Library {
  opened ??= load(threads);
  return opened;
}

function load(threads: number): Library {
  const ffi = loadKoffi();
  const names = candidates();
  const reasons: string[] = [];
  for (const name of names) {
    try {
      return withOpenMp(threads, () => bindLibrary(ffi, name));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      reasons.push((error as Error).message.replace('Failed to load shared library: ', ''));
    }
  }
  const given = process.env[PATH_VARIABLE];
  throw new EngineError(
    given === undefined || given === ''
      ? `the onednn engine needs the oneDNN library, and the system has none (looked for ${names.slice(0, 2).join(', ')} and others)`
      : `${PATH_VARIABLE} is ${given}, and there is no oneDNN library: ${reasons[0] ?? `that folder holds no ${NAMES[process.platform]?.[0]} and the like`}`,
  );
}

function loadKoffi(): Koffi {
  try {
    // Not `import`: the executable's one file cannot import packages while it runs, and other commands do without.
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new PackageMissingError(
      `the onednn engine needs the package koffi, which cannot be loaded (${reason})`,
      'npm install --include=optional koffi@3.3.4',
    );
  }
}

function candidates(): readonly string[] {
  const names = NAMES[process.platform] ?? [];
  const given = process.env[PATH_VARIABLE];
  if (given === undefined || given === '') return names;
  // A name alone is the system's to find.
  if (!existsSync(given)) return [given];
  if (!statSync(given).isDirectory()) return [resolve(given)];
  return names.map((name) => resolve(given, name)).filter((path) => existsSync(path));
}

function bindLibrary(ffi: Koffi, name: string): Library {
  const handle = ffi.load(name);
  const bind: Library['bind'] = (symbol, result, parameters) =>
    handle.func(symbol, result, [...parameters]) as unknown as NativeFunction;
  const version = bind('dnnl_version', 'void *', [])() as bigint;
  const [major, minor, patch] = ffi.decode(version, 'int', 3) as number[];
  if (major !== 2 && major !== 3)
    throw new EngineError(`${name} is oneDNN ${major}.${minor}; the onednn engine speaks 2.x and 3.x`);
  pin(ffi, name);
  return {
    name,
    version: [major, minor!, patch!],
    bind,
    addressOf: (memory) => ffi.address(memory) as bigint,
    textAt: (pointer) => ffi.decode(pointer, 'char', -1) as string,
    bytesAt: (pointer, count) => Uint8Array.from(ffi.decode(pointer, 'uint8_t', count) as ArrayLike<number>),
  };
}

/** Its threads may still run when the process ends: unmapping their code then would be a crash after all work is done. */
function pin(ffi: Koffi, name: string): void {
  if (process.platform === 'win32') return;
  const [now, keep, noload] = process.platform === 'darwin' ? [2, 0x80, 0x10] : [2, 0x1000, 4];
  const system = ffi.load(process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6');
  let dlopen;
  try {
    dlopen = system.func('dlopen', 'void *', ['const char *', 'int']);
  } catch {
    dlopen = ffi.load('libdl.so.2').func('dlopen', 'void *', ['const char *', 'int']);
  }
  dlopen(name, now | keep);
  dlopen('libgomp.so.1', now | keep | noload);
}

/**
 * Threads that wait for work by spinning slow a step tenfold as soon as another process wants their core, and threads that sleep
 * at once take some 10 µs longer to begin each primitive. So they spin for a few µs, unless the user says otherwise.
 * Read by the OpenMP runtimes of GNU and Intel when they are loaded, and put back for child processes.
 */
function withOpenMp<T>(threads: number, work: () => T): T {
  const wanted: Record<string, string> = { OMP_NUM_THREADS: String(threads) };
  if (['OMP_WAIT_POLICY', 'GOMP_SPINCOUNT', 'KMP_BLOCKTIME'].every((name) => process.env[name] === undefined))
    Object.assign(wanted, { GOMP_SPINCOUNT: '2000', KMP_BLOCKTIME: '0' });
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, wanted);
  try {
    return work();
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}
