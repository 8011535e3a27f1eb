/** @file The run that a cross-validation of an experiment goes on in: the newest that asks for the same, finished or not, else a new one. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../data/lock.js';
import { beginRun } from '../experiment/begin.js';
import { checkSame, checkSameData, newestFirst, sameRequest, type Request } from '../experiment/continue.js';
import { isInProcesses, tasksFolder } from '../experiment/directory.js';
import { ResumeError, RunRecordError } from '../experiment/errors.js';
import { dataHash, programHash } from '../experiment/identity.js';
import { noteFolds, prepareOptions, tasksOf } from '../experiment/plan.js';
import { loadRun, readRecord, readResult, type RunRecord, type StoredResult } from '../experiment/record.js';
import type { RunOptions } from '../experiment/run-experiment.js';
import { prepareAll, type Datasets } from '../experiment/tasks.js';
import { checkSequences } from '../data/sequences.js';
import { loadStartFiles } from '../parameters/start-files.js';

export type OpenOptions = Pick<
  RunOptions,
  | 'bound'
  | 'stages'
  | 'engine'
  | 'runs'
  | 'cacheDir'
  | 'baseDir'
  | 'folds'
  | 'seeds'
  | 'settings'
  | 'spec'
  | 'fresh'
  | 'on'
>;

export interface Opened {
  readonly directory: string;
  readonly record: RunRecord;
  readonly result: StoredResult;
  /** There was a run in it already. */
  readonly continued: boolean;
  /** Bytes of images that each process holds. */
  readonly dataBytes: number;
}

/**
 * Prepares the data, so that the processes find it. Several that open the same at once open one: the others wait. Throws DataError, FoldError,
 * ResumeError, RunError and ParameterFileError.
 */
export async function openCrossValidation(options: OpenOptions): Promise<Opened> {
  const { bound, on, engine, settings = {}, runs = 'runs' } = options;
  const request: Request = {
    bound,
    tasks: await tasksOf({ ...options, folds: options.folds ?? 'all' }),
    settings,
    engine: engine.name,
  };
  const wait = (): void =>
    on?.note?.(`waiting for another process that begins a cross-validation in ${runs}`);
  return withLock(join(runs, 'crossval.lock'), wait, async () => {
    const { datasets, data } = await readData(options);
    noteFolds(options, datasets);
    const dataBytes = bytesOf(datasets);
    const found = options.fresh ? undefined : await findRun(runs, request, data);
    if (found) return { ...found, continued: true, dataBytes };
    const { lock, ...begun } = await beginRun(options, request, datasets, data, 'in processes');
    await lock.release();
    return { ...begun, continued: false, dataBytes };
  });
}

/** The named one. Throws also RunRecordError. */
export async function reopenCrossValidation(
  directory: string,
  options: Pick<OpenOptions, 'bound' | 'stages' | 'cacheDir' | 'baseDir' | 'on' | 'engine'>,
): Promise<Opened> {
  const { record } = await loadRun(directory);
  const result = await readResult(directory);
  if (result.ended !== 'complete' && !isInProcesses(directory))
    throw new ResumeError(
      `${directory} is no cross-validation: ed2lc run --resume ${directory} goes on with it`,
    );
  if (result.ended === 'complete') return { directory, record, result, continued: true, dataBytes: 0 };
  const { datasets, data } = await readData(options);
  checkSameData(directory, record, data, options.bound.data.name);
  return { directory, record, result, continued: true, dataBytes: bytesOf(datasets) };
}

async function readData(
  options: Pick<OpenOptions, 'bound' | 'stages' | 'engine' | 'cacheDir' | 'baseDir' | 'on'>,
): Promise<{ datasets: Datasets; data: string }> {
  const { bound, baseDir, on } = options;
  const files = await loadStartFiles(bound.stages, baseDir, on?.note);
  const datasets = await prepareAll(bound, prepareOptions(options));
  if (bound.experiment.score.kind === 'sequence') checkSequences(datasets.test);
  for (const dataset of new Set(datasets.stages)) on?.data?.(dataset);
  return { datasets, data: dataHash(datasets, files) };
}

const bytesOf = ({ stages, test }: Datasets): number =>
  [...new Set([...stages, test])].reduce((sum, { pixels }) => sum + pixels.byteLength, 0);

/** A complete one counts if nothing has changed since; an unfinished one must not have. */
async function findRun(
  runs: string,
  request: Request,
  data: string,
): Promise<Pick<Opened, 'directory' | 'record' | 'result'> | undefined> {
  for (const directory of await newestFirst(runs, request.bound.experiment.name)) {
    const found = await readRun(directory);
    if (!found || !sameRequest(found.record, request)) continue;
    const { record, result } = found;
    if (result.ended === 'complete') {
      if (record.program === programHash(request.bound) && record.data === data)
        return { directory, record, result };
      return undefined;
    }
    if (!isInProcesses(directory)) continue;
    await checkSame(directory, record, request, 'crossval');
    checkSameData(directory, record, data, request.bound.data.name);
    return { directory, record, result };
  }
  return undefined;
}

/** Undefined for what is no run, or a damaged one. */
async function readRun(directory: string): Promise<{ record: RunRecord; result: StoredResult } | undefined> {
  try {
    return { record: await readRecord(directory), result: await readResult(directory) };
  } catch (error) {
    if (error instanceof RunRecordError) return undefined;
    throw error;
  }
}

/** Where its tasks go. */
export const makeTasksFolder = async (directory: string): Promise<void> =>
  void (await mkdir(tasksFolder(directory), { recursive: true }));
