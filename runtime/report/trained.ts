/** @file A run with its data and its trained parameters, opened when a part of a report needs them, and then once. */
import { join } from 'node:path';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import type { Dataset } from '../data/dataset.js';
import { foldCount } from '../data/folds.js';
import type { Engine } from '../engines/engine.js';
import { checkSameFolds } from '../experiment/evaluate-run.js';
import { parameterFile, taskName } from '../experiment/directory.js';
import type { RunRecord, StoredResult } from '../experiment/record.js';
import {
  prepareAll,
  splitOf,
  type Datasets,
  type PrepareAllOptions,
  type Task,
  type TaskSplit,
} from '../experiment/tasks.js';
import { carryOver } from '../parameters/carry.js';
import type { Parameters } from '../parameters/initialise.js';
import { loadParameters } from '../parameters/safetensors.js';

export interface TrainedRun {
  readonly engine: Engine;
  readonly bound: BoundExperiment;
  readonly datasets: Datasets;
  /** Finished, in the order in which they were trained. */
  readonly done: readonly Task[];
  readonly splitOf: (task: Task) => TaskSplit;
  readonly parametersOf: (task: Task) => Promise<Parameters>;
}

/** What its files say. */
export interface RunAsLeft {
  readonly record: RunRecord;
  readonly folds: StoredResult['folds'];
  readonly bound: BoundExperiment;
  readonly done: readonly Task[];
}

/** Throws DataError, and RunRecordError if the data is no longer what it was. */
export async function openTrained(
  directory: string,
  { record, folds, bound, done }: RunAsLeft,
  engine: Engine,
  options: PrepareAllOptions,
): Promise<TrainedRun> {
  const datasets = await prepareAll(bound, { ...options, engine });
  checkSameFolds(directory, record, folds, bound, datasets);
  return {
    engine,
    bound,
    datasets,
    done,
    splitOf: (task) => splitOf(bound, datasets, task),
    parametersOf: async (task) => {
      const file = join(directory, parameterFile(taskName(task)));
      return carryOver(bound.model, await loadParameters(file), file);
    },
  };
}

/** The data that is judged. */
export const judgedData = ({
  bound,
  datasets,
}: TrainedRun): { dataset: Dataset; data: BoundExperiment['data'] } => ({
  dataset: datasets.test,
  data: bound.testData ?? bound.data,
});

/** The first finished training that holds a fold out, or tests on data of its own. */
export const taskWithFold = (
  { done, bound }: Pick<TrainedRun, 'done' | 'bound'>,
  fold: number,
): Task | undefined => done.find((task) => task.fold === (bound.testData ? null : fold));

/** How many parts the judged data is cut into; 1 where it is judged as a whole. */
export const foldsOf = ({ bound, datasets }: Pick<TrainedRun, 'bound' | 'datasets'>): number =>
  bound.testData || !bound.data.folds ? 1 : foldCount(datasets.train, bound.data.folds);
