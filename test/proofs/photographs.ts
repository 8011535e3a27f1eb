/**
 * @file `npm run prove:photographs FOLDER`: specs/photographs_aligned.ed2l on the Face Research Lab London Set at FOLDER, cross-validated by the command
 * line: faces found, eyes against the set's own pupils, baseline and ED²L beside a linear probe on the same pixels and folds. Writes
 * docs/proofs/photographs.md: numbers of the whole only.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decode } from '../../runtime/data/decode.js';
import { listFolder } from '../../runtime/data/folder.js';
import { detect } from '../../runtime/detection/detect.js';
import { Networks } from '../../runtime/detection/networks.js';
import { placeOfWeights } from '../../runtime/detection/places.js';
import { readWeights } from '../../runtime/detection/weights.js';
import {
  accuracyOf,
  foldCount,
  foldOf,
  heldOut,
  openEngine,
  pair,
  percent,
  pixels,
  prepare,
  probeClass,
  readResult,
  spreadOverSeeds,
  summarize,
  type Engine,
  type Paired,
  type StoredTask,
} from '../../runtime/index.js';
import { checkSpec } from '../support/specs.js';
import { thisMachine } from './machine.js';
import { eyeOffsets, pupilsIn } from './mtcnn/pupils.js';

const SPEC = 'specs/photographs_aligned.ed2l';
const EXPERIMENTS = ['aligned_baseline', 'aligned_ed2l'] as const;
const SEEDS = [0, 1, 2];

const folder = process.argv[2];
const cache = process.env['ED2LC_CACHE'] ?? join(homedir(), '.cache', 'ed2lc');
const weights = placeOfWeights(cache);
if (folder === undefined || weights === undefined) {
  process.stderr.write(
    'usage: npm run prove:photographs FOLDER, with the weights installed or named by ED2LC_MTCNN\n',
  );
  process.exit(2);
}
process.env['PHOTOGRAPHS'] = resolve(folder);

/** What it prints. */
function ed2lc(args: readonly string[], cwd: string): string {
  const ended = spawnSync(process.execPath, [resolve('dist/bin/ed2lc.cjs'), ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (ended.status !== 0) throw new Error(`ed2lc ${args.join(' ')} ended with ${ended.status}`);
  return ended.stdout.trim();
}

type Judged = Pick<StoredTask, 'seed' | 'fold' | 'decisions'>;

interface Detection {
  readonly photographs: number;
  readonly found: number;
  /** Mean distance of an eye from its pupil, in distances between the pupils. */
  readonly eyes: number;
  readonly measured: number;
}

async function detection(photographs: string, place: string, engine: Engine): Promise<Detection> {
  const networks = new Networks(engine, await readWeights(place));
  const pupils = pupilsIn(photographs);
  const { entries } = await listFolder(photographs, 'class', '.');
  const errors: number[] = [];
  let found = 0;
  for (const { id, image } of entries) {
    const [face] = detect(networks, await decode(image, { resize: null, color: 'rgb' }));
    if (!face) continue;
    found++;
    errors.push(...eyeOffsets(pupils, id, face).map(([dx, dy]) => Math.hypot(dx, dy)));
  }
  networks.close();
  const eyes = errors.reduce((a, b) => a + b, 0) / errors.length;
  return { photographs: entries.length, found, eyes, measured: errors.length };
}

/** A linear classifier of the pixels that the networks see, learned and judged on the same folds. */
async function pixelProbe(engine: Engine): Promise<Judged[]> {
  const { data } = checkSpec(SPEC).experiments.find(({ experiment }) => experiment.name === EXPERIMENTS[0])!;
  const dataset = await prepare(data, { cacheDir: cache, baseDir: '.', engine });
  const fold = foldOf(dataset, data.folds!);
  return Array.from({ length: foldCount(dataset, data.folds!) }, (_, k) => {
    const split = heldOut(fold, k);
    const decisions = probeClass(engine, dataset, split, (indices) => pixels(dataset, indices, data));
    return { seed: 0, fold: k + 1, decisions };
  });
}

const engine = await openEngine();
const seen = await detection(folder, weights, engine);
const probe = await pixelProbe(engine);
const place = mkdtempSync(join(tmpdir(), 'ed2l-photographs-'));
const trainings = EXPERIMENTS.map((name) => `${resolve(SPEC)}:${name}`);
const how = ['--seeds', SEEDS.join(), '--jobs', '1', '--threads', '1', '--engine', engine.name];
ed2lc(['crossval', ...trainings, ...how], place);
const [baseline, ed2l] = await Promise.all(
  EXPERIMENTS.map(async (name) => ({
    name,
    ...(await readResult(join(place, 'runs', `${name}-001`))),
  })),
);
const compared = ed2lc(['compare', ...EXPERIMENTS.map((name) => `runs/${name}-001`)], place);
rmSync(place, { recursive: true });

const CLASSES = ['neutral', 'smiling'];
const points = (by: number): string => `${by < 0 ? '-' : '+'}${Math.abs(100 * by).toFixed(1)}`;
const row = (name: string, tasks: readonly Judged[]): string => {
  const { accuracy, interval } = accuracyOf(tasks.flatMap(({ decisions }) => decisions));
  const results = summarize(tasks, CLASSES);
  const seeds = results.map((result) => percent(result.judgement.accuracy)).join(', ');
  const spread = spreadOverSeeds(results);
  const cells = [percent(accuracy), `${percent(interval.from)} to ${percent(interval.to)}`];
  return `| ${[name, ...cells, spread ? `${seeds} (sd ${percent(spread.sd)})` : ''].join(' | ')} |`;
};
const verdict = ({ interval: { from, to } }: Paired, better: string, worse: string): string =>
  from > 0 ? `${better} is better` : to < 0 ? `${worse} is better` : 'they cannot be told apart';
const against = [baseline!, ed2l!].map((network) => {
  const paired = pair(probe, network.tasks, ['the probe', network.name]);
  const { by, interval } = paired;
  return `- \`${network.name}\` against the probe: ${points(by)} points over the same ${paired.people} people, 95 % ${points(interval.from)} to ${points(interval.to)}: ${verdict(paired, 'the network', 'the probe')}.`;
});
const met = (is: boolean): string => (is ? 'met' : 'MISSED');
const text = `# Real photographs

\`npm run prove:photographs FOLDER\` with the published weights of MTCNN, on the Face Research Lab London Set (DeBruine and Jones 2017, CC BY 4.0,
doi 10.6084/m9.figshare.5047666.v5) at 450 pixels: 102 people, each neutral and smiling. No photograph, and no number of a single person, is kept.

${thisMachine()}; ${engine.name} (${engine.about}).

## Faces

| | | wanted | |
|---|---|---|---|
| faces found | ${seen.found} of ${seen.photographs} photographs | all | ${met(seen.found === seen.photographs)} |
| eyes, mean distance from the set's pupils, in distances between the pupils | ${(100 * seen.eyes).toFixed(2)} % of ${seen.measured} eyes | below 5 % | ${met(seen.eyes < 0.05)} |

[mtcnn.md](mtcnn.md) has more about both.

## Neutral or smiling

[specs/photographs_aligned.ed2l](../../specs/photographs_aligned.ed2l) by \`ed2lc crossval\`, four folds by person, ${SEEDS.length} seeds. Nothing was chosen by
these accuracies: epochs, rate and batch are those of [specs/photographs.ed2l](../../specs/photographs.ed2l). The probe is a linear classifier of the same
aligned pixels (mean of the ten crops), learned and judged on the same folds; its penalty is chosen on training people. Chance is 50 %.

| | accuracy | 95 %, over people | seeds |
|---|---|---|---|
${row('probe on pixels', probe)}
${row(`\`${baseline!.name}\``, baseline!.tasks)}
${row(`\`${ed2l!.name}\``, ed2l!.tasks)}

${against.join('\n')}

\`ed2lc compare\` about the two networks:

\`\`\`text
${compared}
\`\`\`
`;
engine.close();
writeFileSync('docs/proofs/photographs.md', text);
process.stdout.write(text);
if (text.includes('MISSED')) process.exitCode = 1;
