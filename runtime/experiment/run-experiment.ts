/**
 * @file Runs an experiment: prepares its data, trains once per seed and held-out fold, judges the decisions on people never seen,
 * and leaves everything in a run directory.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BoundExperiment, BoundStage } from '../../compiler/model/experiment.js';
import type { TrainableStage } from '../../compiler/program.js';
import type { Dataset } from '../data/dataset.js';
import { checkSequences } from '../data/sequences.js';
import type { Engine } from '../engines/engine.js';
import type { Decision } from '../evaluation/evaluate.js';
import { summarize, type SeedResult } from '../evaluation/summary.js';
import { carryOver } from '../parameters/carry.js';
import type { Parameters } from '../parameters/initialise.js';
import { loadParameters } from '../parameters/safetensors.js';
import { loadStartFiles } from '../parameters/start-files.js';
import { TrainingError } from '../training/errors.js';
import type { Best } from '../training/selection.js';
import type { EpochSummary, IterationProgress } from '../training/train.js';
import { beginRun, type Begun } from './begin.js';
import { checkpointFile, removeCheckpoints } from './checkpoint.js';
import { checkSameData, openNamed, openUnfinished, otherUnfinished, type Request } from './continue.js';
import { parameterFile, taskName } from './directory.js';
import { dataHash } from './identity.js';
import { MetricsFile } from './metrics-file.js';
import { resultOf as storedResult, writeResult, type Ended, type StoredResult } from './record.js';
import { noteFolds, prepareOptions, tasksOf } from './plan.js';
import { runTask, type Run } from './run-task.js';
import { prepareAll, splitOf, type Datasets, type Task, type TaskSplit } from './tasks.js';

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
  /** `--set` values, and the spec, as they are to be recorded. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly spec?: string;
  /**
   * The directory of an unfinished run to go on with. Default: the newest in `runs` that asks for the same experiment, folds, seeds, settings and
   * engine and that no live process writes; if there is none, a new directory.
   */
  readonly resume?: string;
  /** A new directory in any case. */
  readonly fresh?: boolean;
  /** Between checkpoints; 0: after every iteration. Default: at the ends of epochs and every two minutes, at most 2 % of the time. */
  readonly checkpointMinutes?: number;
  /** Saves after the iteration at hand, and ends. */
  readonly signal?: AbortSignal;
  readonly on?: RunListener;
}

export interface RunListener {
  /** `continued`: there was a run in it already. */
  readonly directory?: (path: string, continued: boolean) => void;
  readonly preparing?: (data: string, done: number, total: number) => void;
  readonly note?: (text: string) => void;
  /** Each data set that is learned from, once. */
  readonly data?: (dataset: Dataset) => void;
  readonly task?: (task: Task, split: TaskSplit) => void;
  /** Where there are several: one of a task begins, from 0, with so many images. */
  readonly stage?: (stage: BoundStage, index: number, images: number) => void;
  /** The stage at hand goes on after so many iterations. */
  readonly resumed?: (iterations: number) => void;
  readonly iteration?: (progress: IterationProgress) => void;
  readonly epoch?: (summary: EpochSummary) => void;
}

export interface TaskResult extends Task {
  /** Over all stages. */
  readonly iterations: number;
  readonly seconds: number;
  readonly parameters: Parameters;
  readonly split: TaskSplit;
  /** With `select best(…)`: the epoch whose parameters these are, from 1, and the value of the metric then. */
  readonly selected?: Pick<Best, 'epoch' | 'value'>;
  readonly decisions: readonly Decision[];
}

export interface RunResult {
  readonly directory: string;
  readonly dataset: Dataset;
  readonly tasks: readonly TaskResult[];
  /** Per seed; empty where nothing is held out. */
  readonly judgements: readonly SeedResult[];
  /** Ended by the signal, or by a number that was not finite. */
  readonly ended: 'complete' | 'interrupted' | 'failed';
  readonly failure?: Error;
}

/**
 * What is wrong with the folds, the data or the run to go on with is found before anything is written. After that, `result.json` says how
 * the run stands, whatever ends it. Throws DataError, EngineError, RunError and ParameterFileError.
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { bound, on } = options;
  const request = {
    bound,
    tasks: await tasksOf(options),
    settings: options.settings ?? {},
    engine: options.engine.name,
  };
  const open = await openEarlier(options, request);
  const tasks = open?.record.tasks ?? request.tasks;
  let lock = open?.lock;
  try {
    const files = await loadStartFiles(bound.stages, options.baseDir, on?.note);
    const datasets = await prepareAll(bound, prepareOptions(options));
    const data = dataHash(datasets, files);
    if (open) checkSameData(open.directory, open.record, data, bound.data.name);
    const planned = tasks.map((task) => ({ task, split: splitOf(bound, datasets, task) }));
    if (bound.experiment.score.kind === 'sequence') checkSequences(datasets.test);
    for (const dataset of new Set(datasets.stages)) on?.data?.(dataset);
    noteFolds(options, datasets);
    const begun = open ?? (await beginRun(options, request, datasets, data));
    ({ lock } = begun);
    on?.directory?.(begun.directory, open !== undefined);
    if (!open) await noteOthers(options, request);
    const done = await finishedTasks(begun.directory, bound, datasets, begun.result);
    return await runTasks({ ...begun, options, datasets, files, planned, done });
  } finally {
    await lock?.release();
  }
}

async function openEarlier(options: RunOptions, request: Request): ReturnType<typeof openUnfinished> {
  const { resume, folds, seeds } = options;
  if (resume !== undefined)
    return openNamed(resume, request, folds === undefined && seeds === undefined ? 'its own' : 'the same');
  return options.fresh ? undefined : openUnfinished(runsOf(options), request);
}

const runsOf = ({ runs }: RunOptions): string => runs ?? 'runs';

async function noteOthers(options: RunOptions, request: Request): Promise<void> {
  if (options.fresh || !options.on?.note) return;
  const [other] = await otherUnfinished(runsOf(options), request);
  if (other !== undefined)
    options.on.note(`${other} is unfinished too, and asks for something else: ed2lc run --resume ${other}`);
}

/** What an earlier process completed, as if it had been now. */
async function finishedTasks(
  directory: string,
  bound: BoundExperiment,
  datasets: Datasets,
  { tasks }: StoredResult,
): Promise<TaskResult[]> {
  const finished: TaskResult[] = [];
  for (const task of tasks) {
    const file = join(directory, parameterFile(taskName(task)));
    const parameters = carryOver(bound.model, await loadParameters(file), file);
    finished.push({ ...task, parameters, split: splitOf(bound, datasets, task) });
  }
  return finished;
}

interface Planned extends Omit<Run, 'metrics'>, Pick<Begun, 'result'> {
  readonly planned: readonly { readonly task: Task; readonly split: TaskSplit }[];
  /** Those of an earlier process; what is completed now is added. */
  readonly done: TaskResult[];
}

async function runTasks({ planned, done, ...run }: Planned): Promise<RunResult> {
  const { options, datasets, directory, record } = run;
  const metrics = new MetricsFile(join(directory, 'metrics.jsonl'), Infinity);
  let finished = run.result.metrics;
  const resultOf = (ended: RunResult['ended'], failure?: Error): RunResult => ({
    directory,
    dataset: datasets.train,
    tasks: done,
    judgements: summarize(done, datasets.test.classes),
    ended,
    ...(failure && { failure }),
  });
  const store = (ended: Ended, failure?: Error): Promise<void> =>
    writeResult(
      directory,
      storedResult(record, {
        ended,
        select: run.result.select,
        ...(run.result.folds && { folds: run.result.folds }),
        tasks: done,
        judgements: resultOf('complete').judgements,
        metrics: finished,
        ...(failure && { failure: failure.message, final: failure instanceof TrainingError }),
      }),
    );
  const end = async (ended: RunResult['ended'], failure?: Error): Promise<RunResult> => {
    await store(ended, failure);
    return resultOf(ended, failure);
  };
  const isDone = ({ seed, fold }: Task): boolean => done.some((t) => t.seed === seed && t.fold === fold);
  try {
    // Whatever ended it before: until someone says otherwise, it is cut off.
    await store('cut off');
    for (const { task, split } of planned) {
      if (!isDone(task)) {
        if (options.signal?.aborted) return await end('interrupted');
        const ended = await runTask({ ...run, metrics }, task, split, finished);
        if ('interrupted' in ended) return await end('interrupted');
        if ('failure' in ended) return await end('failed', ended.failure);
        done.push(ended.done);
        finished = metrics.size;
        await store('cut off');
      }
      // Its parameters are the record now.
      await removeCheckpoints(checkpointFile(directory, task));
    }
    await rm(join(directory, 'checkpoints'), { recursive: true, force: true });
    return await end('complete');
  } catch (error) {
    // The disk may be what failed: the first error is the one to tell.
    await store('failed', error as Error).catch(() => undefined);
    throw error;
  } finally {
    metrics.close();
  }
}
