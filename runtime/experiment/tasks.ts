/** @file The tasks of an experiment, one per seed and held-out fold: which samples each stage trains on, and how the model is judged. */
import { createHash } from 'node:crypto';
import type { BoundExperiment, DataIR } from '../../compiler/model/experiment.js';
import { sharedPeople } from '../../compiler/model/people.js';
import { predictedFrom } from '../../compiler/model/predicted-from.js';
import type { Dataset } from '../data/dataset.js';
import { DataError } from '../data/errors.js';
import { foldOf, heldOut, type Split } from '../data/folds.js';
import { prepare, type PrepareOptions } from '../data/prepare.js';
import type { Engine } from '../engines/engine.js';
import { decisions, judgedLabel, type Decision } from '../evaluation/evaluate.js';
import type { Parameters } from '../parameters/initialise.js';
import { checkFit, checkTakenOver } from './fit.js';
import { innerPart } from './select.js';

/** One training of the experiment, through all its stages. */
export interface Task {
  readonly seed: number;
  /** From 1; null where the experiment tests on data of its own, or everything is trained on. */
  readonly fold: number | null;
}

export interface Datasets {
  /** What each stage learns from; equal blocks are one data set. */
  readonly stages: readonly Dataset[];
  /** That of the last stage. */
  readonly train: Dataset;
  /** The same where a fold is held out. */
  readonly test: Dataset;
}

/** Samples of a task: `train` and `test` of the last stage. */
export interface TaskSplit extends Split {
  /** What each stage learns from, as indices into its own data set; the last is `train`. */
  readonly stages: readonly Int32Array[];
  /** Those of the last stage's data that parameters are chosen by; learned from in no stage. */
  readonly inner: Int32Array;
}

export interface PrepareAllOptions extends Omit<PrepareOptions, 'onProgress'> {
  readonly onPreparing?: (data: string, done: number, total: number) => void;
}

/** Throws DataError. */
export async function prepareAll(
  { stages, model, testData }: BoundExperiment,
  { onPreparing, ...options }: PrepareAllOptions,
): Promise<Datasets> {
  const prepared = new Map<string, Dataset>();
  const one = async (data: DataIR): Promise<Dataset> => {
    const key = JSON.stringify(data);
    const known = prepared.get(key);
    if (known) return known;
    const onProgress = onPreparing && ((done: number, total: number) => onPreparing(data.name, done, total));
    const dataset = await prepare(data, { ...options, ...(onProgress && { onProgress }) });
    prepared.set(key, dataset);
    return dataset;
  };
  const trained: Dataset[] = [];
  for (const stage of stages) {
    const dataset = await one(stage.data);
    checkFit(dataset, stage.data, stage.model, stage === stages.at(-1));
    trained.push(dataset);
  }
  checkTakenOver(stages, trained);
  const train = trained.at(-1)!;
  if (!testData) return { stages: trained, train, test: train };
  const test = await one(testData);
  checkFit(test, testData, model, true, predictedFrom(model));
  if (test.classes.join() !== train.classes.join()) {
    throw new DataError(
      `${train.name} has the classes ${train.classes.join(', ')}, and ${test.name} has ${test.classes.join(', ')}`,
    );
  }
  return { stages: trained, train, test };
}

/** Changes with the images that are judged or learned from last, their classes and their people, which is what folds are cut by. */
export function fingerprint({ train, test }: Datasets): string {
  const about = [train, test].map(({ samples, foldFile }) => [
    ...samples.map(({ id, label, subject }) => [id, label, subject]),
    ...(foldFile ? [...foldFile.of] : []),
  ]);
  return createHash('sha256').update(JSON.stringify(about)).digest('hex');
}

/**
 * The last stage holds a fold out; without folds it uses every sample, and judging those of the test data (none if there are none).
 * Earlier stages use all of theirs, but never the people that are held out. Of the people of the last stage, `select` may take an inner part.
 */
export function splitOf(
  { experiment, stages, data, testData }: BoundExperiment,
  datasets: Datasets,
  { seed, fold }: Task,
): TaskSplit {
  const { train: learned, test } = lastSplit(data, testData, datasets, fold);
  const { select } = experiment;
  const inner =
    select.kind === 'best' && select.on.kind === 'inner'
      ? innerPart(datasets.train, learned, select.on.share, seed)
      : new Int32Array();
  const chosenBy = new Set(inner);
  const train = learned.filter((i) => !chosenBy.has(i));
  const held = [...inner, ...(fold === null ? [] : test)];
  const people = new Set(held.map((i) => datasets.train.samples[i]!.subject));
  const earlier = stages.slice(0, -1).map((stage, k) => {
    const all = everything(datasets.stages[k]!);
    if (sharedPeople(stage.data, data) !== 'named') return all;
    return all.filter((i) => !people.has(datasets.stages[k]!.samples[i]!.subject));
  });
  return { train, test, stages: [...earlier, train], inner };
}

function lastSplit(
  data: DataIR,
  testData: DataIR | null,
  { train, test }: Datasets,
  fold: number | null,
): Split {
  if (fold !== null && data.folds) return heldOut(foldOf(train, data.folds), fold - 1);
  return { train: everything(train), test: testData ? everything(test) : new Int32Array() };
}

const everything = ({ samples }: Dataset): Int32Array => Int32Array.from(samples.keys());

/** The decisions of a model on what it has not seen; none where nothing is held out or nothing is predicted. Throws the reason of `signal`. */
export async function judgeTask(
  bound: BoundExperiment,
  engine: Engine,
  parameters: Parameters,
  datasets: Datasets,
  split: Split,
  signal?: AbortSignal,
): Promise<Decision[]> {
  const label = judgedLabel(bound.model);
  if (label === undefined || split.test.length === 0) return [];
  const data = bound.testData ?? bound.data;
  return decisions(
    { engine, model: bound.model, parameters, dataset: datasets.test, indices: split.test, data },
    label,
    bound.experiment.score,
    signal,
  );
}
