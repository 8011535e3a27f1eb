/** @file The adjoints of a step, value by value, as text: which carriers each holds, where they join and where they part. */
import type { Graph, Node, ValueId } from '../graph/graph.js';
import { asDisjointSum, formatCarrier, isEmpty, keyOf, restrict, type Carrier } from './carrier.js';
import { edgeKey, type Demand } from './demand.js';
import type { Terms } from './terms.js';

/**
 * Named values and every value with more than one adjoint, in forward order; values with the same carriers share a line.
 * Then how many other values hold one, and which inputs and labels no adjoint visits.
 */
export function adjointLines(forward: Graph, demand: Demand, terms: Terms): string[] {
  const labels = new Map(forward.nodes.map((node) => [node.outputs[0]!, labelOf(node)]));
  const lines = new Map<string, { names: string[]; count: number }>();
  const unvisited: string[] = [];
  let others = 0;
  forward.nodes.forEach((node, index) => {
    const value = node.outputs[0]!;
    if (node.op === 'parameter') return;
    const carriers = demand.carriers.get(value);
    if (!carriers) {
      if (node.op === 'input' || node.op === 'label') unvisited.push(labels.get(value)!);
    } else if (node.name === undefined && carriers.length === 1) others++;
    else {
      const text =
        carriers.length === 1
          ? formatCarrier(carriers[0]!, terms) + joinOf(forward, demand, value, carriers[0]!)
          : carriers
              .map(
                (c, i) =>
                  `${formatCarrier(c, terms)} to ${targetsOf(node, index, i, demand, labels).join(', ')}`,
              )
              .join('  ');
      const line = lines.get(text);
      if (line) line.names.push(labels.get(value)!);
      else lines.set(text, { names: [labels.get(value)!], count: carriers.length });
    }
  });
  const rows = [...lines].map(([text, { names, count }]) => [names.join(', '), String(count), text] as const);
  const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  return [
    ...rows.map(
      ([names, count, text]) => `${names.padEnd(widths[0]!)}  ${count.padStart(widths[1]!)}  ${text}`,
    ),
    `other values: ${others}, 1 each`,
    `not visited: ${unvisited.join(', ') || 'none'}`,
  ];
}

/** The declared name, the path of a parameter, or the piece with the operation. */
function labelOf(node: Node): string {
  const { path, name } = node.attrs as { path?: string; name?: string };
  return node.name ?? path ?? name ?? (node.piece === undefined ? node.op : `${node.piece} (${node.op})`);
}

/** ` join of distiller, dispelling` where the parts of a carrier arrive from different sides. */
function joinOf(forward: Graph, demand: Demand, value: ValueId, carrier: Carrier): string {
  const arriving = forward.nodes.flatMap((node, index) =>
    node.inputs.flatMap((input, k) => {
      const crosses = input === value && demand.edges.has(edgeKey(index, k));
      const part = crosses ? restrict(carrier, demand.below.get(node.outputs[0]!)!) : [];
      return isEmpty(part) ? [] : [{ from: node.group ?? labelOf(node), part: keyOf(part) }];
    }),
  );
  if (new Set(arriving.map((a) => a.part)).size < 2) return '';
  return ` join of ${[...new Set(arriving.map((a) => a.from))].join(', ')}`;
}

/** The operands that the i-th adjoint of a node is passed on to. */
function targetsOf(
  node: Node,
  index: number,
  i: number,
  demand: Demand,
  labels: ReadonlyMap<ValueId, string>,
): string[] {
  const held = demand.carriers.get(node.outputs[0]!)!;
  return node.inputs.flatMap((input, k) => {
    const crossing = demand.edges.get(edgeKey(index, k)) ?? [];
    const uses = crossing.some((wanted) => asDisjointSum(wanted, held)!.some((part) => part.index === i));
    return uses ? [labels.get(input)!] : [];
  });
}
