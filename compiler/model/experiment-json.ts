/** @file Experiments and their data to JSON and back; a damaged file is refused by place. The models have files of their own. */
import { boundExperiment, stageFolder, type BoundExperiment, type BoundStage } from './experiment.js';
import type { ModelIR } from './ir.js';
import { list, nullable, object, span, text, whole, positive, number, oneOf } from './schema-parts.js';
import { parseJson } from './json.js';
import { schemaCheck } from './schema-check.js';

export interface StoredExperiment extends Pick<BoundExperiment, 'experiment' | 'testData'> {
  readonly stages: readonly Omit<BoundStage, 'model'>[];
}

const choice = (...values: string[]): object => ({ enum: values });
const fusion = choice('mean', 'vote');
const crops = object({
  kind: choice('ten', 'one_of_ten', 'center', 'random'),
  height: positive,
  width: positive,
});
const column = nullable(text);
const folds = oneOf(
  object(
    {
      kind: choice('blocks', 'strided', 'shuffled'),
      count: positive,
      seed: whole,
      remainder: choice('ceil', 'floor'),
    },
    ['remainder'],
  ),
  object({ kind: { const: 'file' }, path: text, columns: object({ subject: column, fold: column }) }),
);
const manifestColumns = object({
  file: column,
  class: column,
  subject: column,
  sequence: column,
  frame: column,
});
const aligned = { height: positive, width: positive, template: choice('scaled', 'padded') };
const align = oneOf(
  object({
    kind: { const: 'mtcnn' },
    ...aligned,
    upscale: number,
    face: choice('center', 'largest', 'best'),
    missing: choice('resize', 'center', 'neighbor', 'drop', 'error'),
  }),
  object({ kind: { const: 'landmarks' }, ...aligned }),
);
const data = object(
  {
    name: text,
    source: oneOf(
      object({
        kind: { const: 'synthetic_faces' },
        people: positive,
        preset: choice('easy', 'medium', 'hard'),
        seed: whole,
      }),
      object({ kind: { const: 'folder' }, path: text, pattern: text }),
      object({ kind: { const: 'manifest' }, path: text, root: text, columns: manifestColumns }),
      object({
        kind: { const: 'fer2013' },
        path: text,
        part: choice('all', 'training', 'public', 'private'),
      }),
      object({
        kind: { const: 'fer_plus' },
        path: text,
        votes: text,
        part: choice('all', 'training', 'public', 'private'),
      }),
      object({ kind: choice('ck_plus', 'bu_3dfe'), path: text }),
      object({ kind: { const: 'mmi' }, path: text, view: choice('any_front', 'front', 'dual') }),
      object({
        kind: { const: 'oulu_casia' },
        path: text,
        camera: choice('vl', 'ni'),
        light: choice('strong', 'weak', 'dark'),
        images: choice('original', 'cropped'),
      }),
    ),
    classes: nullable(list(text)),
    frames: nullable(object({ kind: choice('first', 'middle', 'last'), count: positive })),
    align,
    resize: nullable({ type: 'array', items: positive, minItems: 2, maxItems: 2 }),
    kernel: choice('bilinear', 'bicubic', 'nearest'),
    color: choice('gray', 'rgb'),
    gray: { type: 'array', items: number, minItems: 3, maxItems: 3 },
    pixels: { anyOf: [object({ mean: number, by: number }), { const: 'standardized' }] },
    crops: nullable(crops),
    augment: list(
      object(
        { kind: choice('flip', 'shift', 'rotate', 'jitter'), amount: number, border: { const: 'constant' } },
        ['border'],
      ),
    ),
    balance: choice('none', 'sampler'),
    folds: nullable(folds),
    span,
  },
  ['align', 'kernel', 'gray'],
);
const part = oneOf(object({ kind: { const: 'inner' }, share: number }), object({ kind: { const: 'test' } }));
const select = oneOf(
  object({ kind: { const: 'last' } }),
  object({ kind: { const: 'best' }, metric: text, on: part, span }),
);
const named = object({ text, span });
const fold = nullable(positive);
const report = oneOf(
  ...['accuracy', 'macro_f1', 'recall', 'confusion', 'curves', 'routes'].map((kind) =>
    object({ kind: { const: kind } }),
  ),
  object({ kind: { const: 'tsne' }, value: named, fold, span }),
  object({
    kind: { const: 'heatmap' },
    values: list(named),
    fold,
    sum: choice('signed', 'absolute'),
    scale: choice('image', 'pair'),
    subjects: list(text),
    span,
  }),
  object({
    kind: { const: 'probe' },
    value: named,
    label: named,
    probe: choice('linear', 'hidden', 'both'),
    span,
  }),
);
const experiment = object({
  name: text,
  model: text,
  test: nullable(object({ data: text })),
  score: object({
    kind: choice('image', 'crop', 'sequence'),
    crops: choice('mean', 'vote', 'center'),
    frames: fusion,
  }),
  select,
  seeds: list(whole),
  report: list(report),
  span,
});
const stage = object({
  verb: choice('pretrain', 'train'),
  stage: nullable(text),
  data,
  reset: nullable(list(text)),
  resetStatistics: list(text),
  remap: list(text),
});
const schema = object({
  format: { const: 'ed2l-experiment' },
  version: { const: 1 },
  experiment,
  stages: { type: 'array', items: stage, minItems: 1 },
  testData: nullable(data),
});

const checkSchema = schemaCheck('experiment', schema);

export function experimentToJson({ experiment, stages, testData }: StoredExperiment): string {
  const stored = stages.map(
    ({ verb, stage: name, data: own, reset, resetStatistics, remap }): StoredExperiment['stages'][number] => {
      return { verb, stage: name, data: own, reset, resetStatistics, remap };
    },
  );
  const file = { format: 'ed2l-experiment', version: 1, experiment, stages: stored, testData };
  return JSON.stringify(file, null, 2);
}

/** Throws ModelFormatError. */
export function experimentFromJson(json: string): StoredExperiment {
  const stored = parseJson(json, 'experiment');
  checkSchema(stored);
  const { experiment, stages, testData } = stored as StoredExperiment;
  return { experiment, stages, testData };
}

/** A stored experiment with the models of its stages, which stand beside it. Throws what `modelOf` throws. */
export async function bindExperiment(
  { experiment, stages, testData }: StoredExperiment,
  modelOf: (folder: string) => Promise<ModelIR>,
): Promise<BoundExperiment> {
  const bound: BoundStage[] = [];
  for (const [i, stage] of stages.entries())
    bound.push({ ...stage, model: await modelOf(stageFolder(i, stages.length)) });
  return boundExperiment(experiment, bound, testData);
}
