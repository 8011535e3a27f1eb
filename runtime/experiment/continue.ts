/** @file Which run directory a request goes on in: the one named, the newest unfinished one of the same request, or a new one. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isInProcesses, runNumbers, taskName } from './directory.js';
import { ResumeError, RunError, RunRecordError } from './errors.js';
import { programDifferences, programHash } from './identity.js';
import type { Lock } from '../locks/lock-file.js';
import { takeRunLock, writerOf } from './lock.js';
import { loadRun, readRecord, readResult, type RunRecord, type StoredResult } from './record.js';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import type { Task } from './tasks.js';

/** What decides whether an unfinished run is the one that is asked for. */
export interface Request {
  readonly bound: BoundExperiment;
  readonly tasks: readonly Task[];
  readonly settings: Readonly<Record<string, string>>;
  readonly engine: string;
}

/** A run of before, locked. */
export interface OpenRun {
  readonly directory: string;
  readonly record: RunRecord;
  readonly result: StoredResult;
  readonly lock: Lock;
}

/** `tasks`: whether those of the request must be those of the run. Throws ResumeError, RunRecordError and RunError. */
export async function openNamed(
  directory: string,
  request: Request,
  tasks: 'the same' | 'its own',
): Promise<OpenRun> {
  const record = await readRecord(directory);
  if (isInProcesses(directory) && isUnfinished(await readResult(directory)))
    throw new ResumeError(
      `${directory} is a cross-validation: ed2lc crossval --resume ${directory} goes on with it`,
    );
  if (tasks === 'the same' && namesOf(record.tasks) !== namesOf(request.tasks))
    throw new ResumeError(
      `${directory} has other seeds or folds: leave them out, or begin a new run with --fresh`,
    );
  const lock = await takeRunLock(directory).catch((error: Error) => {
    throw new RunError(`${directory} could not be locked: ${error.message}`);
  });
  if (!lock) {
    const holder = await writerOf(directory);
    const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
    throw new ResumeError(`${directory} is being written by ${who}`);
  }
  try {
    const result = await readResult(directory);
    if (result.ended === 'complete')
      throw new ResumeError(`${directory} is complete: ed2lc eval ${directory} judges it again`);
    if (result.final)
      throw new ResumeError(`${directory} would end as it ended: ${result.failure ?? 'it failed'}`);
    await checkSame(directory, record, request);
    return { directory, record, result, lock };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The newest that is unfinished, asks for the same, and is written by nobody; undefined if there is none. Throws ResumeError if its spec is
 * another by now.
 */
export async function openUnfinished(runs: string, request: Request): Promise<OpenRun | undefined> {
  for (const directory of await newestFirst(runs, request.bound.experiment.name)) {
    const found = await unfinished(directory);
    if (found === undefined || !sameRequest(found.record, request) || isInProcesses(directory)) continue;
    if (found.open) {
      const lock = await takeRunLock(directory).catch(() => undefined);
      if (lock) {
        try {
          // As it is now that nobody else can change it.
          const result = await readResult(directory);
          if (isUnfinished(result)) {
            await checkSame(directory, found.record, request);
            return { directory, record: found.record, result, lock };
          }
        } catch (error) {
          await lock.release();
          throw error;
        }
        await lock.release();
      }
    }
    if (found.record.fresh) return undefined;
  }
  return undefined;
}

/** Unfinished runs of the experiment that ask for something else, newest first. */
export async function otherUnfinished(runs: string, request: Request): Promise<string[]> {
  const others: string[] = [];
  for (const directory of await newestFirst(runs, request.bound.experiment.name)) {
    const found = await unfinished(directory);
    if (
      found?.open &&
      !isInProcesses(directory) &&
      !sameRequest(found.record, request) &&
      !(await writerOf(directory))
    )
      others.push(directory);
  }
  return others;
}

export async function newestFirst(runs: string, name: string): Promise<string[]> {
  const entries = await readdir(runs).catch(() => [] as string[]);
  return runNumbers(entries, name)
    .sort((a, b) => b.number - a.number)
    .map(({ entry }) => join(runs, entry));
}

const isUnfinished = ({ ended, final }: StoredResult): boolean => ended !== 'complete' && final !== true;

/** Undefined for what is no run, or a damaged one. */
async function unfinished(directory: string): Promise<{ record: RunRecord; open: boolean } | undefined> {
  try {
    const record = await readRecord(directory);
    return { record, open: isUnfinished(await readResult(directory)) };
  } catch (error) {
    if (error instanceof RunRecordError) return undefined;
    throw error;
  }
}

export function sameRequest(record: RunRecord, { tasks, settings, engine }: Request): boolean {
  const sorted = (table: object): string => JSON.stringify(Object.entries(table).sort());
  return (
    engine === record.engine &&
    namesOf(tasks) === namesOf(record.tasks) &&
    sorted(settings) === sorted(record.settings)
  );
}

const namesOf = (tasks: readonly Task[]): string => tasks.map(taskName).join();

export async function checkSame(
  directory: string,
  record: RunRecord,
  request: Request,
  command: 'run' | 'crossval' = 'run',
): Promise<void> {
  if (record.engine !== request.engine)
    throw new ResumeError(
      `${directory} was trained on ${record.engine}, and this is ${request.engine}: use --engine ${record.engine}, or --fresh for a new run`,
    );
  if (record.program === programHash(request.bound)) return;
  const { bound: before } = await loadRun(directory);
  throw new ResumeError(
    `${directory} is unfinished, and what it trains is not what the spec says now: ${programDifferences(before, request.bound).join(', ')}; ` +
      `with --fresh a new run begins, ed2lc ${command} --resume ${directory} goes on as it was`,
  );
}

/** Throws ResumeError. */
export function checkSameData(directory: string, record: RunRecord, data: string, name: string): void {
  if (record.data !== data)
    throw new ResumeError(
      `${name} does not hold the images it held when ${directory} began: with --fresh a new run begins`,
    );
}
