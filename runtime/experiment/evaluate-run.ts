/** @file Judges what a run left behind, again: the same model, parameters, data and folds, so the same numbers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import { experimentFromJson } from '../../compiler/model/experiment-json.js';
import { modelFromJson, ModelFormatError } from '../../compiler/model/json.js';
import type { PrepareOptions } from '../data/prepare.js';
import type { Engine } from '../engines/engine.js';
import type { Judgement } from '../evaluation/evaluate.js';
import { carryOver } from '../parameters/carry.js';
import { loadParameters } from '../parameters/safetensors.js';
import { parameterFile, storedTasks } from './directory.js';
import { RunError } from './errors.js';
import { judgeTask, pooled, prepareAll, splitOf } from './tasks.js';

export interface EvaluatedRun {
  readonly bound: BoundExperiment;
  /** Per seed, decisions pooled over its folds. */
  readonly judgements: readonly { readonly seed: number; readonly judgement: Judgement }[];
}

/** `directory`: of a run. Throws RunError, DataError, EngineError and ParameterFileError. */
export async function evaluateRun(
  directory: string,
  engine: Engine,
  options: PrepareOptions,
): Promise<EvaluatedRun> {
  const model = await part(directory, 'model.json', modelFromJson);
  const bound: BoundExperiment = { ...(await part(directory, 'experiment.json', experimentFromJson)), model };
  const tasks = await storedTasks(directory);
  const datasets = await prepareAll(bound, options);
  const judged = [];
  for (const task of tasks) {
    const file = join(directory, parameterFile(task));
    const parameters = carryOver(model, await loadParameters(file), file);
    judged.push({
      seed: task.seed,
      decisions: judgeTask(bound, engine, parameters, datasets, splitOf(bound, datasets, task.fold)),
    });
  }
  return { bound, judgements: pooled(judged, datasets.test.classes) };
}

async function part<T>(directory: string, name: string, parse: (text: string) => T): Promise<T> {
  const file = join(directory, name);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RunError(
      error.code === 'ENOENT'
        ? `${directory} is not a run directory: it has no ${name}`
        : `${file} could not be read: ${error.message}`,
    );
  });
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new RunError(`${file} is ${error.message}`);
  }
}
