/**
 * @file `npm run prove:crossval`: SIGKILL at ten random moments of cross-validations, of the coordinator and of its trainings; nothing finished may
 * be lost, no result may be half, and each must end as the one that was never killed, bit for bit. Writes docs/proofs/crossval.md.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workplace } from '../support/command-line.js';
import { crossvalWithKills, leftBy, STATEFUL_SPEC, type Kill } from '../support/kills.js';
import { randomFrom } from '../support/random-graph.js';
import { thisMachine } from './machine.js';

const KILLS = 10;
/** In each cross-validation. */
const PER_RUN = 5;
const SEED = 2027;

const spec = STATEFUL_SPEC.replace('people: 4', 'people: 6').replace('blocks(2', 'blocks(3');
const place = workplace({ 'tiny.ed2l': spec });
const random = randomFrom(SEED);
const args = ['--engine', 'cpu', '--seeds', '0,1', '--jobs', '2'];
const started = performance.now();
const whole = await place.ed2lc(['crossval', '--runs', 'whole', ...args]);
if (whole.code !== 0) throw new Error(whole.stderr);
const seconds = (performance.now() - started) / 1000;
const wanted = leftBy(place, 'whole/try_tiny-001');
const files = (run: string): string => readdirSync(join(place.path, run)).sort().join();
const rows: string[] = [];
let [equal, killed] = [0, 0];
for (let run = 1; killed < KILLS; run++) {
  let left = Math.min(PER_RUN, KILLS - killed);
  const next = (): Kill | null =>
    left-- > 0
      ? {
          whom: random() < 0.5 ? 'coordinator' : 'training',
          after: Math.floor((seconds / 4) * 1000 * random()),
        }
      : null;
  const runs = `runs-${run}`;
  const name = `${runs}/try_tiny-001`;
  const own: string[] = [];
  const { kills, left: found } = await crossvalWithKills(
    place,
    [...args, '--runs', runs, '--checkpoint-every', run % 2 === 0 ? '0' : '0.002'],
    name,
    next,
    ({ whom, after }, finished) => {
      own.push(`| ${run} | ${whom} | ${after} | ${finished} of 6 |`);
      process.stdout.write(`${own.at(-1)}\n`);
    },
  );
  const same =
    JSON.stringify([...found]) === JSON.stringify([...wanted]) && files(name) === files('whole/try_tiny-001');
  killed += kills;
  if (same) equal += kills;
  rows.push(...own.map((row) => `${row} ${same ? 'equal' : 'DIFFERENT'} |`));
}
place.remove();
mkdirSync('docs/proofs', { recursive: true });
writeFileSync(
  join('docs/proofs', 'crossval.md'),
  `# Cross-validations killed at random moments

\`npm run prove:crossval\` wrote this page on ${thisMachine()}.

Cross-validations of three folds and two seeds on \`cpu\`, two trainings at once, were killed (SIGKILL) ${killed} times at random moments: the
process that coordinates, or one that trains. Each was started again with the same command until it was complete. The model is that of
[kill.md](kill.md), which has everything that has a place or a state. After every kill all that had been finished before was
there, whole and unchanged. After ${equal} of ${killed} kills the parameters, the decisions and the files of the whole
were equal, bit for bit, to those of the cross-validation that was never killed.

| run | killed | milliseconds after the first training of that start | finished by then | its end |
|---|---|---|---|---|
${rows.join('\n')}
`,
);
process.exitCode = equal === killed ? 0 : 1;
