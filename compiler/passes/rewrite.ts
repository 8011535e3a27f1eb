/** @file Rebuilding a graph node by node: the one loop that every rewriting pass shares. Dead nodes are left behind. */
import { GraphBuilder } from '../graph/builder.js';
import type { Graph, Node, Output, ValueId } from '../graph/graph.js';

/** The replacement of one node: its outputs in the new graph, or undefined to copy it. */
export type NodeRewrite = (
  node: Node,
  inputs: readonly ValueId[],
  builder: GraphBuilder,
) => readonly ValueId[] | undefined;

/** Copies what `outputs` (default: the graph's own) need, rewriting each node on the way. */
export function rewrite(graph: Graph, each: NodeRewrite, outputs: readonly Output[] = graph.outputs): Graph {
  const live = liveNodes(
    graph,
    outputs.map((o) => o.value),
  );
  const builder = new GraphBuilder();
  const renamed = new Map<ValueId, ValueId>();
  for (const node of graph.nodes) {
    if (!live.has(node)) continue;
    const inputs = node.inputs.map((id) => renamed.get(id)!);
    const results = each(node, inputs, builder) ?? copyNode(node, inputs, builder);
    node.outputs.forEach((id, i) => renamed.set(id, results[i]!));
  }
  const result = builder.build(outputs.map((o) => ({ ...o, value: renamed.get(o.value)! })));
  const rewrittenLive = liveNodes(
    result,
    result.outputs.map((o) => o.value),
  );
  return rewrittenLive.size === result.nodes.length ? result : rewrite(result, () => undefined);
}

export function copyNode(node: Node, inputs: readonly ValueId[], builder: GraphBuilder): readonly ValueId[] {
  const { op, attrs, origin, inputs: _, outputs: __, ...place } = node;
  return builder.emitAll(op, inputs, attrs, origin, place);
}

export function liveNodes(graph: Graph, wanted: readonly ValueId[]): Set<Node> {
  const needed = new Set(wanted);
  const live = new Set<Node>();
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((id) => needed.has(id))) continue;
    live.add(node);
    for (const input of node.inputs) needed.add(input);
  }
  return live;
}
