/** @file What a run directory says about its run: `run.json`, what was asked for, and `result.json`, what was done until now. Checked when read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stageFolder, type BoundExperiment } from '../../compiler/model/experiment.js';
import {
  bindExperiment,
  experimentFromJson,
  experimentToJson,
} from '../../compiler/model/experiment-json.js';
import { ModelFormatError } from '../../compiler/model/format-error.js';
import { modelFromJson, modelToJson, parseJson } from '../../compiler/model/json.js';
import { schemaCheck } from '../../compiler/model/schema-check.js';
import {
  list,
  nullable,
  number,
  object,
  oneOf,
  positive,
  text,
  whole,
} from '../../compiler/model/schema-parts.js';
import type { Decision } from '../evaluation/evaluate.js';
import { spreadOverSeeds, type SeedResult, type Spread } from '../evaluation/summary.js';
import { RunRecordError } from './errors.js';
import type { FoldsHash } from './folds-manifest.js';
import { programHash } from './identity.js';
import type { StoredChoice } from './select.js';
import type { Task } from './tasks.js';
import { writeText } from './text-file.js';

/** Written once, when the run begins. */
export interface RunRecord {
  readonly version: string;
  /** The spec, where the run came from one. */
  readonly spec: string | null;
  readonly experiment: string;
  readonly model: string;
  /** `--set` values. */
  readonly settings: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly tasks: readonly Task[];
  /** Of each stage. */
  readonly epochs: readonly number[];
  /** Hash of the models and the experiment. */
  readonly program: string;
  /** Hash of all images with their labels and people. */
  readonly data: string;
  /** Hash of what folds are cut by. */
  readonly people: string;
  /** Older unfinished runs of the same request were to be left alone. */
  readonly fresh: boolean;
  readonly started: string;
}

/** How a run stands. `cut off`: nobody could say otherwise. */
export type Ended = 'complete' | 'interrupted' | 'failed' | 'cut off';

export interface StoredTask extends Task {
  readonly iterations: number;
  readonly seconds: number;
  /** The epoch whose parameters are judged, from 1, and what the metric was then; only where `select` chooses one. */
  readonly selected?: { readonly epoch: number; readonly value: number };
  readonly decisions: readonly Decision[];
}

export interface StoredResult {
  readonly experiment: string;
  readonly model: string;
  readonly engine: string;
  readonly ended: Ended;
  readonly select: StoredChoice;
  /** Who is in which fold; missing where none is held out. */
  readonly folds?: FoldsHash;
  readonly failure?: string;
  /** A number was not finite: it would be so again. */
  readonly final?: boolean;
  /** Bytes of `metrics.jsonl` that belong to the finished tasks. */
  readonly metrics: number;
  readonly tasks: readonly StoredTask[];
  readonly judgements: readonly SeedResult[];
  /** Over the seeds, of the accuracy; where there are several. */
  readonly spread?: Spread;
}

const texts = { type: 'object', additionalProperties: text };
const task = { seed: whole, fold: nullable(positive) };
const RECORD = {
  format: { const: 'ed2l-run' },
  version: text,
  spec: nullable(text),
  experiment: text,
  model: text,
  settings: texts,
  engine: text,
  tasks: list(object(task)),
  epochs: { type: 'array', items: whole, minItems: 1 },
  program: text,
  data: text,
  people: text,
  fresh: { type: 'boolean' },
  started: text,
};
const decision = object({ sample: text, subject: text, label: whole, predicted: whole });
/** An object with these properties, and maybe others. */
const open = (properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const RESULT = {
  format: { const: 'ed2l-result' },
  version: { const: 1 },
  experiment: text,
  model: text,
  engine: text,
  ended: { enum: ['complete', 'interrupted', 'failed', 'cut off'] },
  select: oneOf(
    object({ kind: { const: 'last' } }),
    object({
      kind: { const: 'best' },
      metric: text,
      on: oneOf(object({ kind: { const: 'inner' }, share: number }), object({ kind: { const: 'test' } })),
      leaks: { type: 'boolean' },
    }),
  ),
  folds: object({ file: { const: 'folds.json' }, sha256: text }),
  failure: text,
  final: { type: 'boolean' },
  metrics: whole,
  tasks: list(
    object(
      {
        ...task,
        iterations: whole,
        seconds: number,
        selected: object({ epoch: positive, value: number }),
        decisions: list(decision),
      },
      ['selected'],
    ),
  ),
  judgements: list(
    open({
      seed: whole,
      judgement: open({ accuracy: number, classes: list(text) }),
      folds: list(open({ fold: positive, n: positive, people: positive, accuracy: number })),
    }),
  ),
  spread: object({ n: positive, mean: number, sd: number, from: number, to: number }),
};
const checkRecord = schemaCheck('run record', object(RECORD));
const checkResult = schemaCheck('result', object(RESULT, ['folds', 'failure', 'final', 'spread']));

/** Throws RunError when the disk refuses. */
export const writeRecord = (directory: string, record: RunRecord): Promise<void> =>
  writeText(join(directory, 'run.json'), JSON.stringify({ format: 'ed2l-run', ...record }, null, 2));

/** Throws RunRecordError. */
export const readRecord = (directory: string): Promise<RunRecord> =>
  readPart(directory, 'run.json', (json) => {
    const stored = parseJson(json, 'run record');
    checkRecord(stored);
    return stored as RunRecord;
  });

/** Throws RunError when the disk refuses. */
export const writeResult = (directory: string, result: StoredResult): Promise<void> =>
  writeText(
    join(directory, 'result.json'),
    JSON.stringify({ format: 'ed2l-result', version: 1, ...result }, null, 2),
  );

/** What is stored of how a run stands, with what follows from it. */
export function resultOf(
  { experiment, model, engine }: RunRecord,
  how: Omit<StoredResult, 'experiment' | 'model' | 'engine' | 'spread'>,
): StoredResult {
  const { ended, select, folds, failure, final, metrics, tasks, judgements } = how;
  const spread = spreadOverSeeds(judgements);
  return {
    experiment,
    model,
    engine,
    ended,
    select,
    ...(folds && { folds }),
    ...(failure !== undefined && { failure }),
    ...(final !== undefined && { final }),
    metrics,
    // More may be known of a task than is stored.
    tasks: tasks.map(({ seed, fold, iterations, seconds, selected, decisions }) => ({
      seed,
      fold,
      iterations,
      seconds,
      ...(selected && { selected }),
      decisions,
    })),
    judgements,
    ...(spread && { spread }),
  };
}

/** Throws RunRecordError. */
export const readResult = (directory: string): Promise<StoredResult> =>
  readPart(directory, 'result.json', (json) => {
    const stored = parseJson(json, 'result');
    checkResult(stored);
    return stored as StoredResult;
  });

/** Throws RunError when the disk refuses. */
export async function writeBound(directory: string, bound: BoundExperiment): Promise<void> {
  for (const [i, { model }] of bound.stages.entries())
    await writeText(join(directory, stageFolder(i, bound.stages.length), 'model.json'), modelToJson(model));
  await writeText(join(directory, 'experiment.json'), experimentToJson(bound));
}

/** Throws RunRecordError. */
export async function readBound(directory: string): Promise<BoundExperiment> {
  const stored = await readPart(directory, 'experiment.json', experimentFromJson);
  return bindExperiment(stored, (folder) => readPart(directory, `${folder}model.json`, modelFromJson));
}

/** What an earlier process began with. Throws RunRecordError, also if the model is not the one that the run began with. */
export async function loadRun(directory: string): Promise<{ record: RunRecord; bound: BoundExperiment }> {
  const record = await readRecord(directory);
  const bound = await readBound(directory);
  if (programHash(bound) !== record.program)
    throw new RunRecordError(`${directory}: its model or its experiment is not what the run began with`);
  return { record, bound };
}

async function readPart<T>(directory: string, name: string, parse: (text: string) => T): Promise<T> {
  const file = join(directory, name);
  const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RunRecordError(
      error.code === 'ENOENT' || error.code === 'ENOTDIR'
        ? `there is no run in ${directory}: it has no ${name}`
        : `${file} could not be read: ${error.message}`,
    );
  });
  try {
    return parse(json);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new RunRecordError(`${file} is ${error.message}`);
  }
}
