/**
 * @file `npm run prove:start`: how long `ed2lc` takes to check and to compile the full ED²L, and to make the first training step of the quick one,
 * beside Node's own start. Runs are interleaved, and the best of each counts: what is left is least disturbed by others. Writes docs/proofs/start.md.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { thisMachine } from './machine.js';

const ROUNDS = Number(process.argv[2] ?? 15);
const EXECUTABLE = resolve('dist/bin/ed2lc.cjs');
const FULL = resolve('specs/ed2l.ed2l');
const QUICK = resolve('specs/quick.ed2l');
const place = mkdtempSync(join(tmpdir(), 'ed2lc-start-'));
/** Data prepared and code kept here are found again by the next round. */
const environment = { ...process.env, ED2LC_CACHE: join(place, 'cache') };

/** To the end, or until `seen`; in milliseconds. */
function timed(args: readonly string[], seen?: () => boolean): Promise<number> {
  return new Promise((done, fail) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd: place, env: environment, stdio: 'ignore' });
    let time: number | undefined;
    const watch = setInterval(() => {
      if (!seen?.()) return;
      clearInterval(watch);
      time = performance.now() - started;
      child.kill('SIGKILL');
    }, 2);
    if (!seen) clearInterval(watch);
    child.on('close', (exit) => {
      clearInterval(watch);
      if (exit !== 0 && time === undefined) fail(new Error(`${args.join(' ')} ended with ${exit}`));
      else done(time ?? performance.now() - started);
    });
  });
}

/** Until the first line of metrics is on disk, which is written when a step is over. */
async function firstStep(): Promise<number> {
  const runs = mkdtempSync(join(place, 'runs-'));
  const stepped = (): boolean => {
    const [run] = readdirSync(runs);
    const metrics = run && statSync(join(runs, run, 'metrics.jsonl'), { throwIfNoEntry: false });
    return metrics !== undefined && metrics !== '' && metrics.size > 0;
  };
  return timed([EXECUTABLE, 'run', QUICK, '--runs', runs], stepped);
}

interface Case {
  readonly name: string;
  readonly run: () => Promise<number>;
  /** In milliseconds: of the whole, or beyond Node's start. */
  readonly target?: number;
  readonly beyond?: boolean;
}

const CASES: readonly Case[] = [
  { name: '`node -e 0`', run: () => timed(['-e', '0']) },
  {
    name: '`ed2lc check specs/ed2l.ed2l`',
    run: () => timed([EXECUTABLE, 'check', FULL]),
    target: 150,
    beyond: true,
  },
  { name: '`ed2lc compile specs/ed2l.ed2l`', run: () => timed([EXECUTABLE, 'compile', FULL]), target: 400 },
  { name: '`ed2lc run specs/quick.ed2l`, to the end of the first step', run: firstStep, target: 2000 },
];

/** Of the last minute. On a machine with more to do than cores, times say little. */
const [busy = 0] = loadavg();
await timed([EXECUTABLE, 'compile', QUICK]);
for (const { run } of CASES) await run();
const times = CASES.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++)
  for (const [i, { run }] of CASES.entries()) times[i]!.push(await run());
rmSync(place, { recursive: true });

const best = times.map((list) => Math.min(...list));
const median = times.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1]!);
const ms = (value: number): string => `${value.toFixed(0)} ms`;
const rows = CASES.map(({ name, target, beyond }, i) => {
  const judged = best[i]! - (beyond ? best[0]! : 0);
  const wanted =
    target === undefined
      ? ['', '']
      : [`${target} ms${beyond ? ' beyond Node' : ''}`, judged < target ? 'met' : 'MISSED'];
  return `| ${[name, ms(best[i]!), ms(best[i]! - best[0]!), ms(median[i]!), ...wanted].join(' | ')} |`;
});
const text = `# Start

\`npm run prove:start\` runs each of these ${ROUNDS} times, in turn, with code and data kept from a run before, and the quick spec compiled
before. The best of each is the one least disturbed.

${thisMachine()}; ${busy.toFixed(1)} other processes were running on average.

| | best | beyond Node | median | target | |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
writeFileSync('docs/proofs/start.md', text);
process.stdout.write(text);
if (text.includes('MISSED')) process.exitCode = 1;
