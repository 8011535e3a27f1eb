/** @file What a graph costs, node by node: floating-point operations and bytes moved. */
import { FED } from '../ops/leaves.js';
import { ruleOf } from '../ops/table.js';
import { sizeOf, type Graph, type Node } from './graph.js';

export interface Cost {
  readonly nodes: number;
  readonly flops: number;
  /** Bytes read and written: every operand and result once; nothing for what is handed in or only seen in another shape. */
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
  const still = FED.includes(node.op) || node.op === 'reshape';
  const bytes = (still ? [] : [...inputs, ...outputs]).reduce(
    (n, t) => n + sizeOf(t.shape, batch) * (t.dtype === 'bool' ? 1 : 4),
    0,
  );
  return { nodes: 1, flops: ruleOf(node.op).flops(inputs, outputs, node.attrs, batch), bytes };
}
