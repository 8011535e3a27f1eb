/**
 * @file `npm run prove:exits`: a few steps of the quick ED²L by `ed2lc run`, 50 times on onednn and 50 times on wasm; every process must end by itself
 * with exit code 0. Writes docs/proofs/exits.md.
 */
import { writeFileSync } from 'node:fs';
import { openEngine } from '../../runtime/index.js';
import { countExits, placeOfExits } from '../support/exits.js';
import { thisMachine } from './machine.js';

const TIMES = 50;

const place = placeOfExits();
const rows: string[] = [];
let clean = true;
for (const name of ['onednn', 'wasm'] as const) {
  const engine = await openEngine(name);
  const about = `${engine.about}, ${engine.threads} threads`;
  engine.close();
  const started = performance.now();
  const { counts, complaint } = await countExits(place, name, TIMES, (end) =>
    process.stdout.write(`${name}: ${end}\n`),
  );
  const seconds = (performance.now() - started) / 1000;
  if (complaint !== undefined) process.stdout.write(complaint);
  clean &&= counts.get('exit 0') === TIMES;
  const others = [...counts].filter(([end]) => end !== 'exit 0').map(([end, n]) => `${n} times ${end}`);
  const cells = [
    name,
    about,
    `${counts.get('exit 0') ?? 0} of ${TIMES}`,
    others.join(', ') || 'none',
    `${(seconds / TIMES).toFixed(1)} s`,
  ];
  rows.push(`| ${cells.join(' | ')} |`);
}
place.remove();
writeFileSync(
  'docs/proofs/exits.md',
  `# Clean exits

\`npm run prove:exits\` wrote this page on ${thisMachine()}.

\`ed2lc run\` trained the quick ED²L for four steps, judged it, and ended, one process after the other. A process that ends with
another code than 0, by a signal, or not within ten minutes is counted as another end.

| engine | | ended with exit code 0 | other ends | each took |
|---|---|---|---|---|
${rows.join('\n')}
`,
);
process.exitCode = clean ? 0 : 1;
