/** @file One task of a run: trained through all stages, saved on the way, judged, and recorded; from its last checkpoint if there is one. */
import { join } from 'node:path';
import { random } from '../data/random.js';
import { accuracyOf, type Decision } from '../evaluation/evaluate.js';
import { carryOver } from '../parameters/carry.js';
import type { Parameters } from '../parameters/initialise.js';
import { loadParameters, saveParameters } from '../parameters/safetensors.js';
import { parametersOfStart, type StageEnd } from '../parameters/stage-start.js';
import type { TrainingError } from '../training/errors.js';
import type { Selection } from '../training/selection.js';
import type { TrainingState } from '../training/state.js';
import { TensorBoardLog } from '../training/tensorboard.js';
import { train, type Trained } from '../training/train.js';
import {
  checkpointFile,
  loadCheckpoint,
  removeCheckpoints,
  saveCheckpoint,
  type Checkpoint,
  type CheckpointAbout,
} from './checkpoint.js';
import { parameterFile, stageName, taskName } from './directory.js';
import { RunRecordError } from './errors.js';
import { exportTrained } from './export-trained.js';
import type { MetricsFile } from './metrics-file.js';
import { Pace } from './pace.js';
import type { RunRecord } from './record.js';
import type { RunOptions, TaskResult } from './run-experiment.js';
import { describeChoice, selectionOf } from './select.js';
import { judgeTask, type Datasets, type Task, type TaskSplit } from './tasks.js';
import { COMPILER_VERSION } from '../version.js';

/** What the tasks of a run share. */
export interface Run {
  readonly options: RunOptions;
  readonly datasets: Datasets;
  /** Of `start` lines. */
  readonly files: ReadonlyMap<string, Parameters>;
  readonly directory: string;
  readonly record: RunRecord;
  readonly metrics: MetricsFile;
}

export type TaskEnd =
  { readonly done: TaskResult } | { readonly interrupted: true } | { readonly failure: TrainingError };

/** `metrics`: the bytes of the tasks before. Throws EngineError, RunError and ParameterFileError. */
export async function runTask(run: Run, task: Task, split: TaskSplit, metrics: number): Promise<TaskEnd> {
  const { options, directory } = run;
  const { bound, on } = options;
  on?.task?.(task, split);
  const found = await findCheckpoint(run, task);
  // What was written after the checkpoint comes again.
  run.metrics.cut(found?.about.metrics ?? metrics);
  const last = bound.stages.length - 1;
  let before: Work = found?.about.before ?? { iterations: 0, seconds: 0 };
  const earlier = await earlierStages(run, task, found?.about.stage ?? 0);
  for (let i = found?.about.stage ?? 0; ; i++) {
    const stage = bound.stages[i]!;
    const from = i === found?.about.stage ? found.state : undefined;
    const { classes } = run.datasets.stages[i]!;
    const { stages } = bound;
    const start = parametersOfStart({ stages, earlier, classes, seed: task.seed, files: run.files });
    if (last > 0) on?.stage?.(stage, i, split.stages[i]!.length);
    const name = i === last ? taskName(task) : stageName(task, i);
    const curves = new TensorBoardLog(join(directory, 'tensorboard', name), (message) => on?.note?.(message));
    try {
      const selection = i === last ? selectionOf(bound, options.engine, run.datasets, split) : undefined;
      const training = {
        task,
        stage: i,
        indices: split.stages[i]!,
        parameters: start,
        before,
        curves,
        selection,
      };
      const trained = await trainStage(run, training, from);
      const { parameters } = trained;
      if (trained.failure) {
        await saveParameters(join(directory, parameterFile(name)), parameters);
        await removeCheckpoints(checkpointFile(directory, task));
        return { failure: trained.failure };
      }
      await save(run, training, trained.state);
      if (trained.interrupted) return { interrupted: true };
      const worked = added(before, trained);
      if (i === last) return await finish(run, task, split, trained, worked, curves);
      await saveParameters(join(directory, parameterFile(name)), parameters);
      earlier.push({ parameters, classes });
      before = worked;
    } finally {
      curves.close();
    }
  }
}

/** What the first stages of a task left, as an earlier process wrote it. */
async function earlierStages(
  { options, datasets, directory }: Run,
  task: Task,
  count: number,
): Promise<StageEnd[]> {
  const ends: StageEnd[] = [];
  for (const [i, { model }] of options.bound.stages.slice(0, count).entries()) {
    const file = join(directory, parameterFile(stageName(task, i)));
    const parameters = carryOver(model, await loadParameters(file), file);
    ends.push({ parameters, classes: datasets.stages[i]!.classes });
  }
  return ends;
}

/** Iterations and seconds of several stages. */
type Work = CheckpointAbout['before'];

const added = (a: Work, b: Work): Work => ({
  iterations: a.iterations + b.iterations,
  seconds: a.seconds + b.seconds,
});

/** One stage of a task. */
interface Training {
  readonly task: Task;
  readonly stage: number;
  readonly indices: Int32Array;
  readonly parameters: Parameters;
  readonly before: Work;
  readonly curves: TensorBoardLog;
  readonly selection: Selection | undefined;
}

function trainStage(run: Run, training: Training, from: TrainingState | undefined): Promise<Trained> {
  const { options, datasets, metrics } = run;
  const { bound, stages, engine, signal, on } = options;
  const { task, stage: index, curves } = training;
  const { seed, fold } = task;
  const { model, data } = bound.stages[index]!;
  const several = bound.stages.length > 1;
  const place = { seed, ...(fold !== null && { fold }), ...(several && { stage: index + 1 }) };
  const pace = new Pace(options.checkpointMinutes);
  if (from) on?.resumed?.(from.iteration);
  return train({
    engine,
    model,
    stage: stages[index]!,
    dataset: datasets.stages[index]!,
    indices: training.indices,
    data,
    parameters: training.parameters,
    seed: stageSeed(seed, index),
    ...(from && { from }),
    ...(training.selection && { selection: training.selection }),
    ...(signal && { signal }),
    onPause: async (pause) => {
      if (pace.due(pause)) await pace.save(() => save(run, training, pause.state()));
    },
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

/** Judges, and leaves the parameters and the inference model. */
async function finish(
  run: Run,
  task: Task,
  split: TaskSplit,
  { parameters, state }: Trained,
  { iterations, seconds }: Work,
  curves: TensorBoardLog,
): Promise<TaskEnd> {
  const { options, directory, datasets } = run;
  const { bound, engine, signal, on } = options;
  let made: Decision[];
  try {
    signal?.throwIfAborted();
    made = await judgeTask(bound, engine, parameters, datasets, split, signal);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return { interrupted: true };
    throw error;
  }
  const name = taskName(task);
  await saveParameters(join(directory, parameterFile(name)), parameters);
  const without = await exportTrained(join(directory, name), bound.model, parameters);
  if (without !== undefined) on?.note?.(`no inference model was written: ${without}`);
  if (made.length > 0) curves.heldOut(iterations, accuracyOf(made).accuracy);
  const selected = state.best && { epoch: state.best.epoch + 1, value: state.best.value };
  if (selected) on?.note?.(describeChoice(bound.experiment.select, selected));
  const done = { ...task, iterations, seconds, parameters, split, decisions: made };
  return { done: { ...done, ...(selected && { selected }) } };
}

function save(run: Run, { task, stage, before }: Training, state: TrainingState): Promise<void> {
  const { record, metrics, directory } = run;
  // The lines that the checkpoint counts on are on the disk before it is.
  metrics.flush();
  const { program, data, settings, engine } = record;
  const about = { ...task, stage, before, program, data, settings, engine, version: COMPILER_VERSION };
  return saveCheckpoint(checkpointFile(directory, task), {
    about: { ...about, metrics: metrics.size },
    state,
  });
}

/** Throws ParameterFileError if there are checkpoints and none is whole, and RunRecordError if it is of another run. */
async function findCheckpoint(
  { options, directory, record }: Run,
  task: Task,
): Promise<Checkpoint | undefined> {
  const file = checkpointFile(directory, task);
  const found = await loadCheckpoint(file);
  if (!found) return undefined;
  const { about, damage } = found;
  if (damage !== undefined) options.on?.note?.(`${damage}; the checkpoint before it is used`);
  const belongs =
    about.seed === task.seed &&
    about.fold === task.fold &&
    about.stage < options.bound.stages.length &&
    (['program', 'data', 'engine'] as const).every((key) => about[key] === record[key]);
  if (!belongs) throw new RunRecordError(`${file} belongs to another run`);
  return found;
}
