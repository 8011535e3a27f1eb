/** @file Rewrites a graph until every operation is one that the target has a kernel for. */
import type { Attrs, Graph, ValueId } from '../graph/graph.js';
import { rewrite } from '../passes/rewrite.js';
import type { Target } from '../targets/target.js';

export function legalize(graph: Graph, target: Target): Graph {
  return rewrite(graph, (node, inputs, builder) => {
    const rule = target.legalize[node.op];
    if (!rule) return undefined;
    const { op, inputs: _, outputs: __, attrs: ___, origin, name: ____, ...place } = node;
    const derived = { ...origin, from: `legalize ${op}` };
    const emit = (to: string, operands: readonly ValueId[], attrs: Attrs = {}): ValueId =>
      builder.emit(to, operands, attrs, derived, place);
    return rule({ node, inputs, builder, emit });
  });
}
