/** @file Runs one compiled graph on an engine from plain arrays, and gives plain arrays back. */
import { makePlan } from '../../compiler/plan/make-plan.js';
import type { Graph } from '../../compiler/graph/graph.js';
import type { Engine, Tensor } from '../../runtime/engines/engine.js';
import { Executor } from '../../runtime/engines/executor.js';
import type { Sample } from './zoo.js';

export interface Ran {
  /** `role:name` → values, for every output but state. */
  readonly outputs: Map<string, Float32Array>;
  /** Parameters, statistics and moments after the run. */
  readonly state: Map<string, Float32Array>;
}

export function runOnEngine(engine: Engine, graph: Graph, sample: Sample, count = 1): Ran {
  const executor = new Executor(engine, makePlan(graph, engine.target));
  const feeds = new Map<string, Tensor>();
  const state = new Map<string, Tensor>();
  const slots = new Map<string, Tensor>();
  for (const node of graph.nodes) {
    const shape = (node.attrs['shape'] as readonly (number | 'batch')[] | undefined)?.map((d) =>
      d === 'batch' ? sample.batch : d,
    ) ?? [sample.batch];
    const name = (node.attrs['name'] ?? node.attrs['path']) as string;
    if (node.op === 'input' || node.op === 'label')
      feeds.set(name, engine.upload(sample.values.get(name)!, shape));
    if (node.op === 'parameter' || node.op === 'statistic')
      state.set(name, engine.upload(sample.values.get(name)!, shape));
    if (node.op === 'slot') {
      const key = `${name}/${String(node.attrs['slot'])}`;
      const size = shape.reduce((n, d) => n * d, 1);
      slots.set(
        key,
        engine.upload((sample.values.get(key) as Float32Array) ?? new Float32Array(size), shape),
      );
    }
  }
  const results = executor.run({
    batch: sample.batch,
    feeds,
    state,
    slots,
    scalars: { ...sample.scalars, count },
  });
  const read = (tree: Map<string, Tensor>): Map<string, Float32Array> =>
    new Map([...tree].map(([key, tensor]) => [key, Float32Array.from(engine.download(tensor))]));
  const ran = { outputs: read(results), state: new Map([...read(state), ...read(slots)]) };
  for (const tensor of [...results.values(), ...feeds.values(), ...state.values(), ...slots.values()])
    engine.free(tensor);
  return ran;
}

/** |a - b| / |b|, or |a| where b is zero. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference) / (norm > 0 ? Math.sqrt(norm) : 1);
}
