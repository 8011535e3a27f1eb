/** @file Trains one task of a cross-validation in this process, from where it stands, and merges it into its run. */
import { rm } from 'node:fs/promises';
import { compileExperiment, trainableStages } from '../../compiler/program.js';
import type { Engine } from '../engines/engine.js';
import { ResumeError, RunRecordError } from '../experiment/errors.js';
import { loadRun, readResult } from '../experiment/record.js';
import { runExperiment, type RunOptions } from '../experiment/run-experiment.js';
import { taskName } from '../experiment/directory.js';
import type { Task } from '../experiment/tasks.js';
import { mergeTask, sameTask } from './merge.js';
import { readyTask, takeTask, taskDirectory, workerOf } from './task-directory.js';

export interface TrainTaskOptions extends Pick<
  RunOptions,
  'cacheDir' | 'baseDir' | 'checkpointMinutes' | 'signal' | 'on'
> {
  /** Of the run that the task is of. */
  readonly directory: string;
  /** `seed-0-fold-1` */
  readonly name: string;
  readonly engine: Engine;
}

export type TaskOutcome =
  | { readonly kind: 'done' | 'interrupted' }
  /** By such a process. */
  | { readonly kind: 'taken'; readonly by: string }
  | { readonly kind: 'failed'; readonly error: Error };

/** Throws RunRecordError, ResumeError, DataError, EngineError, RunError and ParameterFileError; what was done until then goes on next time. */
export async function trainTask({ directory, name, ...options }: TrainTaskOptions): Promise<TaskOutcome> {
  const { record, bound } = await loadRun(directory);
  const task = record.tasks.find((t) => taskName(t) === name);
  if (!task)
    throw new RunRecordError(
      `${directory} has no task ${name}; it has ${record.tasks.map(taskName).join(', ')}`,
    );
  if (record.engine !== options.engine.name)
    throw new ResumeError(
      `${directory} is trained on ${record.engine}, and this is ${options.engine.name}: use --engine ${record.engine}`,
    );
  if (await isMerged(directory, task)) return { kind: 'done' };
  const lock = await takeTask(directory, task);
  if (!lock) {
    const holder = await workerOf(directory, task);
    return { kind: 'taken', by: holder ? `process ${holder.pid} on ${holder.host}` : 'another process' };
  }
  const own = taskDirectory(directory, task);
  try {
    // Somebody may have merged it since, and was killed before its directory went.
    if (await isMerged(directory, task)) await rm(own, { recursive: true, force: true });
    else {
      const left = await readyTask(directory, record, bound, task, options.on?.note);
      if (left.ended !== 'complete') {
        const { ended, failure } = await runExperiment({
          ...options,
          bound,
          stages: trainableStages(compileExperiment(bound)),
          settings: record.settings,
          resume: own,
        });
        if (ended === 'interrupted') return { kind: 'interrupted' };
        if (ended === 'failed') return { kind: 'failed', error: failure! };
      }
      await mergeTask(directory, task);
    }
    return { kind: 'done' };
  } finally {
    await lock.release();
  }
}

async function isMerged(directory: string, task: Task): Promise<boolean> {
  return (await readResult(directory)).tasks.some((t) => sameTask(t, task));
}
