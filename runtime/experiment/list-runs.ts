/** @file The runs of a folder as they stand: which are done, which go on now, and which can be continued. Reads what the runs left, changes nothing. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { standingOf } from '../crossval/standing.js';
import type { Measured } from '../training/trainer.js';
import { checkpointFile, peekCheckpoint } from './checkpoint.js';
import { RunError } from './errors.js';
import { isInProcesses } from './directory.js';
import { lastLine, livePlace, type Place } from './last-line.js';
import { writerOf } from './lock.js';
import { readRecord, readResult, type RunRecord, type StoredResult } from './record.js';
import type { Task } from './tasks.js';

/** `cut off`: the process was killed. `damaged`: not what a run leaves. */
export type RunState = 'running' | 'complete' | 'interrupted' | 'cut off' | 'failed' | 'damaged';

export interface RunSummary {
  readonly directory: string;
  readonly state: RunState;
  /** Why it failed, or what is damaged. */
  readonly problem?: string;
  readonly experiment?: string;
  readonly model?: string;
  /** Trainings, one per seed and fold. */
  readonly tasks?: { readonly done: number; readonly planned: number };
  /** Of an unfinished cross-validation: how many tasks stand how. */
  readonly processes?: Readonly<Record<'running' | 'stopped' | 'failed' | 'missing', number>>;
  /** Where the training at hand stands; of a run that nobody continues now, as far as it was saved. */
  readonly at?: {
    readonly task: Task;
    readonly stage: number;
    readonly stages: number;
    readonly epoch: number;
    readonly epochs: number;
  };
  /** The last line of its metrics. */
  readonly last?: Measured;
  /** Mean over seeds, of what is judged. */
  readonly accuracy?: number;
  readonly started?: string;
  readonly updated?: string;
  /** Arguments of `ed2lc` that go on with it or judge it. */
  readonly next?: readonly string[];
}

/** By name; a folder that is not there holds none. Throws RunError for one that cannot be read. */
export async function listRuns(folder: string): Promise<RunSummary[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new RunError(`${folder} could not be read: ${error.message}`);
  });
  const named = entries.filter((entry) => entry.isDirectory() && /-\d+$/.test(entry.name));
  const collator = new Intl.Collator('en', { numeric: true });
  const directories = named.map(({ name }) => join(folder, name)).sort(collator.compare);
  return Promise.all(directories.map(summaryOf));
}

async function summaryOf(directory: string): Promise<RunSummary> {
  try {
    return await summary(directory);
  } catch (error) {
    return { directory, state: 'damaged', problem: (error as Error).message };
  }
}

async function summary(directory: string): Promise<RunSummary> {
  const [record, result] = [await readRecord(directory), await readResult(directory)];
  if (isInProcesses(directory) && result.ended !== 'complete') return inProcesses(directory, record, result);
  const state = (await writerOf(directory)) ? 'running' : result.ended;
  const current = record.tasks[result.tasks.length];
  const { line, modified } = await lastLine(join(directory, 'metrics.jsonl'));
  const unfinished = state !== 'complete' && current !== undefined;
  const live = state === 'running' && line ? livePlace(line) : undefined;
  const at = unfinished ? await standing(directory, record, current, live) : undefined;
  const next = nextOf(directory, state, result);
  return {
    directory,
    state,
    ...(result.failure !== undefined && state === 'failed' && { problem: result.failure }),
    ...aboutOf(record, result),
    ...(at && { at }),
    ...(line && { last: line }),
    updated: (modified ?? new Date(record.started)).toISOString(),
    ...(next && { next }),
  };
}

function aboutOf(
  { experiment, model, tasks, started }: RunRecord,
  result: StoredResult,
): Pick<RunSummary, 'experiment' | 'model' | 'tasks' | 'accuracy' | 'started'> {
  const accuracies = result.judgements.map((j) => j.judgement.accuracy);
  const accuracy = accuracies.reduce((a, b) => a + b, 0) / accuracies.length;
  return {
    experiment,
    model,
    tasks: { done: result.tasks.length, planned: tasks.length },
    ...(Number.isFinite(accuracy) && { accuracy }),
    started,
  };
}

/** Of a cross-validation that is not complete. */
async function inProcesses(directory: string, record: RunRecord, result: StoredResult): Promise<RunSummary> {
  const { tasks } = await standingOf(directory);
  const count = (state: (typeof tasks)[number]['state']): number =>
    tasks.filter((t) => t.state === state).length;
  const processes = {
    running: count('running'),
    stopped: count('stopped'),
    failed: count('failed'),
    missing: count('missing'),
  };
  const running = processes.running > 0;
  const { modified } = await lastLine(join(directory, 'metrics.jsonl'));
  return {
    directory,
    state: running ? 'running' : result.ended,
    ...(result.failure !== undefined && !running && { problem: result.failure }),
    ...aboutOf(record, result),
    processes,
    updated: (modified ?? new Date(record.started)).toISOString(),
    ...(!running && { next: ['crossval', '--resume', directory] }),
  };
}

function nextOf(directory: string, state: RunState, { final, tasks }: StoredResult): string[] | undefined {
  if (state === 'running') return undefined;
  if (state !== 'complete' && final !== true) return ['run', '--resume', directory];
  return tasks.length > 0 ? ['eval', directory] : undefined;
}

async function standing(
  directory: string,
  { epochs }: RunRecord,
  task: Task,
  live: Place | undefined,
): Promise<RunSummary['at']> {
  const saved = live ? undefined : await peekCheckpoint(checkpointFile(directory, task));
  const { stage, epoch } = live ?? {
    stage: saved?.about.stage ?? 0,
    epoch: saved?.place.epoch ?? 0,
  };
  return { task, stage: stage + 1, stages: epochs.length, epoch, epochs: epochs[stage] ?? 0 };
}
