/** @file The runs of a folder as they stand: which are done, which go on now, and which can be continued. Reads what the runs left, changes nothing. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from '../training/trainer.js';
import { checkpointFile, peekCheckpoint } from './checkpoint.js';
import { RunError } from './errors.js';
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
  const state = (await writerOf(directory)) ? 'running' : result.ended;
  const current = record.tasks[result.tasks.length];
  const { line, modified } = await lastLine(join(directory, 'metrics.jsonl'));
  const unfinished = state !== 'complete' && current !== undefined;
  const live = state === 'running' && line ? livePlace(line) : undefined;
  const at = unfinished ? await standing(directory, record, current, live) : undefined;
  const accuracies = result.judgements.map((j) => j.judgement.accuracy);
  const accuracy = accuracies.reduce((a, b) => a + b, 0) / accuracies.length;
  const next = nextOf(directory, state, result);
  return {
    directory,
    state,
    ...(result.failure !== undefined && state === 'failed' && { problem: result.failure }),
    experiment: record.experiment,
    model: record.model,
    tasks: { done: result.tasks.length, planned: record.tasks.length },
    ...(at && { at }),
    ...(line && { last: line }),
    ...(Number.isFinite(accuracy) && { accuracy }),
    started: record.started,
    updated: (modified ?? new Date(record.started)).toISOString(),
    ...(next && { next }),
  };
}

function nextOf(directory: string, state: RunState, { final, tasks }: StoredResult): string[] | undefined {
  if (state === 'running') return undefined;
  if (state !== 'complete' && final !== true) return ['run', '--resume', directory];
  return tasks.length > 0 ? ['eval', directory] : undefined;
}

interface Place {
  /** Both from 0. */
  readonly stage: number;
  readonly epoch: number;
}

/** A line of an iteration lies in its epoch, one without stands at the end of it. */
const livePlace = ({ stage, epoch, iteration }: Measured): Place => ({
  stage: (stage ?? 1) - 1,
  epoch: (epoch ?? 1) - (iteration === undefined ? 0 : 1),
});

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

const TAIL_BYTES = 16_384;

/** The last whole line, and when it was written. */
async function lastLine(path: string): Promise<{ line?: Measured; modified?: Date }> {
  const modified = await stat(path).then(
    ({ mtime }) => mtime,
    () => undefined,
  );
  if (!modified) return {};
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8').split('\n').slice(0, -1);
    const line = lines.at(-1);
    return line === undefined ? { modified } : { modified, line: JSON.parse(line) as Measured };
  } catch {
    // A line cut off in the middle tells nothing.
    return { modified };
  } finally {
    await file.close();
  }
}
