/**
 * @file `npm run disentangle`: the study of docs/disentanglement.md. Trains every arm with every seed, and probes what was trained;
 * what is finished is not done again, and unfinished trainings go on. Then writes the results and their tables. `--seeds 1,2` takes only those, so that
 * processes can share the work; `--table` only writes, of what there is.
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
import { ARMS, SEEDS, type Arm, type Study, type Training } from './disentanglement/summary.js';

const SPEC = 'specs/disentanglement.ed2l';
const PLACE = 'runs/disentanglement';
/** The first blocks of people are held out. */
const FOLD = 1;
/** Probes in two passes: those with a hidden layer take longest. */
const PASSES: readonly (readonly Kind[])[] = [['linear', 'control'], ['hidden']];

const USAGE = 'npm run disentangle -- [--seeds 1,2,…] [--threads N] [--engine NAME] [--table]';
const values = scriptOptions(USAGE, {
  seeds: { type: 'string', default: SEEDS.join(',') },
  threads: { type: 'string' },
  engine: { type: 'string', default: 'auto' },
  table: { type: 'boolean', default: false },
});
const seeds = values.seeds.split(',').map(Number);
if (!seeds.every((seed) => (SEEDS as readonly number[]).includes(seed)))
  wrongOption(USAGE, `--seeds takes some of ${SEEDS.join(',')}`);

if (!values.table) await work();
if (values.table || seeds.length === SEEDS.length) writeTables();

async function work(): Promise<void> {
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
    for (const seed of seeds)
      for (const arm of ARMS) {
        const bound = experiments.find(({ model }) => model.name === arm)!;
        const { directory, task } = await trained(bound, engine, arm, seed);
        const file = join(directory, parameterFile(`seed-${seed}-fold-${FOLD}`));
        const sources = async (): Promise<Source[]> =>
          networkSources(subjectOf(bound), carryOver(bound.model, await loadParameters(file), file), seed);
        await probeOnce(arm, seed, kinds, subjectOf(bound), sources, byPerson(task.decisions));
      }
    await probeOnce('pixels', SEEDS[0], kinds, subjectOf(first!), async () =>
      pixelSources(subjectOf(first!)),
    );
  }
  engine.close();
}

/** Once complete it is only looked up. */
async function trained(
  bound: BoundExperiment,
  engine: Engine,
  arm: Arm,
  seed: number,
): Promise<{ directory: string; task: StoredTask }> {
  const runs = join(PLACE, `${arm}-${seed}`);
  const before = await complete(runs);
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
  if (ended !== 'complete') throw failure ?? new Error(`${arm}, seed ${seed}: ${ended}`);
  return (await complete(runs))!;
}

async function complete(runs: string): Promise<{ directory: string; task: StoredTask } | undefined> {
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const directory = join(runs, name);
    const result = await readResult(directory).catch(() => undefined);
    if (result?.ended === 'complete') return { directory, task: result.tasks[0]! };
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
