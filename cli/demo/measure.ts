/** @file What the demo decides about the people held out: linear probes on pixels and on features. */
import type { BoundExperiment } from '../../compiler/index.js';
import {
  features,
  pixels,
  probeClass,
  probePerson,
  withUntrained,
  type Dataset,
  type Decision,
  type Engine,
  type FeaturesOf,
  type Parameters,
  type RunResult,
  type Split,
} from '../../runtime/index.js';

/** Decisions under one name; of several folds, one after another. */
export interface Row {
  readonly name: string;
  readonly class: readonly Decision[];
  /** Empty for a network, which decides no person. */
  readonly person: readonly Decision[];
}

export interface MeasureInput {
  readonly bound: BoundExperiment;
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly split: Split;
}

export function measurePixels(input: MeasureInput): Row {
  return probed(input, 'probe on pixels', (indices) => pixels(input.dataset, indices, input.bound.data));
}

/** The distilled features, and of a model that has them the dispelled ones, trained and as they were before training. */
export function measureFeatures(
  input: MeasureInput,
  { seed, parameters: trained }: Pick<RunResult['tasks'][number], 'seed' | 'parameters'>,
): Row[] {
  const { model } = input.bound;
  const has = (name: string): boolean => model.values.some((v) => v.name === name);
  const rows: Row[] = [];
  if (has('f_t')) rows.push(probeValue(input, `probe on f_t of ${model.name}`, 'f_t', trained));
  if (has('f_p') && model.groups.some((g) => g.name === 'dispelling')) {
    rows.push(probeValue(input, `probe on f_p of ${model.name}`, 'f_p', trained));
    const untrained = withUntrained(model, 'dispelling', trained, seed);
    rows.push(probeValue(input, 'probe on f_p of an untrained dispelling branch', 'f_p', untrained));
  }
  return rows;
}

function probeValue(input: MeasureInput, name: string, value: string, parameters: Parameters): Row {
  const { bound, engine, dataset } = input;
  const { model, data } = bound;
  return probed(input, name, (indices) =>
    features({ engine, model, parameters, dataset, indices, data }, [value]).get(value)!,
  );
}

function probed({ engine, dataset, split }: MeasureInput, name: string, of: FeaturesOf): Row {
  return {
    name,
    class: probeClass(engine, dataset, split, of),
    person: probePerson(engine, dataset, split, of),
  };
}

/** The rows of each fold, put together by name in the order of their first appearance. */
export function pooledRows(rows: readonly Row[]): Row[] {
  const names = [...new Set(rows.map((row) => row.name))];
  return names.map((name) => {
    const own = rows.filter((row) => row.name === name);
    return { name, class: own.flatMap((r) => r.class), person: own.flatMap((r) => r.person) };
  });
}
