/** @file Judges what a run left behind, again: the same model, parameters, data and folds, so the same numbers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import { bindExperiment, experimentFromJson } from '../../compiler/model/experiment-json.js';
import { modelFromJson } from '../../compiler/model/json.js';
import { ModelFormatError } from '../../compiler/model/format-error.js';
import type { Engine } from '../engines/engine.js';
import type { Judgement } from '../evaluation/evaluate.js';
import { carryOver } from '../parameters/carry.js';
import { loadParameters } from '../parameters/safetensors.js';
import { parameterFile, storedTasks, taskName } from './directory.js';
import { RunRecordError } from './errors.js';
import {
  fingerprint,
  judgeTask,
  pooled,
  prepareAll,
  splitOf,
  type Datasets,
  type PrepareAllOptions,
} from './tasks.js';

export interface EvaluatedRun {
  readonly bound: BoundExperiment;
  /** Per seed, decisions pooled over its folds. */
  readonly judgements: readonly { readonly seed: number; readonly judgement: Judgement }[];
}

/** `directory`: of a run. Throws RunRecordError, DataError, EngineError and ParameterFileError. */
export async function evaluateRun(
  directory: string,
  engine: Engine,
  options: PrepareAllOptions,
): Promise<EvaluatedRun> {
  const bound = await bindExperiment(await part(directory, 'experiment.json', experimentFromJson), (folder) =>
    part(directory, `${folder}model.json`, modelFromJson),
  );
  const tasks = await storedTasks(directory);
  const datasets = await prepareAll(bound, options);
  await checkSameData(directory, bound, datasets);
  const judged = [];
  for (const task of tasks) {
    const file = join(directory, parameterFile(taskName(task)));
    const parameters = carryOver(bound.model, await loadParameters(file), file);
    judged.push({
      seed: task.seed,
      decisions: judgeTask(bound, engine, parameters, datasets, splitOf(bound, datasets, task.fold)),
    });
  }
  return { bound, judgements: pooled(judged, datasets.test.classes) };
}

/** With other images the folds are others, and people trained on would be among those held out. */
async function checkSameData(
  directory: string,
  { data }: BoundExperiment,
  datasets: Datasets,
): Promise<void> {
  if ((await part(directory, 'result.json', storedFingerprint)) !== fingerprint(datasets))
    throw new RunRecordError(
      `${data.name} does not hold the images it held in ${directory}: its folds are others now, so judging could meet people that were trained on`,
    );
}

function storedFingerprint(text: string): string {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    if (typeof data === 'string') return data;
  } catch {
    // Told below, as for any other damage.
  }
  throw new ModelFormatError('result', ['the record of its data is missing']);
}

async function part<T>(directory: string, name: string, parse: (text: string) => T): Promise<T> {
  const file = join(directory, name);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RunRecordError(
      error.code === 'ENOENT'
        ? `there is no run in ${directory}: it has no ${name}`
        : `${file} could not be read: ${error.message}`,
    );
  });
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new RunRecordError(`${file} is ${error.message}`);
  }
}
