/** @file What a graph costs, part by part: floating-point operations and bytes moved. For `compile --stats` and reports. */
import { ruleOf } from '../ops/table.js';
import { sizeOf, type Graph, type Node } from './graph.js';

export interface Cost {
  readonly nodes: number;
  readonly flops: number;
  /** Bytes read and written, counting every operand once. */
  readonly bytes: number;
}

export const NO_COST: Cost = { nodes: 0, flops: 0, bytes: 0 };

export const addCost = (a: Cost, b: Cost): Cost => ({
  nodes: a.nodes + b.nodes,
  flops: a.flops + b.flops,
  bytes: a.bytes + b.bytes,
});

export function costOf(node: Node, graph: Graph, batch: number): Cost {
  const types = (ids: readonly number[]): Graph['values'] => ids.map((id) => graph.values[id]!);
  const [inputs, outputs] = [types(node.inputs), types(node.outputs)];
  const bytes = [...inputs, ...outputs].reduce(
    (n, t) => n + sizeOf(t.shape, batch) * (t.dtype === 'bool' ? 1 : 4),
    0,
  );
  return { nodes: 1, flops: ruleOf(node.op).flops(inputs, outputs, node.attrs, batch), bytes };
}

/** The cost per part that `keyOf` gives a node, in order of first appearance. */
export function costBy(graph: Graph, batch: number, keyOf: (node: Node) => string): Map<string, Cost> {
  const costs = new Map<string, Cost>();
  for (const node of graph.nodes) {
    const key = keyOf(node);
    costs.set(key, addCost(costs.get(key) ?? NO_COST, costOf(node, graph, batch)));
  }
  return costs;
}
