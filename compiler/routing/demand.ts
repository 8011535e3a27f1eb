/** @file The forward half of routed reverse mode: which carriers every value and every edge needs, parameters first (docs/architecture.md, "Routed reverse mode"). */
import { isOpenEdge } from '../ops/table.js';
import type { Graph, Node, ValueId } from '../graph/graph.js';
import {
  choose,
  distinct,
  isEmpty,
  restrict,
  termBit,
  type Carrier,
  type Strategy,
  type TermSet,
} from './carrier.js';
import { isExit, unmasked } from './exits.js';
import { producers, type RoutedObjective, type Terms } from './terms.js';

/** The carriers of a graph. Keys of `edges` are `nodeIndex:inputPosition`. */
export interface Demand {
  /** B(v); absent: the reverse sweep never visits v. */
  readonly carriers: ReadonlyMap<ValueId, readonly Carrier[]>;
  /** E(v, k): the carriers that cross the edge from node v to its input k. */
  readonly edges: ReadonlyMap<string, readonly Carrier[]>;
  /** Edges at which adjoints enter an application of a group from below. */
  readonly exits: ReadonlySet<string>;
  /** D(v): the terms computed from v along differentiable paths. */
  readonly below: ReadonlyMap<ValueId, TermSet>;
  readonly parameterGroup: ReadonlyMap<ValueId, string>;
}

export const edgeKey = (nodeIndex: number, k: number): string => `${nodeIndex}:${k}`;

export function planDemand(
  graph: Graph,
  objective: RoutedObjective,
  terms: Terms,
  strategy: Strategy,
): Demand {
  const below = termsBelow(graph, terms);
  const parameterGroup = new Map<ValueId, string>();
  for (const group of objective.groups) for (const p of group.parameters) parameterGroup.set(p, group.name);

  const carriers = new Map<ValueId, readonly Carrier[]>();
  const edges = new Map<string, readonly Carrier[]>();
  const exits = new Set<string>();
  const producer = producers(graph);
  graph.nodes.forEach((node, index) => {
    const value = node.outputs[0]!;
    const group = parameterGroup.get(value);
    if (group !== undefined) {
      const wanted = restrict(terms.wants.get(group)!, below.get(value) ?? 0n);
      if (!isEmpty(wanted)) carriers.set(value, [wanted]);
      return;
    }
    const here = below.get(value) ?? 0n;
    if (here === 0n) return;
    const preferred = node.group === undefined ? undefined : terms.wants.get(node.group);
    const wanted: Carrier[] = [];
    node.inputs.forEach((input, k) => {
      const above = carriers.get(input);
      if (!above || !isOpenEdge(node, k, graph.values)) return;
      const isLeaving = isExit(producer.get(input)!, node, graph.values[input]!);
      const needed = distinct(
        above
          .map((b) => restrict(b, here))
          .flatMap((b) => (isLeaving ? unmasked(b, terms).map((part) => part.carrier) : [b])),
      );
      if (needed.length === 0) return;
      if (isLeaving) exits.add(edgeKey(index, k));
      const chosen = choose(needed, preferred && restrict(preferred, here), strategy);
      edges.set(edgeKey(index, k), chosen);
      wanted.push(...chosen);
    });
    if (wanted.length === 0) return;
    const chosen = choose(distinct(wanted), preferred && restrict(preferred, here), strategy);
    carriers.set(value, chosen);
  });
  return { carriers, edges, exits, below, parameterGroup };
}

/** D: one backward sweep with a set of terms per value. */
function termsBelow(graph: Graph, terms: Pick<Terms, 'values'>): Map<ValueId, TermSet> {
  const below = new Map<ValueId, TermSet>();
  terms.values.forEach((value, t) => below.set(value, (below.get(value) ?? 0n) | termBit(t)));
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    const set = below.get(node.outputs[0]!) ?? 0n;
    if (set === 0n) continue;
    node.inputs.forEach((input, k) => {
      if (isOpenEdge(node, k, graph.values)) below.set(input, (below.get(input) ?? 0n) | set);
    });
  }
  return below;
}

/** What the plan costs: one count per application of a vector-Jacobian product. */
export interface Counts {
  readonly inputVjps: number;
  readonly weightVjps: number;
}

export function countVjps(graph: Graph, demand: Demand): Counts {
  let inputVjps = 0;
  let weightVjps = 0;
  graph.nodes.forEach((node: Node, index) => {
    node.inputs.forEach((input, k) => {
      const crossing = demand.edges.get(edgeKey(index, k))?.length ?? 0;
      if (demand.parameterGroup.has(input)) weightVjps += crossing;
      else inputVjps += crossing;
    });
  });
  return { inputVjps, weightVjps };
}
