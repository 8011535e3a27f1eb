/**
 * @file Puts a finished training into its run: parameters, inference model, curves and metrics first, then `result.json`, whose replacement is
 * the moment at which it counts. Killed before, it is put there again; killed after, only what is left of its directory has to go.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { taskName, tasksFolder } from '../experiment/directory.js';
import { RunError } from '../experiment/errors.js';
import { takeRunLock } from '../experiment/lock.js';
import {
  readRecord,
  readResult,
  resultOf,
  writeResult,
  type RunRecord,
  type StoredResult,
} from '../experiment/record.js';
import type { Task } from '../experiment/tasks.js';
import { summarize } from '../evaluation/summary.js';
import { taskDirectory } from './task-directory.js';

const LOOK_MS = 50;

/** Nobody holds it for longer than a merge takes. Throws RunError. */
export async function whileLocked<T>(directory: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = await takeRunLock(directory).catch((error: Error) => {
      throw new RunError(`${directory} could not be locked: ${error.message}`);
    });
    if (lock) return work().finally(lock.release);
    await sleep(LOOK_MS);
  }
}

export const sameTask = (a: Task, b: Task): boolean => a.seed === b.seed && a.fold === b.fold;

/** To be called by who holds the task's lock. Throws RunError and RunRecordError. */
export async function mergeTask(directory: string, task: Task): Promise<void> {
  const own = taskDirectory(directory, task);
  await whileLocked(directory, async () => {
    const [record, result] = [await readRecord(directory), await readResult(directory)];
    if (!result.tasks.some((t) => sameTask(t, task))) {
      try {
        await moveFiles(own, directory, task);
        const metrics = await appendMetrics(own, directory, result.metrics);
        await writeResult(directory, withTask(record, result, await readResult(own), metrics));
      } catch (error) {
        if (error instanceof RunError) throw error;
        throw new RunError(`${own} could not be merged into ${directory}: ${(error as Error).message}`);
      }
    }
    await rm(own, { recursive: true, force: true });
  });
}

/** Each is moved whole; what is no longer there was moved by a process that was killed then. */
async function moveFiles(from: string, to: string, task: Task): Promise<void> {
  for (const folder of ['parameters', 'tensorboard']) {
    await mkdir(join(to, folder), { recursive: true });
    const entries = await readdir(join(from, folder)).catch(() => [] as string[]);
    for (const entry of entries) await move(join(from, folder, entry), join(to, folder, entry));
  }
  // The inference model.
  const name = taskName(task);
  if (existsSync(join(from, name))) await move(join(from, name), join(to, name));
}

async function move(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

/** After so many bytes of finished trainings; returns how many there are then. */
async function appendMetrics(from: string, to: string, size: number): Promise<number> {
  const lines = await readFile(join(from, 'metrics.jsonl'));
  const path = join(to, 'metrics.jsonl');
  const file = await open(path, 'a');
  try {
    // Those of a merge that was cut off.
    await truncate(path, size);
    await file.writeFile(lines);
    await file.sync();
  } finally {
    await file.close();
  }
  return size + lines.length;
}

/** In the order of the plan, whichever ended first. */
function withTask(record: RunRecord, result: StoredResult, own: StoredResult, metrics: number): StoredResult {
  const all = [...result.tasks, ...own.tasks];
  const tasks = record.tasks.flatMap((planned) => all.filter((t) => sameTask(t, planned)));
  const classes = [...own.judgements, ...result.judgements][0]?.judgement.classes ?? [];
  const { select, folds } = result;
  return resultOf(record, {
    select,
    ...(folds && { folds }),
    ended: tasks.length === record.tasks.length ? 'complete' : 'cut off',
    metrics,
    tasks,
    judgements: summarize(tasks, classes),
  });
}

/** Says how the run stands now that this process is at an end with it; a complete one needs no folder of tasks any more. */
export async function settle(
  directory: string,
  how: { readonly ended: 'interrupted' | 'failed' | 'cut off'; readonly failure?: string },
): Promise<StoredResult> {
  return whileLocked(directory, async () => {
    const [record, result] = [await readRecord(directory), await readResult(directory)];
    if (result.ended === 'complete') {
      await rm(tasksFolder(directory), { recursive: true, force: true });
      await removeParts(directory);
      return result;
    }
    const { failure: _, ...before } = result;
    const settled = resultOf(record, { ...before, ...how });
    await writeResult(directory, settled);
    return settled;
  });
}

/** Files that a killed process had not finished writing. */
async function removeParts(directory: string): Promise<void> {
  const entries = await readdir(directory);
  for (const entry of entries.filter((name) => name.endsWith('.part')))
    await rm(join(directory, entry), { force: true });
}
