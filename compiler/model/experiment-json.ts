/** @file Experiments and their data to JSON and back; a damaged file is refused by place. The model has a file of its own. */
import type { BoundExperiment } from './experiment.js';
import { list, nullable, object, span, text, whole, positive, number } from './schema-parts.js';
import { parseJson, schemaCheck } from './json.js';

export type StoredExperiment = Omit<BoundExperiment, 'model'>;

const choice = (...values: string[]): object => ({ enum: values });
const fusion = choice('mean', 'vote');
const crops = object({ kind: choice('ten', 'center', 'random'), height: positive, width: positive });
const folds = object({ kind: choice('blocks', 'strided', 'shuffled'), count: positive, seed: whole });
const data = object({
  name: text,
  source: {
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf: [
      object({
        kind: { const: 'synthetic_faces' },
        people: positive,
        preset: choice('easy', 'medium', 'hard'),
        seed: whole,
      }),
      object({ kind: { const: 'folder' }, path: text, pattern: text }),
    ],
  },
  classes: nullable(list(text)),
  resize: nullable({ type: 'array', items: positive, minItems: 2, maxItems: 2 }),
  color: choice('gray', 'rgb'),
  pixels: object({ mean: number, by: number }),
  crops: nullable(crops),
  augment: list(object({ kind: choice('flip', 'shift', 'rotate', 'jitter'), amount: number })),
  balance: choice('none', 'sampler'),
  folds: nullable(folds),
  span,
});
const experiment = object({
  name: text,
  model: text,
  train: object({ stage: nullable(text), data: text }),
  test: nullable(object({ data: text })),
  score: object({ kind: choice('image', 'crop', 'sequence'), crops: fusion, frames: fusion }),
  seeds: list(whole),
  report: list(object({ kind: choice('accuracy', 'macro_f1', 'recall', 'confusion') })),
  span,
});
const schema = object({
  format: { const: 'ed2l-experiment' },
  version: { const: 1 },
  experiment,
  data,
  testData: nullable(data),
});

const checkSchema = schemaCheck('experiment', schema);

export function experimentToJson({ experiment, data, testData }: StoredExperiment): string {
  return JSON.stringify({ format: 'ed2l-experiment', version: 1, experiment, data, testData }, null, 2);
}

/** Throws ModelFormatError. */
export function experimentFromJson(json: string): StoredExperiment {
  const stored = parseJson(json, 'experiment');
  checkSchema(stored);
  const { experiment, data, testData } = stored as StoredExperiment;
  return { experiment, data, testData };
}
