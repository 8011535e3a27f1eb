/** @file Training of small specs written in the test: compiled from text, fed by hand or from a data set of noise. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { compileModel, type CompiledStage } from '../../compiler/program.js';
import type { Moment } from '../../compiler/scalar/expression.js';
import type { Batch } from '../../runtime/data/batches.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import type { Engine } from '../../runtime/engines/engine.js';
import { initialise, type Parameters } from '../../runtime/parameters/initialise.js';
import { Trainer, type Measured } from '../../runtime/training/trainer.js';
import { checkText, errorsOf, modelOf } from './specs.js';
import { randomFrom } from './random-graph.js';

export interface Trainable {
  readonly model: ModelIR;
  readonly stage: CompiledStage;
}

/** The only model of the text and its only stage. */
export function trainable(text: string): Trainable {
  const checked = checkText(text);
  const [error] = errorsOf(checked);
  if (error) throw new Error(`${error.message} (${error.code})`);
  const model = modelOf(checked, [...checked.models.keys()][0]!);
  return { model, stage: compileModel(model, { verify: true }).stages[0]! };
}

/** One row of numbers per sample: an input of any shape. */
export function batchOf(rows: readonly (readonly number[])[], labels: readonly number[] = []): Batch {
  return {
    images: Float32Array.from(rows.flat()),
    labels: Int32Array.from(rows, (_, i) => labels[i] ?? 0),
    samples: Int32Array.from(rows.keys()),
    // Whatever its name.
    fields: { get: () => Float32Array.from(rows.flat()) },
    n: rows.length,
  };
}

export const at = (iteration: number, iterations: number): Moment => ({
  epoch: 0,
  iteration,
  progress: iteration / Math.max(1, iterations - 1),
});

export interface Observed {
  /** Parameters and statistics after each iteration; the first entry is before all. */
  readonly states: readonly Parameters[];
  readonly measured: readonly Measured[];
}

/** One iteration per batch. */
export function iterateAll(
  engine: Engine,
  { model, stage }: Trainable,
  batches: readonly Batch[],
  options: { readonly seed?: number; readonly parameters?: Parameters } = {},
): Observed {
  const { seed = 1, parameters = initialise(model, seed) } = options;
  const trainer = new Trainer(engine, model, stage, parameters, seed);
  try {
    const states = [trainer.parameters()];
    const measured = batches.map((batch, i) => {
      const result = trainer.iterate(batch, at(i, batches.length));
      states.push(trainer.parameters());
      return result;
    });
    return { states, measured };
  } finally {
    trainer.close();
  }
}

export const valuesOf = (parameters: Parameters, path: string): number[] => {
  const stored = parameters.get(path);
  if (!stored) throw new Error(`no ${path} among ${[...parameters.keys()].join(', ')}`);
  return [...stored.data];
};

/** Images of noise whose mean brightness tells their class. */
export function noise(count: number, height: number, width: number, classes: number, seed = 1): Dataset {
  const random = randomFrom(seed);
  const size = height * width;
  const samples = Array.from({ length: count }, (_, i) => ({
    id: `${i}`,
    label: i % classes,
    subject: `${i}`,
    sequence: `${i}`,
  }));
  const pixels = Uint8Array.from({ length: count * size }, (_, i) =>
    Math.min(255, 60 * (Math.floor(i / size) % classes) + Math.floor(100 * random())),
  );
  const names = Array.from({ length: classes }, (_, i) => `${i}`);
  return {
    name: 'noise',
    classes: names,
    height,
    width,
    channels: 1,
    samples,
    pixels,
    dropped: [],
    fields: [],
    otherColumns: [],
    sizes: [],
  };
}

/** A data block without crops, augmentation or folds. */
export const PLAIN_DATA: DataIR = {
  name: 'noise',
  source: { kind: 'folder', path: '.', pattern: 'class' },
  classes: null,
  frames: null,
  resize: null,
  color: 'gray',
  pixels: { mean: 127.5, by: 128 },
  crops: null,
  augment: [],
  balance: 'none',
  folds: null,
  span: { source: 'test', start: 0, end: 0 },
};
