/** @file How each task of a run stands: done, at work, stopped on the way, failed, or not begun. Reads what is there, changes nothing. */
import { checkpointFile, peekCheckpoint } from '../experiment/checkpoint.js';
import { readRecord, readResult, type StoredResult } from '../experiment/record.js';
import { taskName } from '../experiment/directory.js';
import { accuracyOf } from '../evaluation/evaluate.js';
import type { Task } from '../experiment/tasks.js';
import { lastPlace } from '../experiment/last-line.js';
import { sameTask } from './merge.js';
import { leftOf, taskDirectory, workerOf } from './task-directory.js';

export interface TaskStanding extends Task {
  readonly name: string;
  /** `stopped`: begun, and nobody is at it. */
  readonly state: 'done' | 'running' | 'stopped' | 'failed' | 'missing';
  /** Why it failed, or who is at it. */
  readonly about?: string;
  /** Epochs of the stage at hand. */
  readonly at?: { readonly epoch: number; readonly epochs: number };
  readonly accuracy?: number;
  readonly seconds?: number;
}

export interface RunStanding {
  readonly directory: string;
  readonly experiment: string;
  readonly ended: StoredResult['ended'];
  readonly tasks: readonly TaskStanding[];
}

/** Throws RunRecordError. */
export async function standingOf(directory: string): Promise<RunStanding> {
  const { experiment, tasks, epochs } = await readRecord(directory);
  const result = await readResult(directory);
  return {
    directory,
    experiment,
    ended: result.ended,
    tasks: await Promise.all(tasks.map((task) => taskStanding(directory, result, task, epochs))),
  };
}

async function taskStanding(
  directory: string,
  result: StoredResult,
  task: Task,
  epochs: readonly number[],
): Promise<TaskStanding> {
  const about = { ...task, name: taskName(task) };
  const done = result.tasks.find((t) => sameTask(t, task));
  if (done) {
    const { decisions, seconds } = done;
    const judged = decisions.length > 0 && { accuracy: accuracyOf(decisions).accuracy };
    return { ...about, state: 'done', seconds, ...judged };
  }
  const own = taskDirectory(directory, task);
  const worker = await workerOf(directory, task);
  if (worker) {
    const at = await lastPlace(own, epochs);
    return {
      ...about,
      state: 'running',
      about: `process ${worker.pid} on ${worker.host}`,
      ...(at && { at }),
    };
  }
  const left = await leftOf(directory, task);
  if (!left) return { ...about, state: 'missing' };
  if (left.ended === 'failed') return { ...about, state: 'failed', about: left.failure ?? 'it failed' };
  const saved = await peekCheckpoint(checkpointFile(own, task)).catch(() => undefined);
  const at = saved && { epoch: saved.place.epoch, epochs: epochs[saved.about.stage] ?? 0 };
  return { ...about, state: 'stopped', ...(at && { at }) };
}
