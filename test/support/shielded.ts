/**
 * @file Losses under a small change of parameters as a route sees it: what stops and masks keep from a gradient keeps its value here.
 * Difference quotients of these are the routed gradients, by the definition in docs/language.md and without any derivative.
 */
import type { Graph, Node, ValueId } from '../../compiler/graph/graph.js';
import type { Mask } from '../../compiler/routing/terms.js';
import { interpret } from './interpret.js';

type Feeds = ReadonlyMap<string, ArrayLike<number>>;

/** The values of the graph near `feeds`: at `moved`, as a group learns from them that is masked by `mask`, or not masked. */
export function shieldedValues(
  graph: Graph,
  feeds: Feeds,
  batch: number,
  scalars: Readonly<Record<string, number>> = {},
): (moved: Feeds, masked?: { readonly group: string; readonly mask: Mask }) => Float64Array[] {
  const base = interpret(graph, feeds, batch, scalars);
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((id) => [id, node] as const)));
  /** Of the way from the old value to the new one, each sample goes its share. */
  const partly = (id: ValueId, data: Float64Array, share: (sample: number) => number): Float64Array => {
    const perSample = data.length / batch;
    return data.map((x, i) => {
      const before = base[id]![i]!;
      return before + share(Math.floor(i / perSample)) * (x - before);
    });
  };
  const leaves = (masked: string, id: ValueId, reader: Node): boolean => {
    const { op, group, application } = producer.get(id)!;
    if (op === 'parameter' || group !== masked) return false;
    return (
      reader.group !== group || (graph.values[id]!.shape[0] === 'batch' && reader.application !== application)
    );
  };
  return (moved, masked) =>
    interpret(graph, moved, batch, scalars, (node, id, data) => {
      if (node.op === 'stop') return base[id]!;
      if (node.op === 'stop_where' && id === node.inputs[0])
        return partly(id, data, (b) => 1 - base[node.inputs[1]!]![b]!);
      return masked && leaves(masked.group, id, node)
        ? partly(id, data, (b) => base[masked.mask.value]![b]!)
        : data;
    });
}
