/**
 * @file Where the probes of a report read: pixels, values of the network after training, the first two vectors of them side by side, and the same values
 * with the group that computes them as it was before training.
 */
import type { ModelIR } from '../../compiler/model/ir.js';
import { findTap } from '../../compiler/model/taps.js';
import { pooledChannels, rowsOf, sideBySide, withUntrained } from '../evaluation/feature-rows.js';
import { pixels } from '../evaluation/pixels.js';
import { features, type Rows } from '../evaluation/predict.js';
import type { FeaturesOf } from '../evaluation/probe-study.js';
import type { Task } from '../experiment/tasks.js';
import type { Parameters } from '../parameters/initialise.js';
import { judgedData, type TrainedRun } from './trained.js';

export interface ProbeSource {
  readonly name: string;
  readonly trained: FeaturesOf;
  /** null: no group computes it. */
  readonly untrained: FeaturesOf | null;
}

export const PIXELS = 'pixels';
export const togetherName = (a: string, b: string): string => `${a} and ${b}`;

export async function probeSources(
  run: TrainedRun,
  task: Task,
  values: readonly string[],
): Promise<ProbeSource[]> {
  const { dataset, data } = judgedData(run);
  const { model } = run.bound;
  const { train, test } = run.splitOf(task);
  const all = Int32Array.from([...train, ...test]);
  const trained = await run.parametersOf(task);
  const source = (name: string, now: Rows, before: Rows | null): ProbeSource => {
    return { name, trained: rowsOf(now, all), untrained: before && rowsOf(before, all) };
  };
  const computed = values.map((name) => {
    const value = valueOf(name, model);
    const fresh = withUntrained(model, value.group, trained, task.seed);
    const of = (parameters: Parameters): Rows => read(run, parameters, all, name, value);
    return { name, isMap: value.channels !== null, now: of(trained), before: of(fresh) };
  });
  const [first, second] = computed.filter(({ isMap }) => !isMap);
  return [
    source(PIXELS, pixels(dataset, all, data), null),
    ...computed.map(({ name, now, before }) => source(name, now, before)),
    ...(first && second
      ? [
          source(
            togetherName(first.name, second.name),
            sideBySide(first.now, second.now),
            sideBySide(first.before, second.before),
          ),
        ]
      : []),
  ];
}

interface Value {
  /** That computes it, '' for none. */
  readonly group: string;
  /** Of a map; null: it is none. */
  readonly channels: number | null;
}

function valueOf(name: string, model: ModelIR): Value {
  const found = findTap(model, name);
  if (found.kind !== 'found') return { group: '', channels: null };
  const { nodes, values } = model.graph;
  const { shape } = values[found.value]!;
  return {
    group: nodes.find((n) => n.outputs.includes(found.value))?.group ?? '',
    channels: shape.length === 4 ? Number(shape[3]) : null,
  };
}

/** Samples at once: the maps of all views of a database would not fit into memory. */
const AT_ONCE = 128;

/** A map as the mean of each of its channels. */
function read(
  run: TrainedRun,
  parameters: Parameters,
  all: Int32Array,
  name: string,
  { channels }: Value,
): Rows {
  const { engine, bound } = run;
  const { dataset, data } = judgedData(run);
  const parts: Rows[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const indices = all.subarray(at, at + AT_ONCE);
    const input = { engine, model: bound.model, parameters, dataset, indices, data };
    const rows = features(input, [name]).get(name)!;
    parts.push(channels === null ? rows : pooledChannels(rows, channels));
  }
  const { width } = parts[0]!;
  const result = new Float32Array(all.length * width);
  parts.forEach((part, i) => result.set(part.data, i * AT_ONCE * width));
  return { data: result, width };
}
