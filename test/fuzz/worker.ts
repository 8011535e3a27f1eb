/** @file The process in which fuzz cases run: one message in for each case, one out. The parent kills it when a case does not end. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../cli/failures.js';
import { KINDS } from './kinds.js';

export interface Ask {
  readonly kind: string;
  readonly seed: number;
  /** Where inputs are kept until the next case, so that they outlive this process. */
  readonly inputs: string;
}

export interface Answer {
  /** Undefined: the case held. */
  readonly fault?: string;
  /** The input was refused in the words of the command line. */
  readonly refused: boolean;
  /** Bytes in use after a collection, every now and then. */
  readonly memory?: number;
}

const MEMORY_EVERY = 200;
const scratch = mkdtempSync(join(tmpdir(), 'ed2lc-fuzz-'));
const folders = new Map<string, string>();
let cases = 0;

async function folderOf(name: string): Promise<string> {
  const known = folders.get(name);
  if (known !== undefined) return known;
  const folder = join(scratch, String(folders.size), 'work');
  mkdirSync(folder, { recursive: true });
  folders.set(name, folder);
  await KINDS.find((kind) => kind.name === name)!.prepare?.(folder);
  return folder;
}

async function answer({ kind, seed, inputs }: Ask): Promise<Answer> {
  const folder = await folderOf(kind);
  rmSync(inputs, { recursive: true, force: true });
  mkdirSync(inputs, { recursive: true });
  const keep = (name: string, input: string | Uint8Array): void => writeFileSync(join(inputs, name), input);
  try {
    await KINDS.find((k) => k.name === kind)!.run(seed, keep, folder);
    return { refused: false };
  } catch (error) {
    const fault = faultOf(error);
    return fault === undefined ? { refused: true } : { fault, refused: false };
  }
}

/** Undefined for what the command line tells in its own words: then no stack trace, and nothing of the inside, is among them. */
function faultOf(error: unknown): string | undefined {
  const { message } = failureOf(error);
  const own = message !== null && !/^(internal error|the system refused)/.test(message);
  if (own && !/\n\s+at |\bundefined\b|\[object/.test(message)) return undefined;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function memory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

process.on('message', (ask: Ask) => {
  void answer(ask).then((result) => {
    const measured = ++cases % MEMORY_EVERY === 0 ? { memory: memory() } : {};
    process.send!({ ...result, ...measured } satisfies Answer);
  });
});
process.on('disconnect', () => {
  rmSync(scratch, { recursive: true, force: true });
  process.exit();
});
