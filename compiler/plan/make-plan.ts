/**
 * @file A legal graph to a plan: kernels chosen, memory given back right after the last use. Updates make new state beside the old
 * (the executor exchanges them at the end), so a step that fails has changed nothing.
 */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import { FED } from '../ops/leaves.js';
import type { Target } from '../targets/target.js';
import { legalize } from './legalize.js';
import type { Instruction, Plan } from './plan.js';

export function makePlan(source: Graph, target: Target): Plan {
  const graph = legalize(source, target);
  const isFed = (node: Node): boolean => FED.includes(node.op);
  // What is fed is alive from the start, and predictPeak counts it from there.
  const order = [...graph.nodes.filter(isFed), ...graph.nodes.filter((node) => !isFed(node))];
  const storage = storageOf(order, graph);
  const lastUse = lastUses(order, graph, storage);
  const instructions = order.map((node, index): Instruction => {
    const rule = target.kernels[node.op];
    if (!rule) throw new Error(`internal: ${target.name} has no kernel for ${node.op}`);
    const call = rule(
      node,
      node.inputs.map((id) => graph.values[id]!),
    );
    return {
      kernel: call.kernel,
      inputs: node.inputs.map((id, i) => [call.names[i]!, id] as const),
      attrs: call.attrs,
      outputs: node.outputs.map((value) => ({ value, ...graph.values[value]! })),
      free: lastUse.get(index) ?? [],
      op: node.op,
      ...(node.piece !== undefined && { piece: node.piece }),
      ...(node.name !== undefined && { name: node.name }),
    };
  });
  return { format: 'ed2l-plan', version: 1, target: target.name, instructions, outputs: graph.outputs };
}

/** The value whose memory each value lives in: its own, or that of what it is another shape of. */
function storageOf(order: readonly Node[], graph: Graph): ReadonlyMap<ValueId, ValueId> {
  const storage = new Map<ValueId, ValueId>(graph.values.map((_, id) => [id, id]));
  for (const node of order) {
    if (node.op === 'reshape') storage.set(node.outputs[0]!, storage.get(node.inputs[0]!)!);
  }
  return storage;
}

/** Instruction index → memory to give back after it. Fed, state and output memory is never among it. */
function lastUses(
  order: readonly Node[],
  graph: Graph,
  storage: ReadonlyMap<ValueId, ValueId>,
): ReadonlyMap<number, number[]> {
  const kept = new Set(graph.outputs.map((o) => storage.get(o.value)!));
  for (const node of order) if (FED.includes(node.op)) kept.add(node.outputs[0]!);
  const last = new Map<ValueId, number>();
  order.forEach((node, index) => {
    for (const id of [...node.inputs, ...node.outputs]) last.set(storage.get(id)!, index);
  });
  const free = new Map<number, number[]>();
  for (const [id, index] of last) if (!kept.has(id)) free.set(index, [...(free.get(index) ?? []), id]);
  return free;
}
