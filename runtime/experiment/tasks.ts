/** @file The tasks of an experiment, one per seed and held-out fold: which samples each trains on, and how its model is judged. */
import { createHash } from 'node:crypto';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import type { Dataset } from '../data/dataset.js';
import { DataError } from '../data/errors.js';
import { foldOf, heldOut, type Split } from '../data/folds.js';
import { prepare, type PrepareOptions } from '../data/prepare.js';
import type { Engine } from '../engines/engine.js';
import { decisions, judge, judgedLabel, type Decision, type Judgement } from '../evaluation/evaluate.js';
import type { Parameters } from '../parameters/initialise.js';
import { checkFit } from './fit.js';

/** One training of the experiment. */
export interface Task {
  readonly seed: number;
  /** From 1; null where the experiment tests on data of its own, or everything is trained on. */
  readonly fold: number | null;
}

export interface Datasets {
  readonly train: Dataset;
  /** The same where a fold is held out. */
  readonly test: Dataset;
}

/** Throws DataError. */
export async function prepareAll(bound: BoundExperiment, options: PrepareOptions): Promise<Datasets> {
  const one = async (data: BoundExperiment['data']): Promise<Dataset> => {
    const dataset = await prepare(data, options);
    checkFit(dataset, data, bound);
    return dataset;
  };
  const trained = await one(bound.data);
  const tested = bound.testData ? await one(bound.testData) : trained;
  if (tested.classes.join() !== trained.classes.join()) {
    throw new DataError(
      `${trained.name} has the classes ${trained.classes.join(', ')}, and ${tested.name} has ${tested.classes.join(', ')}`,
    );
  }
  return { train: trained, test: tested };
}

/** Changes with the images, their classes and their people, which is what folds are cut by. */
export function fingerprint({ train, test }: Datasets): string {
  const about = [train, test].map(({ samples }) =>
    samples.map(({ id, label, subject }) => [id, label, subject]),
  );
  return createHash('sha256').update(JSON.stringify(about)).digest('hex');
}

/** Without folds, training uses every sample, and judging those of the test data (none if there are none). */
export function splitOf(
  { data, testData }: Pick<BoundExperiment, 'data' | 'testData'>,
  datasets: Datasets,
  fold: number | null,
): Split {
  const everything = ({ samples }: Dataset): Int32Array => Int32Array.from(samples.keys());
  if (fold !== null && data.folds) return heldOut(foldOf(datasets.train, data.folds), fold - 1);
  return { train: everything(datasets.train), test: testData ? everything(datasets.test) : new Int32Array() };
}

/** The decisions of a model on what it has not seen; none where nothing is held out or nothing is predicted. */
export function judgeTask(
  bound: BoundExperiment,
  engine: Engine,
  parameters: Parameters,
  datasets: Datasets,
  split: Split,
): Decision[] {
  const label = judgedLabel(bound.model);
  if (label === undefined || split.test.length === 0) return [];
  const data = bound.testData ?? bound.data;
  return decisions(
    { engine, model: bound.model, parameters, dataset: datasets.test, indices: split.test, data },
    label,
    bound.experiment.score,
  );
}

/** Per seed, the decisions of its folds together. */
export function pooled(
  tasks: readonly { readonly seed: number; readonly decisions: readonly Decision[] }[],
  classes: readonly string[],
): { seed: number; judgement: Judgement }[] {
  const seeds = [...new Set(tasks.map((t) => t.seed))];
  return seeds.flatMap((seed) => {
    const made = tasks.filter((t) => t.seed === seed).flatMap((t) => t.decisions);
    return made.length === 0 ? [] : [{ seed, judgement: judge(made, classes) }];
  });
}
