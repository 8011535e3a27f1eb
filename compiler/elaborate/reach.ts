/** @file Which parameters a loss reaches, and where a gradient ends that does not (docs/language.md, "Routes"). */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import { isOpenEdge } from '../ops/table.js';

export interface Reach {
  /** Values with a chain of open edges to the loss. */
  readonly open: ReadonlySet<ValueId>;
  /** Values with any chain of edges to the loss. */
  readonly connected: ReadonlySet<ValueId>;
}

export function reachOf(graph: Graph, loss: ValueId): Reach {
  const open = new Set<ValueId>([loss]);
  const connected = new Set<ValueId>([loss]);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    const isOpen = node.outputs.some((id) => open.has(id));
    const isConnected = node.outputs.some((id) => connected.has(id));
    node.inputs.forEach((input, k) => {
      if (isConnected) connected.add(input);
      if (isOpen && isOpenEdge(node, k, graph.values)) open.add(input);
    });
  }
  return { open, connected };
}

const parameterNodes = new WeakMap<Graph, ReadonlyMap<string, readonly Node[]>>();

/** The parameters of a group as leaf nodes. */
export function parametersOf(graph: Graph, group: string): readonly Node[] {
  let byGroup = parameterNodes.get(graph);
  if (!byGroup) {
    const found = new Map<string, Node[]>();
    for (const node of graph.nodes) {
      if (node.op !== 'parameter') continue;
      const own = found.get(node.group!);
      if (own) own.push(node);
      else found.set(node.group!, [node]);
    }
    parameterNodes.set(graph, (byGroup = found));
  }
  return byGroup.get(group) ?? [];
}

/** Values computed from any of `sources`. */
export function computedFrom(graph: Graph, sources: Iterable<ValueId>): Set<ValueId> {
  const found = new Set<ValueId>(sources);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}

/** Where the gradient ends on the way back to `sources`: the first node from there that closes its edge to them. */
export function firstCut(graph: Graph, reach: Reach, sources: Iterable<ValueId>): Node | undefined {
  const open = new Set<ValueId>(sources);
  for (const node of graph.nodes) {
    if (!node.inputs.some((id) => open.has(id))) continue;
    const passes = node.inputs.some((id, k) => open.has(id) && isOpenEdge(node, k, graph.values));
    if (passes) for (const id of node.outputs) open.add(id);
    else if (node.outputs.some((id) => reach.connected.has(id))) return node;
  }
  return undefined;
}

/** Values that an open chain leads to from any of `sources`. */
export function openFrom(graph: Graph, sources: readonly ValueId[]): Set<ValueId> {
  const found = new Set(sources);
  for (const node of graph.nodes) {
    if (node.inputs.some((input, k) => found.has(input) && isOpenEdge(node, k, graph.values)))
      for (const output of node.outputs) found.add(output);
  }
  return found;
}
