/**
 * @file Checkpoints of a task: one safetensors file with the parameters under their paths, moments as `moments/STEP/PATH/SLOT`, the
 * parameters of the best epoch as `best/PATH`, and the rest
 * as JSON among its metadata. The one before it is kept beside it, so that there is always a whole one.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelFormatError } from '../../compiler/model/format-error.js';
import { parseJson } from '../../compiler/model/json.js';
import { schemaCheck } from '../../compiler/model/schema-check.js';
import { list, nullable, number, object, text, whole } from '../../compiler/model/schema-parts.js';
import type { Stored } from '../parameters/initialise.js';
import { loadMetadata, loadTensors, saveParameters } from '../parameters/safetensors.js';
import { ParameterFileError, ParameterSaveError } from '../parameters/errors.js';
import type { Best } from '../training/selection.js';
import type { StepState, TrainingState } from '../training/state.js';
import { taskName } from './directory.js';
import type { Task } from './tasks.js';

/** What a checkpoint belongs to. */
export interface CheckpointAbout {
  readonly seed: number;
  readonly fold: number | null;
  /** Of the experiment, from 0. */
  readonly stage: number;
  /** Of the stages before. */
  readonly before: { readonly iterations: number; readonly seconds: number };
  /** Hashes of the models and the experiment, and of the images. */
  readonly program: string;
  readonly data: string;
  /** `--set` values. */
  readonly settings: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly version: string;
  /** Bytes of `metrics.jsonl` at that moment. */
  readonly metrics: number;
}

export interface Checkpoint {
  readonly about: CheckpointAbout;
  readonly state: TrainingState;
}

/** `-previous` stands for the one before. */
export const checkpointFile = (directory: string, task: Task): string =>
  join(directory, 'checkpoints', `${taskName(task)}.safetensors`);

const previousOf = (file: string): string => file.replace(/\.safetensors$/, '-previous.safetensors');

const MOMENTS = 'moments/';
const BEST = 'best/';
const KEY = 'ed2lc_checkpoint';

/** Throws ParameterSaveError; the file that was there, if any, is then still there. */
export async function saveCheckpoint(file: string, { about, state }: Checkpoint): Promise<void> {
  const { parameters, steps, best, ...others } = state;
  const place = { ...others, best: best && { epoch: best.epoch, value: best.value } };
  const tensors = new Map<string, Stored>(parameters);
  for (const [step, { moments }] of Object.entries(steps))
    for (const [slot, stored] of moments) tensors.set(`${MOMENTS}${step}/${slot}`, stored);
  for (const [path, stored] of best?.parameters ?? []) tensors.set(`${BEST}${path}`, stored);
  const counts = Object.fromEntries(Object.entries(steps).map(([step, { count }]) => [step, count]));
  const metadata = {
    [KEY]: JSON.stringify({ format: 'ed2l-checkpoint', about, place: withText(place), counts }),
  };
  const next = `${file}.next`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await saveParameters(next, tensors, metadata);
    await rename(file, previousOf(file)).catch(ignoreMissing);
    await rename(next, file);
  } catch (error) {
    if (error instanceof ParameterSaveError) throw error;
    throw new ParameterSaveError(`${file} could not be written: ${(error as Error).message}`);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

export interface FoundCheckpoint extends Checkpoint {
  /** The newest was damaged, and this is the one before. */
  readonly damage?: string;
}

/** The newest that is whole; undefined if there never was one. Throws ParameterFileError if there is none that is whole. */
export async function loadCheckpoint(file: string): Promise<FoundCheckpoint | undefined> {
  const files: string[] = [];
  for (const path of [file, previousOf(file)]) if (await exists(path)) files.push(path);
  const problems: string[] = [];
  for (const path of files) {
    try {
      const found = await readCheckpoint(path);
      const damage = problems.join('; ');
      return damage === '' ? found : { ...found, damage };
    } catch (error) {
      if (!(error instanceof ParameterFileError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new ParameterFileError(problems.join('; '));
  return undefined;
}

/** What the newest belongs to and where it stands, without its numbers; undefined if there is none. Throws ParameterFileError. */
export async function peekCheckpoint(
  file: string,
): Promise<(Pick<Checkpoint, 'about'> & { place: Place }) | undefined> {
  for (const path of [file, previousOf(file)])
    if (await exists(path)) {
      const { about, place } = described(path, await loadMetadata(path));
      return { about, place };
    }
  return undefined;
}

/** Once a task is finished. */
export async function removeCheckpoints(file: string): Promise<void> {
  for (const path of [file, previousOf(file), `${file}.next`]) await rm(path, { force: true });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata, verified } = await loadTensors(path);
  if (!verified) throw new ParameterFileError(`${path} is not a checkpoint: it has no hash`);
  const { about, place, counts } = described(path, metadata);
  const parameters = new Map<string, Stored>();
  const moments = new Map<string, Map<string, Stored>>(Object.keys(counts).map((step) => [step, new Map()]));
  const chosen = new Map<string, Stored>();
  for (const [name, stored] of tensors) {
    if (name.startsWith(BEST)) {
      chosen.set(name.slice(BEST.length), stored);
      continue;
    }
    if (!name.startsWith(MOMENTS)) {
      parameters.set(name, stored);
      continue;
    }
    const [, step, slot] = /^moments\/([^/]+)\/(.+)$/.exec(name) ?? [];
    moments.get(step!)?.set(slot!, stored);
  }
  const steps = Object.fromEntries(
    [...moments].map(([step, own]): [string, StepState] => [step, { count: counts[step]!, moments: own }]),
  );
  const best = place.best && { ...place.best, parameters: chosen };
  return { about, state: { ...place, best, parameters, steps } };
}

interface Place extends Omit<TrainingState, 'parameters' | 'steps' | 'best'> {
  readonly best: Omit<Best, 'parameters'> | null;
}

interface Description {
  readonly about: CheckpointAbout;
  readonly place: Place;
  readonly counts: Readonly<Record<string, number>>;
}

const numbers = { type: 'object', additionalProperties: text };
const schema = object({
  format: { const: 'ed2l-checkpoint' },
  about: object({
    seed: whole,
    fold: nullable(whole),
    stage: whole,
    before: object({ iterations: whole, seconds: number }),
    program: text,
    data: text,
    settings: { type: 'object', additionalProperties: text },
    engine: text,
    version: text,
    metrics: whole,
  }),
  place: object({
    iteration: whole,
    epoch: whole,
    batch: whole,
    images: whole,
    seconds: number,
    sums: { type: 'object', additionalProperties: object({ sum: text, n: whole }) },
    history: list(numbers),
    best: nullable(object({ epoch: whole, value: number })),
  }),
  counts: { type: 'object', additionalProperties: whole },
});
const checkSchema = schemaCheck('checkpoint', schema);

/** Measured numbers as text: JSON has no NaN, which a logged value may be. */
function withText({ sums, history, ...place }: Place): object {
  return {
    ...place,
    sums: mapped(sums, ({ sum, n }) => ({ sum: String(sum), n })),
    history: history.map((means) => mapped(means, String)),
  };
}

function described(path: string, metadata: Readonly<Record<string, string>>): Description {
  try {
    const stored = parseJson(metadata[KEY] ?? '', 'checkpoint');
    checkSchema(stored);
    const { about, place, counts } = stored as Description & { place: ReturnType<typeof withText> };
    return {
      about,
      counts,
      place: {
        ...place,
        sums: mapped(place.sums, ({ sum, n }) => ({ sum: Number(sum), n })),
        history: place.history.map((means) => mapped(means, Number)),
      },
    };
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new ParameterFileError(`${path} is ${error.message}`);
  }
}

const mapped = <T, R>(table: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, map(value)]));
