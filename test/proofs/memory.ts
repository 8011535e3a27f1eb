/**
 * @file `npm run prove:memory -- --engine wasm|onednn`: 10 000 steps of the quick ED²L on wasm, or 2 000 on onednn, as `ed2lc run` does them, in a process
 * of their own that must keep its memory flat and end by itself. Writes the engine's part of docs/proofs/memory.md.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../../cli/cache-directory.js';
import type { OneDnnBackend } from '../../runtime/engines/onednn/backend.js';
import { check, compile, fileReader, openEngine, runExperiment, type Engine } from '../../runtime/index.js';
import { thisMachine } from './machine.js';

const MIB = 2 ** 20;
const PAGE = 'docs/proofs/memory.md';
/** After its last line a process with nothing to wait for is gone. */
const EXIT_SECONDS = 10;
/** The last line of the training. */
const DONE = 'done';

type Name = 'wasm' | 'onednn';

interface Proof {
  readonly steps: number;
  /** Epochs enough for the steps; the last one is finished. */
  readonly epochs: number;
  /** Steps between two looks. */
  readonly every: number;
  /** Buffers grow to their size, code is compiled: not looked at. */
  readonly warmUp: number;
  /** Of the engine's own; all else is counted for each. Counts, or bytes. */
  readonly own: (engine: Engine) => Readonly<Record<string, number>>;
}

const PROOFS: Readonly<Record<Name, Proof>> = {
  wasm: {
    steps: 10_000,
    epochs: 130,
    every: 100,
    warmUp: 1000,
    own: ({ backend }) => {
      const { wasm } = backend.backend as unknown as { wasm: { HEAPU8: Uint8Array } };
      return { 'linear memory': wasm.HEAPU8.buffer.byteLength };
    },
  },
  onednn: {
    steps: 2000,
    epochs: 26,
    every: 20,
    warmUp: 400,
    own: ({ backend }) => {
      const { arena, preparations } = backend.backend as OneDnnBackend;
      const { used, taken } = arena.memory;
      return { 'arena, in use': used, 'arena, taken': taken, 'prepared primitives': preparations };
    },
  },
};

/**
 * What may grow, as a fitted line, over all steps: the heap by what compiled code and the counts of epochs take; the process by what its
 * allocators do not give back. Nothing of the engine's.
 */
const TOLERATED: Readonly<Record<string, number>> = { heap: 1 * MIB, rss: 16 * MIB };
const COUNTS = ['tensors', 'prepared primitives'];

/** One look: the step, and each measure by name. */
type Look = Readonly<Record<string, number>>;

const { values, positionals } = parseArgs({
  options: { engine: { type: 'string', default: 'wasm' } },
  allowPositionals: true,
});
const name = values.engine as Name;
const proof = PROOFS[name];
if (!proof) throw new Error('--engine wasm or onednn');
if (positionals[0] === 'train') await train();
else await prove();

async function train(): Promise<void> {
  const { experiments } = check('specs/quick.ed2l', { reader: fileReader(), set: {} });
  const bound = experiments[0]!;
  const { stages } = compile(bound.model);
  const engine = await openEngine(name, { threads: 1 });
  const runs = mkdtempSync(join(tmpdir(), 'ed2lc-memory-'));
  const look = (step: number): void => {
    globalThis.gc!();
    const { heapUsed, external, rss } = process.memoryUsage();
    const { tensors, bytes } = engine.memory();
    // After a full collection, with the buffers that JavaScript owns.
    const seen: Look = { step, tensors, bytes, ...proof.own(engine), heap: heapUsed + external, rss };
    process.stdout.write(`${JSON.stringify(seen)}\n`);
  };
  await runExperiment({
    bound,
    stages: stages.map((s) => ({ ...s, stage: { ...s.stage, epochs: proof.epochs } })),
    engine,
    runs,
    cacheDir: cacheDirectory(),
    baseDir: '.',
    on: {
      iteration: ({ iteration }) => {
        if ((iteration + 1) % proof.every === 0) look(iteration + 1);
      },
    },
  });
  engine.close();
  rmSync(runs, { recursive: true });
  process.stdout.write(`${DONE}\n`);
}

async function prove(): Promise<void> {
  const { steps: wanted, every, warmUp } = proof;
  const started = performance.now();
  const file = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, ['--expose-gc', file, 'train', '--engine', name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((done) => child.on('exit', done));
  const looks: Look[] = [];
  let ended = Infinity;
  for await (const line of createInterface(child.stdout)) {
    if (line === DONE) {
      ended = performance.now();
      setTimeout(() => child.kill('SIGKILL'), EXIT_SECONDS * 1000).unref();
    } else {
      looks.push(JSON.parse(line) as Look);
      process.stderr.write(`${line}\n`);
    }
  }
  const exit = await exited;
  const waited = (performance.now() - ended) / 1000;
  const settled = looks.filter(({ step }) => step! > warmUp);
  const steps = looks.at(-1)?.['step'] ?? 0;
  const measures = Object.keys(looks[0] ?? {}).filter((measure) => measure !== 'step');
  const rows = measures.map((measure) => rowOf(measure, settled));
  const flat = rows.every(({ ok }) => ok);
  const whole = exit === 0 && steps >= wanted;
  const minutes = (performance.now() - started) / 60_000;
  const part = `
${thisMachine()}: ${steps} steps in ${minutes.toFixed(0)} minutes, a look every ${every} steps, the line from step ${warmUp} on.

| | first | last | least | most | fitted growth in ${wanted} steps | tolerated | |
|---|---|---|---|---|---|---|---|
${rows.map(({ text }) => text).join('\n')}

${exit === 0 ? `The process ended by itself, ${waited.toFixed(2)} s after its last line.` : `The process did not end by itself (exit ${exit}).`}
`;
  writeFileSync(PAGE, pageWith(part));
  process.stderr.write(`${flat && whole ? 'flat' : 'NOT flat, or not whole'}: ${PAGE}\n`);
  if (!flat || !whole) process.exitCode = 1;
}

/** The page with this engine's part in place of the one that it has; parts of other engines stay. */
function pageWith(part: string): string {
  const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const parts = new Map(
    before
      .split(/^## /m)
      .slice(1)
      .map((text): [string, string] => {
        const end = text.indexOf('\n');
        return [text.slice(0, end), text.slice(end + 1).trimEnd()];
      }),
  ).set(name, part.trimEnd());
  return `# Flat memory

\`npm run prove:memory -- --engine wasm\` (or \`onednn\`) trains the quick ED²L on one thread as \`ed2lc run\` does, with metrics and the
rest, looks at all memory every so many steps after a full garbage collection, and fits a line to each measure. More growth than
tolerated, or a process that does not end by itself, is a failure.
${[...parts].map(([engine, text]) => `\n## ${engine}\n${text}\n`).join('')}`;
}

function rowOf(measure: string, looks: readonly Look[]): { readonly text: string; readonly ok: boolean } {
  const seen = looks.map((look) => look[measure]!);
  const growth =
    slope(
      looks.map(({ step }) => step!),
      seen,
    ) * proof.steps;
  const tolerated = TOLERATED[measure] ?? 0;
  const ok = growth <= tolerated;
  const shown = (value: number): string =>
    COUNTS.includes(measure) ? String(Math.round(value)) : `${(value / MIB).toFixed(2)} MiB`;
  const cells = [seen[0]!, seen.at(-1)!, Math.min(...seen), Math.max(...seen), growth, tolerated];
  return { text: `| ${measure} | ${cells.map(shown).join(' | ')} | ${ok ? 'flat' : 'GROWS'} |`, ok };
}

/** Of the line of least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((s, v) => s + v, 0) / of.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0);
  return product / x.reduce((s, v) => s + (v - mx) ** 2, 0);
}
