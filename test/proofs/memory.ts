/**
 * @file `npm run prove:memory`: 10 000 steps of the quick ED²L on wasm, as `ed2lc run` does them, in a process of their own that must keep its
 * memory flat and end by itself. Writes docs/proofs/memory.md.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../cli/cache-directory.js';
import { check, compile, fileReader, openEngine, runExperiment } from '../../runtime/index.js';
import { thisMachine } from './machine.js';

const STEPS = 10_000;
/** Steps between two looks. */
const EVERY = 100;
/** Buffers grow to their size, code is compiled: not looked at. */
const WARM_UP = 1000;
/** After its last line a process with nothing to wait for is gone. */
const EXIT_SECONDS = 10;
const MIB = 2 ** 20;
/** The last line of the training. */
const DONE = 'done';

interface Look {
  readonly step: number;
  /** Alive on the engine. */
  readonly tensors: number;
  readonly bytes: number;
  /** Linear memory of the wasm module. */
  readonly wasm: number;
  /** After a full collection, with the buffers that JavaScript owns. */
  readonly heap: number;
  readonly rss: number;
}

type Measure = Exclude<keyof Look, 'step'>;
const MEASURES = ['tensors', 'bytes', 'wasm', 'heap', 'rss'] as const;

/** What may grow, as a fitted line, over 10 000 steps: nothing of the engine's; the heap by what compiled code and the counts of epochs take; the process by what its allocators do not give back. */
const TOLERATED: Readonly<Record<Measure, number>> = {
  tensors: 0,
  bytes: 0,
  wasm: 0,
  heap: 1 * MIB,
  rss: 16 * MIB,
};

if (process.argv[2] === 'train') await train();
else await prove();

async function train(): Promise<void> {
  const { experiments } = check('specs/quick.ed2l', { reader: fileReader(), set: {} });
  const bound = experiments[0]!;
  const { stages } = compile(bound.model);
  const engine = await openEngine('wasm', { threads: 1 });
  const { wasm } = engine.backend.backend as unknown as { wasm: { HEAPU8: Uint8Array } };
  const runs = mkdtempSync(join(tmpdir(), 'ed2lc-memory-'));
  const look = (step: number): void => {
    globalThis.gc!();
    const { heapUsed, external, rss } = process.memoryUsage();
    const { tensors, bytes } = engine.memory();
    const seen: Look = {
      step,
      tensors,
      bytes,
      wasm: wasm.HEAPU8.buffer.byteLength,
      heap: heapUsed + external,
      rss,
    };
    process.stdout.write(`${JSON.stringify(seen)}\n`);
  };
  // Epochs enough for the steps; the last one is finished.
  const epochs = 130;
  await runExperiment({
    bound,
    stages: stages.map((s) => ({ ...s, stage: { ...s.stage, epochs } })),
    engine,
    runs,
    cacheDir: cacheDirectory(),
    baseDir: '.',
    on: {
      iteration: ({ iteration }) => {
        if ((iteration + 1) % EVERY === 0) look(iteration + 1);
      },
    },
  });
  engine.close();
  rmSync(runs, { recursive: true });
  process.stdout.write(`${DONE}\n`);
}

async function prove(): Promise<void> {
  const started = performance.now();
  const file = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, ['--expose-gc', file, 'train'], {
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
  const settled = looks.filter(({ step }) => step > WARM_UP);
  const steps = looks.at(-1)?.step ?? 0;
  const rows = MEASURES.map((measure) => rowOf(measure, settled));
  const flat = rows.every(({ ok }) => ok);
  const whole = exit === 0 && steps >= STEPS;
  const minutes = (performance.now() - started) / 60_000;
  writeFileSync(
    'docs/proofs/memory.md',
    `# Flat memory

\`npm run prove:memory\` trains the quick ED²L on \`wasm\` (one thread) as \`ed2lc run\` does, with metrics and the rest, looks at all memory
every ${EVERY} steps after a full garbage collection, and fits a line to each measure from step ${WARM_UP} on. More growth than
tolerated, or a process that does not end by itself, is a failure.

${thisMachine()}: ${steps} steps in ${minutes.toFixed(0)} minutes.

| | first | last | least | most | fitted growth in 10 000 steps | tolerated | |
|---|---|---|---|---|---|---|---|
${rows.map(({ text }) => text).join('\n')}

${exit === 0 ? `The process ended by itself, ${waited.toFixed(2)} s after its last line.` : `The process did not end by itself (exit ${exit}).`}
`,
  );
  process.stderr.write(`${flat && whole ? 'flat' : 'NOT flat, or not whole'}: docs/proofs/memory.md\n`);
  if (!flat || !whole) process.exitCode = 1;
}

function rowOf(measure: Measure, looks: readonly Look[]): { readonly text: string; readonly ok: boolean } {
  const values = looks.map((look) => look[measure]);
  const growth =
    slope(
      looks.map(({ step }) => step),
      values,
    ) * 10_000;
  const ok = growth <= TOLERATED[measure];
  const shown = (value: number): string =>
    measure === 'tensors' ? String(Math.round(value)) : `${(value / MIB).toFixed(2)} MiB`;
  const cells = [
    values[0]!,
    values.at(-1)!,
    Math.min(...values),
    Math.max(...values),
    growth,
    TOLERATED[measure],
  ];
  return { text: `| ${measure} | ${cells.map(shown).join(' | ')} | ${ok ? 'flat' : 'GROWS'} |`, ok };
}

/** Of the line of least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0);
  return product / x.reduce((s, v) => s + (v - mx) ** 2, 0);
}
