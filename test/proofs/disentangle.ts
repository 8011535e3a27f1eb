/**
 * @file `npm run disentangle`: the study of docs/disentanglement.md. Trains every arm with every seed, and probes what was trained;
 * what is finished is not done again, and unfinished trainings go on. Then writes the results and their tables, of what there is. `--share 1/2`
 * and `--share 2/2`: two processes share the work. `--table` only writes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../cli/cache-directory.js';
import {
  check,
  compile,
  fileReader,
  loadParameters,
  openEngine,
  prepare,
  runExperiment,
  type BoundExperiment,
  type Engine,
} from '../../runtime/index.js';
import { parameterFile } from '../../runtime/experiment/directory.js';
import { readResult, type StoredTask } from '../../runtime/experiment/record.js';
import { foldOf, heldOut } from '../../runtime/data/folds.js';
import { carryOver } from '../../runtime/parameters/carry.js';
import {
  byPerson,
  cellsOf,
  networkSources,
  pixelSources,
  questionsOf,
  type Cell,
  type Kind,
  type Source,
  type Subject,
} from './disentanglement/measure.js';
import { scriptOptions, wrongOption } from '../support/script-options.js';
import { PAGE, RESULTS, writtenResults, withTables } from './disentanglement/page.js';
import {
  ARMS,
  SEEDS,
  trainingsOf,
  type Arm,
  type Order,
  type Study,
  type Training,
} from './disentanglement/summary.js';

const SPEC = 'specs/disentanglement.ed2l';
const PLACE = 'runs/disentanglement-2';
/** The first blocks of people are held out. */
const FOLD = 1;
/** Probes in two passes: those with a hidden layer take longest. */
const PASSES: readonly (readonly Kind[])[] = [['linear', 'control'], ['hidden']];

const USAGE = 'npm run disentangle -- [--share 1/2] [--threads N] [--engine NAME] [--table]';
const values = scriptOptions(USAGE, {
  share: { type: 'string', default: '1/1' },
  threads: { type: 'string' },
  engine: { type: 'string', default: 'auto' },
  table: { type: 'boolean', default: false },
});
const [share, shares] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(values.share) ?? []).slice(1).map(Number);
if (share === undefined || shares === undefined || share > shares)
  wrongOption(USAGE, '--share takes which of how many, such as 2/3');

if (!values.table) await work(trainingsOf(share, shares), share === shares);
writeTables();

/** `pixels`: probes of the images themselves too. */
async function work(trainings: readonly Order[], pixels: boolean): Promise<void> {
  const { experiments } = check(SPEC, { reader: fileReader(), set: {} });
  const engine = await openEngine(
    values.engine as Parameters<typeof openEngine>[0],
    values.threads === undefined ? {} : { threads: Number(values.threads) },
  );
  const [first] = experiments;
  const dataset = await prepare(first!.data, { cacheDir: cacheDirectory(), baseDir: '.' });
  const subjectOf = (bound: BoundExperiment): Subject => ({
    engine,
    bound,
    dataset,
    split: heldOut(foldOf(dataset, bound.data.folds!), FOLD - 1),
  });
  for (const kinds of PASSES) {
    if (pixels)
      await probeOnce('pixels', SEEDS[0], kinds, subjectOf(first!), async () =>
        pixelSources(subjectOf(first!)),
      );
    for (const { arm, seed } of trainings) {
      const bound = experiments.find(({ model }) => model.name === arm)!;
      const found = await trained(bound, engine, arm, seed);
      if (found === 'lost') continue;
      const { directory, task } = found;
      const file = join(directory, parameterFile(`seed-${seed}-fold-${FOLD}`));
      const sources = async (): Promise<Source[]> =>
        networkSources(subjectOf(bound), carryOver(bound.model, await loadParameters(file), file), seed);
      await probeOnce(arm, seed, kinds, subjectOf(bound), sources, byPerson(task.decisions));
    }
  }
  engine.close();
}

interface Trained {
  readonly directory: string;
  readonly task: StoredTask;
}

/** Once it has ended it is only looked up. `lost`: a number was not finite, and would not be again. */
async function trained(
  bound: BoundExperiment,
  engine: Engine,
  arm: Arm,
  seed: number,
): Promise<Trained | 'lost'> {
  const runs = join(PLACE, `${arm}-${seed}`);
  const before = await endOf(runs);
  if (before) return before;
  say(`${arm}, seed ${seed}: training`);
  const { ended, failure } = await runExperiment({
    bound,
    stages: compile(bound.model).stages,
    engine,
    runs,
    cacheDir: cacheDirectory(),
    baseDir: '.',
    folds: [FOLD],
    seeds: [seed],
    spec: SPEC,
  });
  const after = await endOf(runs);
  if (!after) throw failure ?? new Error(`${arm}, seed ${seed}: ${ended}`);
  if (after === 'lost') say(`${arm}, seed ${seed} is lost: ${failure?.message}`);
  return after;
}

async function endOf(runs: string): Promise<Trained | 'lost' | undefined> {
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const directory = join(runs, name);
    const result = await readResult(directory).catch(() => undefined);
    if (result?.ended === 'complete') return { directory, task: result.tasks[0]! };
    if (result?.final) return 'lost';
  }
  return undefined;
}

interface Stored {
  readonly name: string;
  readonly seed: number;
  readonly decided?: Training['decided'];
  readonly cells: readonly Cell[];
}

function measuredFile(name: string, seed: number, kinds: readonly Kind[]): string {
  return join(PLACE, 'measured', `${name}-${seed}-${kinds[0]!}.json`);
}

async function probeOnce(
  name: string,
  seed: number,
  kinds: readonly Kind[],
  subject: Subject,
  sources: () => Promise<Source[]>,
  decided?: Training['decided'],
): Promise<void> {
  const file = measuredFile(name, seed, kinds);
  if (existsSync(file)) return;
  const [found, questions] = [await sources(), questionsOf(subject)];
  const cells = kinds.flatMap((kind) => cellsOf(subject, found, questions, kind, seed));
  const stored: Stored = { name, seed, ...(decided && { decided }), cells };
  mkdirSync(join(PLACE, 'measured'), { recursive: true });
  writeFileSync(`${file}.partial`, JSON.stringify(stored));
  renameSync(`${file}.partial`, file);
  say(`${name}, seed ${seed}: ${kinds.join(' and ')} probes are done`);
}

function gathered(): Study {
  const stored = (name: string, seed: number): Stored[] =>
    PASSES.map((kinds) => measuredFile(name, seed, kinds))
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Stored);
  const trainings = ARMS.flatMap((arm) =>
    SEEDS.flatMap((seed): Training[] => {
      const parts = stored(arm, seed);
      const decided = parts[0]?.decided;
      return decided ? [{ arm, seed, decided, cells: parts.flatMap(({ cells }) => cells) }] : [];
    }),
  );
  return { pixels: stored('pixels', SEEDS[0]).flatMap(({ cells }) => cells), trainings };
}

function writeTables(): void {
  writeFileSync(RESULTS, writtenResults(gathered()));
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
  say(`${RESULTS} and ${PAGE} are written`);
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
