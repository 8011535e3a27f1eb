/** @file A new run: its directory, with what was asked for and a result that says nothing is done. */
import { mkdir } from 'node:fs/promises';
import type { Lock } from '../locks/lock-file.js';
import { COMPILER_VERSION } from '../version.js';
import type { Request } from './continue.js';
import { makeRunDirectory, tasksFolder } from './directory.js';
import { RunError } from './errors.js';
import { foldsManifest, hashOfFolds, writeFolds } from './folds-manifest.js';
import { programHash } from './identity.js';
import { takeRunLock } from './lock.js';
import {
  resultOf,
  writeBound,
  writeRecord,
  writeResult,
  type RunRecord,
  type StoredResult,
} from './record.js';
import type { RunOptions } from './run-experiment.js';
import { storedChoice } from './select.js';
import { fingerprint, type Datasets } from './tasks.js';

export interface Begun {
  readonly directory: string;
  readonly record: RunRecord;
  readonly result: StoredResult;
  readonly lock: Lock;
}

export type BeginOptions = Pick<RunOptions, 'stages' | 'runs' | 'spec' | 'fresh'>;

/** `work`: who trains, this process or one for each task. Throws RunError. */
export async function beginRun(
  options: BeginOptions,
  { bound, tasks, settings, engine }: Request,
  datasets: Datasets,
  data: string,
  work: 'here' | 'in processes' = 'here',
): Promise<Begun> {
  const directory = await makeRunDirectory(options.runs ?? 'runs', bound.experiment.name);
  const lock = await takeRunLock(directory).catch((error: Error) => {
    throw new RunError(`${directory} could not be locked: ${error.message}`);
  });
  if (!lock) throw new RunError(`${directory} was taken by another process`);
  const { experiment, model } = bound;
  const record: RunRecord = {
    version: COMPILER_VERSION,
    spec: options.spec ?? null,
    experiment: experiment.name,
    model: model.name,
    settings,
    engine,
    tasks,
    epochs: options.stages.map(({ stage }) => stage.epochs),
    program: programHash(bound),
    data,
    people: fingerprint(datasets),
    fresh: options.fresh === true,
    started: new Date().toISOString(),
  };
  const select = storedChoice(experiment.select);
  try {
    const manifest = foldsManifest(bound, datasets);
    const folds = manifest && hashOfFolds(manifest);
    const done = { tasks: [], judgements: [], metrics: 0 };
    const result = resultOf(record, { ended: 'cut off', select, ...(folds && { folds }), ...done });
    if (work === 'in processes') await mkdir(tasksFolder(directory));
    if (manifest) await writeFolds(directory, manifest);
    await writeBound(directory, bound);
    await writeResult(directory, result);
    await writeRecord(directory, record);
    return { directory, record, result, lock };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
