/**
 * @file Runs an experiment: prepares its data, trains once per seed and held-out fold, judges the decisions on people never seen,
 * and leaves everything in a run directory.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stageFolder, type BoundExperiment, type BoundStage } from '../../compiler/model/experiment.js';
import { experimentToJson } from '../../compiler/model/experiment-json.js';
import { modelToJson } from '../../compiler/model/json.js';
import type { TrainableStage } from '../../compiler/program.js';
import type { Dataset } from '../data/dataset.js';
import { withItems } from '../data/errors.js';
import { readFoldFile } from '../data/fold-file.js';
import { foldCount, foldOf, foldWarnings } from '../data/folds.js';
import { random } from '../data/random.js';
import { checkSequences } from '../data/sequences.js';
import type { Engine } from '../engines/engine.js';
import { accuracyOf, type Decision, type Judgement } from '../evaluation/evaluate.js';
import { saveParameters } from '../parameters/safetensors.js';
import { MetricsFile } from '../training/metrics.js';
import { TensorBoardLog } from '../training/tensorboard.js';
import { train, type EpochSummary, type IterationProgress, type Trained } from '../training/train.js';
import { parametersOfStart, type StageEnd } from '../parameters/stage-start.js';
import { loadStartFiles } from '../parameters/start-files.js';
import type { Parameters } from '../parameters/initialise.js';
import { makeRunDirectory, parameterFile, stageName, taskName } from './directory.js';
import { FoldError, RunError } from './errors.js';
import { exportTrained } from './export-trained.js';
import {
  fingerprint,
  judgeTask,
  pooled,
  prepareAll,
  splitOf,
  type Datasets,
  type PrepareAllOptions,
  type Task,
  type TaskSplit,
} from './tasks.js';

export interface RunOptions {
  readonly bound: BoundExperiment;
  /** One per stage of the experiment. */
  readonly stages: readonly TrainableStage[];
  readonly engine: Engine;
  /** Where run directories are made (default: `runs`). */
  readonly runs?: string;
  readonly cacheDir: string | null;
  /** Relative paths of data start here. */
  readonly baseDir: string;
  /** Held-out folds, from 1 (default: the first). */
  readonly folds?: readonly number[] | 'all';
  /** Default: those of the experiment, or that of the last stage's train block. */
  readonly seeds?: readonly number[];
  readonly signal?: AbortSignal;
  readonly on?: RunListener;
}

export interface RunListener {
  readonly directory?: (path: string) => void;
  readonly preparing?: (data: string, done: number, total: number) => void;
  readonly note?: (text: string) => void;
  /** Each data set that is learned from, once. */
  readonly data?: (dataset: Dataset) => void;
  readonly task?: (task: Task, split: TaskSplit) => void;
  /** Where there are several: one of a task begins, from 0, with so many images. */
  readonly stage?: (stage: BoundStage, index: number, images: number) => void;
  readonly iteration?: (progress: IterationProgress) => void;
  readonly epoch?: (summary: EpochSummary) => void;
}

export interface TaskResult extends Task {
  /** Over all stages. */
  readonly iterations: number;
  readonly seconds: number;
  readonly parameters: Parameters;
  readonly split: TaskSplit;
  readonly decisions: readonly Decision[];
}

export interface RunResult {
  readonly directory: string;
  readonly dataset: Dataset;
  readonly tasks: readonly TaskResult[];
  /** Per seed, decisions pooled over its folds; empty where nothing is held out. */
  readonly judgements: readonly { readonly seed: number; readonly judgement: Judgement }[];
  /** Ended by the signal, or by a number that was not finite. */
  readonly ended: 'complete' | 'interrupted' | 'failed';
  readonly failure?: Error;
}

/**
 * What is wrong with the folds or the data is found before a directory is made. After that, `result.json` says how the run ended, whatever
 * ended it. Throws DataError, EngineError, RunError and ParameterFileError.
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { bound, on } = options;
  const chosen = tasksOf(options, await countFolds(options));
  const files = await loadStartFiles(bound.stages, options.baseDir, on?.note);
  const datasets = await prepareAll(bound, prepareOptions(options));
  if (bound.experiment.score.kind === 'sequence') checkSequences(datasets.test);
  const planned = chosen.map((task) => ({ task, split: splitOf(bound, datasets, task.fold) }));
  for (const dataset of new Set(datasets.stages)) on?.data?.(dataset);
  noteFolds(options, datasets);
  const directory = await makeRunDirectory(options.runs ?? 'runs', bound.experiment.name);
  on?.directory?.(directory);
  for (const [i, { model }] of bound.stages.entries())
    await write(join(directory, stageFolder(i, bound.stages.length), 'model.json'), modelToJson(model));
  await write(join(directory, 'experiment.json'), experimentToJson(bound));
  const metrics = new MetricsFile(join(directory, 'metrics.jsonl'), (message) => on?.note?.(message));
  const tasks: TaskResult[] = [];
  const resultOf = (ended: RunResult['ended'], failure?: Error): RunResult => ({
    directory,
    dataset: datasets.train,
    tasks,
    judgements: pooled(tasks, datasets.test.classes),
    ended,
    ...(failure && { failure }),
  });
  const store = (result: RunResult): Promise<void> =>
    write(
      join(directory, 'result.json'),
      JSON.stringify(storedResult(result, options, fingerprint(datasets)), null, 2),
    );
  // Also when the process is killed there is the record of the images, without which nothing is judged again.
  await store(resultOf('failed', new Error('the run was cut off')));
  const run: Run = { options, datasets, files, directory, metrics, tasks };
  let result = resultOf('complete');
  try {
    for (const { task, split } of planned) {
      if (options.signal?.aborted) {
        result = resultOf('interrupted');
        break;
      }
      const stop = await runTask(run, task, split);
      result = stop ? resultOf(stop.failure ? 'failed' : 'interrupted', stop.failure) : resultOf('complete');
      if (stop) break;
    }
  } catch (error) {
    // The disk may be what failed: the first error is the one to tell.
    await store(resultOf('failed', error as Error)).catch(() => undefined);
    throw error;
  } finally {
    metrics.close();
  }
  await store(result);
  return result;
}

/** What the tasks of a run share. */
interface Run {
  readonly options: RunOptions;
  readonly datasets: Datasets;
  /** Of `start` lines. */
  readonly files: ReadonlyMap<string, Parameters>;
  readonly directory: string;
  readonly metrics: MetricsFile;
  /** Those completed. */
  readonly tasks: TaskResult[];
}

/** Trains through all stages, saves and judges; adds to `tasks` what was completed, and returns a training that was not. */
async function runTask(run: Run, task: Task, split: TaskSplit): Promise<Trained | undefined> {
  const { options, datasets, files, directory, tasks } = run;
  const { bound, engine, on } = options;
  on?.task?.(task, split);
  const last = bound.stages.length - 1;
  let [iterations, seconds] = [0, 0];
  const earlier: StageEnd[] = [];
  for (const [i, stage] of bound.stages.entries()) {
    const { classes } = datasets.stages[i]!;
    const start = parametersOfStart({ stages: bound.stages, earlier, classes, seed: task.seed, files });
    if (last > 0) on?.stage?.(stage, i, split.stages[i]!.length);
    const name = i === last ? taskName(task) : stageName(task, i);
    const curves = new TensorBoardLog(join(directory, 'tensorboard', name), (message) => on?.note?.(message));
    try {
      const trained = await trainStage(run, task, i, split.stages[i]!, start, curves);
      await saveParameters(join(directory, parameterFile(name)), trained.parameters);
      if (trained.failure || trained.interrupted) return trained;
      const { parameters } = trained;
      earlier.push({ parameters, classes });
      iterations += trained.iterations;
      seconds += trained.seconds;
      if (i < last) continue;
      const without = await exportTrained(join(directory, name), bound.model, parameters);
      if (without !== undefined) on?.note?.(`no inference model was written: ${without}`);
      const made = judgeTask(bound, engine, parameters, datasets, split);
      if (made.length > 0) curves.heldOut(trained.iterations, accuracyOf(made).accuracy);
      tasks.push({ ...task, iterations, seconds, parameters, split, decisions: made });
    } finally {
      curves.close();
    }
  }
  return undefined;
}

function prepareOptions({ cacheDir, baseDir, on }: RunOptions): PrepareAllOptions {
  return {
    cacheDir,
    baseDir,
    ...(on?.preparing && { onPreparing: on.preparing }),
    ...(on?.note && { onNote: on.note }),
  };
}

/** Read from their file where they are in one, before any image is. */
async function countFolds({ bound, baseDir }: RunOptions): Promise<number> {
  const { folds } = bound.data;
  if (bound.testData || !folds) return 0;
  return folds.kind === 'file' ? (await readFoldFile(folds, baseDir)).names.length : folds.count;
}

/** What folds lack is no error, and must not go unnoticed. */
function noteFolds({ bound, on }: RunOptions, { train: dataset }: Datasets): void {
  const { folds } = bound.data;
  if (bound.testData || !folds) return;
  const warnings = foldWarnings(dataset, foldOf(dataset, folds), foldCount(dataset, folds));
  if (warnings.length > 0) on?.note?.(withItems(`folds of ${dataset.name}:`, warnings));
}

function tasksOf({ bound, folds, seeds, stages }: RunOptions, count: number): Task[] {
  const { experiment, data, testData } = bound;
  const chosenSeeds = seeds ?? (experiment.seeds.length > 0 ? experiment.seeds : [stages.at(-1)!.stage.seed]);
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const chosen = folds === 'all' ? all : (folds ?? all.slice(0, 1));
  const wrong = chosen.find((fold) => !all.includes(fold));
  if (wrong !== undefined)
    throw new FoldError(
      count === 0
        ? `${experiment.name} has no folds${testData ? ': it tests on data of its own' : ''}`
        : `there is no fold ${wrong}: ${data.name} has ${count}`,
    );
  // A task named twice is done once: its decisions are no second evidence.
  const held = count === 0 ? [null] : [...new Set(chosen)];
  return [...new Set(chosenSeeds)].flatMap((seed) => held.map((fold) => ({ seed, fold })));
}

function trainStage(
  { options, datasets, metrics }: Run,
  { seed, fold }: Task,
  index: number,
  indices: Int32Array,
  parameters: Parameters,
  curves: TensorBoardLog,
): Promise<Trained> {
  const { bound, stages, engine, signal, on } = options;
  const { model, data } = bound.stages[index]!;
  const several = bound.stages.length > 1;
  const place = { seed, ...(fold !== null && { fold }), ...(several && { stage: index + 1 }) };
  return train({
    engine,
    model,
    stage: stages[index]!,
    dataset: datasets.stages[index]!,
    indices,
    data,
    parameters,
    seed: stageSeed(seed, index),
    ...(signal && { signal }),
    onIteration: (progress) => {
      metrics.iteration(place, progress);
      curves.iteration(progress);
      on?.iteration?.(progress);
    },
    onEpoch: (summary) => {
      metrics.epoch(place, summary);
      curves.epoch(summary);
      on?.epoch?.(summary);
    },
  });
}

/** Of order, augmentation and dropout: another one in each stage, so that none repeats the draws of the stage before it. */
const stageSeed = (seed: number, index: number): number =>
  index === 0 ? seed : random('stage', seed, index).below(2 ** 31);

function storedResult(
  { ended, failure, tasks, judgements }: RunResult,
  { bound, engine }: RunOptions,
  data: string,
): object {
  return {
    format: 'ed2l-result',
    version: 1,
    experiment: bound.experiment.name,
    model: bound.model.name,
    engine: engine.name,
    data,
    ended,
    ...(failure && { failure: failure.message }),
    tasks: tasks.map(({ seed, fold, iterations, seconds, decisions: made }) => ({
      seed,
      fold,
      iterations,
      seconds,
      decisions: made,
    })),
    judgements,
  };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${text}\n`);
  } catch (error) {
    throw new RunError(`${path} could not be written: ${(error as Error).message}`);
  }
}
