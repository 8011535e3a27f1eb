/** @file The rows of the demo's table below the networks: linear probes on pixels and on features. */
import type { BoundExperiment } from '../../compiler/index.js';
import {
  features,
  initialise,
  pixels,
  probeClass,
  probePerson,
  type Dataset,
  type Engine,
  type Judgement,
  type Parameters,
  type RunResult,
  type Split,
} from '../../runtime/index.js';

export interface Row {
  readonly name: string;
  readonly class: Judgement;
  /** Absent for a network, which decides no person. */
  readonly person?: Judgement;
}

export interface MeasureInput {
  readonly bound: BoundExperiment;
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly split: Split;
}

export function measurePixels({ bound, engine, dataset, split }: MeasureInput): Row {
  const rows = (indices: Int32Array): ReturnType<typeof pixels> => pixels(dataset, indices, bound.data);
  return {
    name: 'probe on pixels',
    class: probeClass(engine, dataset, split, rows),
    person: probePerson(engine, dataset, split, rows),
  };
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
    const fresh = initialise(model, seed);
    const untrained = new Map(
      [...trained].map(([path, stored]) => [
        path,
        path.startsWith('dispelling.') ? fresh.get(path)! : stored,
      ]),
    );
    rows.push(probeValue(input, 'probe on f_p of an untrained dispelling branch', 'f_p', untrained));
  }
  return rows;
}

function probeValue(
  { bound, engine, dataset, split }: MeasureInput,
  name: string,
  value: string,
  parameters: Parameters,
): Row {
  const { model, data } = bound;
  const rows = (indices: Int32Array): ReturnType<typeof pixels> =>
    features({ engine, model, parameters, dataset, indices, data }, [value]).get(value)!;
  return {
    name,
    class: probeClass(engine, dataset, split, rows),
    person: probePerson(engine, dataset, split, rows),
  };
}
