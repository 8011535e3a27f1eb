/** @file What makes two runs the same work: the models and the experiment without their places in the text, and every image. */
import { createHash } from 'node:crypto';
import type { BoundExperiment } from '../../compiler/model/experiment.js';
import { experimentToJson } from '../../compiler/model/experiment-json.js';
import { modelToJson } from '../../compiler/model/json.js';
import type { Parameters } from '../parameters/initialise.js';
import type { Datasets } from './tasks.js';

/** Changes with anything that could change a number; not with comments, spaces or the order of a text. */
export const programHash = (bound: BoundExperiment): string =>
  createHash('sha256')
    .update(JSON.stringify(withoutPlaces(bound)))
    .digest('hex');

/** `files`: of `start` lines. */
export function dataHash({ stages, test }: Datasets, files: ReadonlyMap<string, Parameters>): string {
  const hash = createHash('sha256');
  for (const { classes, samples, height, width, channels, pixels, fields, foldFile } of new Set([
    ...stages,
    test,
  ])) {
    const shapes = fields.map(({ name, shape }) => [name, shape]);
    const folds = foldFile && [...foldFile.of];
    hash.update(JSON.stringify([classes, samples, height, width, channels, shapes, folds])).update(pixels);
    for (const { values } of fields) hash.update(bytesOf(values));
  }
  for (const [name, parameters] of files) {
    hash.update(JSON.stringify([name, [...parameters.keys()]]));
    for (const { data } of parameters.values()) hash.update(bytesOf(data));
  }
  return hash.digest('hex');
}

const bytesOf = (numbers: Float32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

interface Plain {
  readonly experiment: Readonly<Record<string, unknown>>;
  readonly testData: unknown;
  readonly stages: readonly (Readonly<Record<string, unknown>> & { readonly model: Table })[];
}

type Table = Readonly<Record<string, unknown>>;

function withoutPlaces(bound: BoundExperiment): Plain {
  const plain = (json: string): unknown =>
    JSON.parse(json, (key, value: unknown) => (key === 'span' ? undefined : value));
  const stored = plain(experimentToJson(bound)) as Plain;
  const models = bound.stages.map(({ model }) => plain(modelToJson(model)) as Table);
  return { ...stored, stages: stored.stages.map((stage, i) => ({ ...stage, model: models[i]! })) };
}

/** Names what is another, as `the loss l_p`; empty if the hashes are equal. */
export function programDifferences(before: BoundExperiment, now: BoundExperiment): string[] {
  const [a, b] = [withoutPlaces(before), withoutPlaces(now)];
  if (same(a, b)) return [];
  const found: string[] = [];
  if (a.stages.length !== b.stages.length)
    return [`it has ${a.stages.length} stages there and ${b.stages.length} here`];
  for (const [i, stage] of b.stages.entries()) {
    const old = a.stages[i]!;
    const where = b.stages.length > 1 ? ` of stage ${i + 1}` : '';
    found.push(...modelDifferences(old.model, stage.model).map((what) => what + where));
    for (const key of Object.keys(stage))
      if (key !== 'model' && !same(old[key], stage[key]))
        found.push(key === 'data' ? `the data block${where}` : `${key}${where}`);
  }
  for (const key of Object.keys(b.experiment))
    if (!same(a.experiment[key], b.experiment[key])) found.push(`${key} of the experiment`);
  if (!same(a.testData, b.testData)) found.push('the test data block');
  return [...new Set(found)];
}

/** Lists of the model whose entries have names, and what one of them is called. */
const NAMED = {
  hypers: 'the hyper',
  inputs: 'the input',
  labels: 'the label',
  groups: 'the group',
  losses: 'the loss',
  predictions: 'the prediction of',
} as const;

function modelDifferences(a: Table, b: Table): string[] {
  const named = Object.entries(NAMED).flatMap(([key, word]) => {
    const [old, fresh] = [byName(a[key]), byName(b[key])];
    const names = [...new Set([...old.keys(), ...fresh.keys()])];
    return names.filter((n) => !same(old.get(n), fresh.get(n))).map((n) => `${word} ${n}`);
  });
  const trains = same(a['stages'], b['stages']) ? [] : [trainDifference(a['stages'], b['stages'])];
  if (named.length + trains.length > 0 || same(a, b)) return [...named, ...trains];
  return [same(a['name'], b['name']) ? 'what its values compute' : 'the name of the model'];
}

function trainDifference(a: unknown, b: unknown): string {
  const [[old], [fresh]] = [a as Table[], b as Table[]];
  const changed = Object.keys({ ...old, ...fresh }).filter((key) => !same(old?.[key], fresh?.[key]));
  const told = changed.map((key) => {
    const [was, is] = [old?.[key], fresh?.[key]];
    return typeof was === 'number' ? `${key} ${was} there, ${String(is)} here` : key;
  });
  return `the train block (${told.join(', ')})`;
}

/** Values are numbered through the graph, so a number alone says nothing about the entry. */
function byName(entries: unknown): Map<string, unknown> {
  return new Map(
    (entries as ({ name: string } & Table)[]).map(({ value, ...rest }) => [
      rest.name,
      typeof value === 'number' ? rest : { ...rest, value },
    ]),
  );
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
