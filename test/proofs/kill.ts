/**
 * @file `npm run prove:kill`: SIGKILL at 25 random moments of training, again and again, until each run is complete; every time its parameters and
 * decisions must be those of the run that was never killed, bit for bit. Writes docs/proofs/kill.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workplace } from '../support/command-line.js';
import { leftBy, runWithKills, STATEFUL_SPEC } from '../support/kills.js';
import { randomFrom } from '../support/random-graph.js';
import { thisMachine } from './machine.js';

const KILLS = 25;
/** In each run, so that one is killed while it goes on from a kill. */
const PER_RUN = 5;
const SEED = 2026;

const place = workplace({ 'tiny.ed2l': STATEFUL_SPEC });
const random = randomFrom(SEED);
const args = ['--engine', 'cpu', '--fold', 'all'];
const started = performance.now();
const whole = await place.ed2lc(['run', '--progress', 'none', '--runs', 'whole', ...args]);
if (whole.code !== 0) throw new Error(whole.stderr);
const seconds = (performance.now() - started) / 1000;
const wanted = leftBy(place, 'whole/try_tiny-001');
const rows: string[] = [];
let equal = 0;
let killed = 0;
for (let run = 1; killed < KILLS; run++) {
  // A checkpoint after each iteration, or a few in the second: kills meet the writing of one, or what came after it.
  const minutes = run % 2 === 0 ? '0' : '0.002';
  let left = Math.min(PER_RUN, KILLS - killed);
  const waits: number[] = [];
  const next = (): number | null => {
    if (left-- <= 0) return null;
    const wait = Math.floor(Math.min(2, seconds / 4) * 1000 * random());
    waits.push(wait);
    return wait;
  };
  const name = `try_tiny-${String(run).padStart(3, '0')}`;
  const { kills, left: found } = await runWithKills(
    place,
    [...args, '--checkpoint-every', minutes],
    `runs/${name}`,
    next,
    (where) => process.stdout.write(`killed ${where}\n`),
  );
  const same = JSON.stringify([...found]) === JSON.stringify([...wanted]);
  killed += kills;
  if (same) equal += kills;
  rows.push(`| ${run} | ${kills} | ${waits.slice(0, kills).join(', ')} | ${same ? 'equal' : 'DIFFERENT'} |`);
  process.stdout.write(`${rows.at(-1)}\n`);
}
place.remove();
mkdirSync('docs/proofs', { recursive: true });
writeFileSync(
  join('docs/proofs', 'kill.md'),
  `# Killed at random moments

\`npm run prove:kill\` wrote this page on ${thisMachine()}.

A training of two folds on \`cpu\` was killed (SIGKILL) ${killed} times, at random moments after it began to train or went on,
and started again with the same command until it was complete. The model has dropout, augmentation, balanced draws, batch norm, scheduled numbers, a
step repeated twice and one every third iteration. After ${equal} of ${killed} kills the parameters of both trainings and all
decisions were equal, bit for bit, to those of the run that was never killed.

| run | kills | milliseconds after its training began or went on | its end |
|---|---|---|---|
${rows.join('\n')}
`,
);
process.exitCode = equal === killed ? 0 : 1;
