/**
 * @file A legal graph to a plan: kernels chosen, updates moved to where they can overwrite what nothing reads any more,
 * memory given back right after the last use.
 */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import { FED } from '../ops/leaves.js';
import type { Target } from '../targets/target.js';
import { legalize } from './legalize.js';
import type { Instruction, Plan } from './plan.js';

const UPDATES = ['sgd_update', 'adam_update', 'rmsprop_update', 'running_update'];

export function makePlan(source: Graph, target: Target): Plan {
  const graph = legalize(source, target);
  const order = schedule(graph);
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
      inPlace: inPlaceOf(node),
      free: lastUse.get(index) ?? [],
      op: node.op,
      ...(node.piece !== undefined && { piece: node.piece }),
      ...(node.name !== undefined && { name: node.name }),
    };
  });
  return { format: 'ed2l-plan', version: 1, target: target.name, instructions, outputs: graph.outputs };
}

/** θ and its moments are overwritten by their updates; the gradient is not. */
function inPlaceOf(node: Node): readonly (readonly [number, number])[] {
  if (!UPDATES.includes(node.op)) return [];
  return node.outputs.map((_, i) => [i, i === 0 ? 0 : i + 1] as const);
}

/** Graph order, but each update right after its gradient exists and everything else has read what it overwrites. */
function schedule(graph: Graph): Node[] {
  const producer = new Map<ValueId, number>();
  const lastReader = new Map<ValueId, number>();
  const shapeOf = new Map<ValueId, ValueId>();
  const memory = (id: ValueId): ValueId => shapeOf.get(id) ?? id;
  graph.nodes.forEach((node, index) => {
    for (const output of node.outputs) producer.set(output, index);
    if (node.op === 'reshape') shapeOf.set(node.outputs[0]!, memory(node.inputs[0]!));
    if (!UPDATES.includes(node.op)) for (const input of node.inputs) lastReader.set(memory(input), index);
  });
  // Leaves cost nothing, and stand at the front whatever comes.
  const due = (node: Node, index: number): number => {
    if (FED.includes(node.op)) return -1;
    if (!UPDATES.includes(node.op)) return index;
    const isLeaf = (id: ValueId): boolean => FED.includes(graph.nodes[producer.get(id)!]!.op);
    return (
      Math.max(
        ...node.inputs.map((id) => Math.max(isLeaf(id) ? -1 : producer.get(id)!, lastReader.get(id) ?? -1)),
      ) + 0.5
    );
  };
  return graph.nodes
    .map((node, index) => ({ node, due: due(node, index), index }))
    .sort((a, b) => a.due - b.due || a.index - b.index)
    .map(({ node }) => node);
}

/** The value whose memory each value lives in: its own, or that of what it is another shape or an update of. */
function storageOf(order: readonly Node[], graph: Graph): ReadonlyMap<ValueId, ValueId> {
  const storage = new Map<ValueId, ValueId>(graph.values.map((_, id) => [id, id]));
  for (const node of order) {
    if (node.op === 'reshape') storage.set(node.outputs[0]!, storage.get(node.inputs[0]!)!);
    for (const [output, input] of inPlaceOf(node))
      storage.set(node.outputs[output]!, storage.get(node.inputs[input]!)!);
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
