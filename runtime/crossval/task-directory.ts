/**
 * @file The directory of one training of a cross-validation: `tasks/seed-0-fold-1/`, a run of that task alone, until it is merged.
 * Its lock lies beside it, so that whoever makes, trains, merges or removes it is alone.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import { checkpointFile, loadCheckpoint } from '../experiment/checkpoint.js';
import { taskName, tasksFolder } from '../experiment/directory.js';
import { RunError, RunRecordError } from '../experiment/errors.js';
import {
  readRecord,
  readResult,
  resultOf,
  writeBound,
  writeRecord,
  writeResult,
  type RunRecord,
  type StoredResult,
} from '../experiment/record.js';
import { storedChoice } from '../experiment/select.js';
import type { Task } from '../experiment/tasks.js';
import { holderOf, takeLock, type Holder, type Lock } from '../locks/lock-file.js';
import { ParameterFileError } from '../parameters/errors.js';

export const taskDirectory = (directory: string, task: Task): string =>
  join(tasksFolder(directory), taskName(task));

const lockFile = (directory: string, task: Task): string => `${taskDirectory(directory, task)}.lock`;

/** Undefined if another live process is at it. Throws RunError. */
export async function takeTask(directory: string, task: Task): Promise<Lock | undefined> {
  const file = lockFile(directory, task);
  return takeLock(file).catch((error: Error) => {
    throw new RunError(`${file} could not be written: ${error.message}`);
  });
}

/** Who is at it now. */
export const workerOf = (directory: string, task: Task): Promise<Holder | undefined> =>
  holderOf(lockFile(directory, task));

/** What it left; undefined if it never began, or was killed while its directory was made. */
export async function leftOf(directory: string, task: Task): Promise<StoredResult | undefined> {
  const own = taskDirectory(directory, task);
  try {
    // The record is written last.
    await readRecord(own);
    return await readResult(own);
  } catch (error) {
    if (error instanceof RunRecordError) return undefined;
    throw error;
  }
}

/**
 * A directory in which the task can go on, made anew where there is nothing to go on with. To be called by who holds the lock. `note` hears of
 * checkpoints that cannot be read.
 */
export async function readyTask(
  directory: string,
  record: RunRecord,
  bound: BoundExperiment,
  task: Task,
  note?: (text: string) => void,
): Promise<StoredResult> {
  const own = taskDirectory(directory, task);
  const left = await leftOf(directory, task);
  if (left?.ended === 'complete') return left;
  // A number that was not finite left no checkpoint: only from the beginning could it be another.
  if (left && !left.final && (await canGoOn(own, task, note))) return left;
  try {
    await rm(own, { recursive: true, force: true });
    await mkdir(join(own, 'parameters'), { recursive: true });
  } catch (error) {
    throw new RunError(`${own} could not be made: ${(error as Error).message}`);
  }
  const select = storedChoice(bound.experiment.select);
  const result = resultOf(record, { ended: 'cut off', select, tasks: [], judgements: [], metrics: 0 });
  await writeBound(own, bound);
  await writeResult(own, result);
  await writeRecord(own, { ...record, tasks: [task] });
  return result;
}

async function canGoOn(own: string, task: Task, note?: (text: string) => void): Promise<boolean> {
  try {
    await loadCheckpoint(checkpointFile(own, task));
    return true;
  } catch (error) {
    if (!(error instanceof ParameterFileError)) throw error;
    note?.(`${error.message}; this training begins again`);
    return false;
  }
}
