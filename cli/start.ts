#!/usr/bin/env node
/** @file The published executable: loads the program, which cli/build/bundle.ts made one file, with the code that V8 compiled for the same command last time. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { cacheDirectory } from './cache-directory.js';
import { keepDebuggerClosed } from './interrupt.js';

/** Of the program; filled in where that is made. */
declare const PROGRAM_HASH: string;

/** In milliseconds: by then a long command has loaded what it needs, and V8 has not yet dropped it. */
const SETTLED = 10_000;

/** Folders of code, of this program and others. */
const OURS = /^[0-9a-f]{16}-v\d+\.\d+\.\d+[\w.-]*$/;

keepDebuggerClosed();
const program = fileURLToPath(new URL('../bin/program.cjs', import.meta.url));
const kept = placeOfCode();
const cachedData = kept === null ? undefined : readCode(kept);
const script = new Script(`(function (require, __dirname) {${readFileSync(program, 'utf8')}\n})`, {
  filename: program,
  ...(cachedData && { cachedData }),
});
if (kept !== null && (!cachedData || script.cachedDataRejected)) {
  const keep = onlyOnce(() => keepCode(kept, script.createCachedData()));
  setTimeout(keep, SETTLED).unref();
  process.once('exit', (exit) => exit === 0 && keep());
}
const run = script.runInThisContext() as (require: NodeJS.Require, directory: string) => void;
run(createRequire(program), dirname(program));

/** One file for each command, so that none pays for the others; null: nothing is kept. */
function placeOfCode(): string | null {
  const cache = cacheDirectory();
  if (cache === null) return null;
  const command = /^[a-z]+$/.exec(process.argv[2] ?? '')?.[0] ?? 'none';
  return join(cache, 'compiled-code', `${PROGRAM_HASH}-${process.version}-${process.arch}`, command);
}

/** undefined: there is none, or it is damaged, or it could have been put there by somebody else. V8 itself checks version and flags, but not the content. */
function readCode(file: string): Buffer | undefined {
  try {
    const { uid, mode } = statSync(file);
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined;
    const content = readFileSync(file);
    const code = content.subarray(4);
    return content.readInt32LE(0) === checksum(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Written whole or not at all; that of older programs goes. It only saves time: a failure is no matter. */
function keepCode(file: string, code: Buffer): void {
  const folder = dirname(file);
  const fresh = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    const sum = Buffer.alloc(4);
    sum.writeInt32LE(checksum(code));
    writeFileSync(fresh, Buffer.concat([sum, code]), { mode: 0o600 });
    renameSync(fresh, file);
    for (const name of readdirSync(dirname(folder)))
      if (OURS.test(name) && name !== basename(folder))
        rmSync(join(dirname(folder), name), { recursive: true, force: true });
  } catch {
    if (existsSync(fresh)) rmSync(fresh);
  }
}

/** FNV-1a over words of 32 bits, and the bytes that are left. */
function checksum(bytes: Buffer): number {
  const whole = bytes.length >> 2;
  const words = new Int32Array(new Uint8Array(bytes.subarray(0, whole * 4)).buffer);
  let sum = 0x811c9dc5;
  for (let i = 0; i < whole; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  for (const byte of bytes.subarray(whole * 4)) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum | 0;
}

function onlyOnce(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
