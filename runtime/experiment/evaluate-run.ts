/** @file Judges what a run finished, again: the same model, parameters, data and folds, so the same numbers. */
import { join } from 'node:path';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import type { Engine } from '../engines/engine.js';
import { summarize, type SeedResult } from '../evaluation/summary.js';
import { carryOver } from '../parameters/carry.js';
import { loadParameters } from '../parameters/safetensors.js';
import { parameterFile, strayParameters, taskName } from './directory.js';
import { RunRecordError } from './errors.js';
import { foldsManifest, hashOfFolds } from './folds-manifest.js';
import { loadRun, readResult, type RunRecord, type StoredResult } from './record.js';
import {
  fingerprint,
  judgeTask,
  prepareAll,
  splitOf,
  type Datasets,
  type PrepareAllOptions,
  type Task,
} from './tasks.js';

export interface EvaluatedRun {
  readonly bound: BoundExperiment;
  /** Per seed, over its finished folds. */
  readonly judgements: readonly SeedResult[];
  /** Planned and not finished, so not judged. */
  readonly missing: readonly Task[];
}

/** `directory`: of a run. Throws RunRecordError, DataError, EngineError and ParameterFileError. */
export async function evaluateRun(
  directory: string,
  engine: Engine,
  options: PrepareAllOptions,
): Promise<EvaluatedRun> {
  const { record, bound } = await loadRun(directory);
  const { tasks: finished, failure, folds } = await readResult(directory);
  const [stray] = await strayParameters(directory, record.tasks, bound.stages.length);
  if (stray !== undefined)
    throw new RunRecordError(
      `${join(directory, stray)} belongs to no training of this run: move it away, so that nothing is judged by mistake`,
    );
  if (finished.length === 0)
    throw new RunRecordError(
      `nothing of ${directory} is finished${failure === undefined ? `: ed2lc run --resume ${directory} goes on with it` : `: ${failure}`}`,
    );
  const datasets = await prepareAll(bound, { ...options, engine });
  checkSameFolds(directory, record, folds, bound, datasets);
  const judged = [];
  for (const { seed, fold } of finished) {
    const file = join(directory, parameterFile(taskName({ seed, fold })));
    const parameters = carryOver(bound.model, await loadParameters(file), file);
    const split = splitOf(bound, datasets, { seed, fold });
    judged.push({ seed, fold, decisions: await judgeTask(bound, engine, parameters, datasets, split) });
  }
  const missing = record.tasks.filter((t) => !finished.some((f) => f.seed === t.seed && f.fold === t.fold));
  return { bound, judgements: summarize(judged, datasets.test.classes), missing };
}

/** With other images the folds are others, and people trained on would be among those held out. Throws RunRecordError. */
export function checkSameFolds(
  directory: string,
  record: Pick<RunRecord, 'people'>,
  folds: StoredResult['folds'],
  bound: BoundExperiment,
  datasets: Datasets,
): void {
  const { data } = bound;
  if (record.people !== fingerprint(datasets))
    throw new RunRecordError(
      `${data.name} does not hold the images it held in ${directory}: its folds are others now, so judging could meet people that were trained on`,
    );
  const manifest = foldsManifest(bound, datasets);
  if (folds && folds.sha256 !== (manifest && hashOfFolds(manifest).sha256))
    throw new RunRecordError(`the folds of ${data.name} are not those that ${directory} was trained with`);
}
