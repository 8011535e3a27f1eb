/** @file Checks a differentiated graph without knowing how carriers were chosen: isolation, no cancellation, no dead adjoints (docs/architecture.md, "Routed reverse mode"). */
import { sameShape, type Graph, type Node, type ValueId } from '../graph/graph.js';
import { isOpenEdge } from '../ops/table.js';
import { liveNodes } from '../passes/rewrite.js';
import {
  countTerms,
  distinct,
  formatCarrier,
  rankOf,
  restrict,
  sameCarrier,
  support,
  termBit,
  type Carrier,
  type TermSet,
} from './carrier.js';
import { edgeKey } from './demand.js';
import { wantedCarrier, type Differentiated } from './differentiate.js';
import { isExit, unmasked } from './exits.js';
import { heldCarriers } from './held-carriers.js';
import { maskedName, producers, type Terms } from './terms.js';

/** Violations in plain words; an empty list is a proof that each group's gradient holds exactly its losses. */
export function verifyDifferentiated(forward: Graph, result: Differentiated): string[] {
  return [
    ...checkIsolation(forward, result),
    ...checkCarriers(result),
    ...checkShapes(result),
    ...checkCounts(forward, result),
    ...checkStops(forward, result),
    ...checkForwardKept(forward, result),
    ...checkNothingIdle(forward, result),
  ];
}

/** Term sets, computed afresh from the emitted nodes: a seed holds its term, everything else the union of its inputs. */
export function termSets(graph: Graph, termNames: readonly string[]): Map<ValueId, TermSet> {
  const sets = new Map<ValueId, TermSet>();
  for (const node of graph.nodes) {
    const own = node.inputs.reduce((bits, input) => bits | (sets.get(input) ?? 0n), 0n);
    const set =
      node.op === 'seed'
        ? termBit(termNames.indexOf(node.attrs['term'] as string))
        : node.op === 'mask'
          ? underMask(own, node.attrs['of'] as string, termNames)
          : own;
    for (const output of node.outputs) sets.set(output, set);
  }
  return sets;
}

/** The rows of the same terms under the mask. */
function underMask(set: TermSet, mask: string, names: readonly string[]): TermSet {
  return names.reduce((bits, name, t) => {
    if (!(set & termBit(t))) return bits;
    const row = names.indexOf(maskedName(name, mask));
    return row < 0 ? bits : bits | termBit(row);
  }, 0n);
}

function checkIsolation(forward: Graph, result: Differentiated): string[] {
  const { terms, demand, gradients } = result;
  const problems: string[] = [];
  const sets = termSets(result.graph, terms.names);
  for (const [parameter, group] of demand.parameterGroup) {
    const path = String(forward.nodes.find((n) => n.outputs[0] === parameter)?.attrs['path']);
    const wanted = support(wantedCarrier(group, parameter, terms, demand));
    const gradient = gradients.get(parameter);
    const held = gradient === undefined ? 0n : sets.get(gradient)!;
    if (held !== wanted)
      problems.push(
        `the gradient of ${path} holds the terms ${list(held, terms.names)}, not ${list(wanted, terms.names)}`,
      );
    if (gradient !== undefined && wanted === 0n)
      problems.push(`${path} has a gradient that no loss asks for`);
  }
  return problems;
}

/** Every adjoint holds its carrier, coefficients included, and every gradient what its group wants; no term cancels on the way. */
function checkCarriers({ graph, terms, demand, gradients, adjoints }: Differentiated): string[] {
  const { carriers, problems } = heldCarriers(graph, terms.names);
  const found = [...problems];
  const nothing = terms.names.map(() => null);
  for (const { of, carrier, value } of adjoints) {
    const held = carriers.get(value) ?? nothing;
    if (!sameCarrier(held, carrier))
      found.push(
        `an adjoint of value ${of} holds ${formatCarrier(held, terms)}, not ${formatCarrier(carrier, terms)}`,
      );
  }
  for (const [parameter, gradient] of gradients) {
    const group = demand.parameterGroup.get(parameter);
    const wanted = group === undefined ? nothing : wantedCarrier(group, parameter, terms, demand);
    if (!sameCarrier(carriers.get(gradient) ?? nothing, wanted))
      found.push(`the gradient of value ${parameter} is not ${formatCarrier(wanted, terms)}`);
  }
  return found;
}

function list(set: TermSet, names: readonly string[]): string {
  return `{${names.filter((_, t) => set & termBit(t)).join(', ')}}`;
}

function checkShapes(result: Differentiated): string[] {
  return result.adjoints.flatMap(({ of, value }) => {
    const a = result.graph.values[of]!;
    const b = result.graph.values[value]!;
    return a.dtype === b.dtype && sameShape(a.shape, b.shape)
      ? []
      : [`the adjoint of value ${of} has another type than the value`];
  });
}

/** Per edge: no more applications than non-zero rows, no fewer than the rank. */
function checkCounts(forward: Graph, result: Differentiated): string[] {
  const { demand } = result;
  const above = wantsAbove(forward, result);
  const problems: string[] = [];
  forward.nodes.forEach((node, index) => {
    const here = demand.below.get(node.outputs[0]!) ?? 0n;
    node.inputs.forEach((_, k) => {
      const columns = distinct(above(node, k).map((want) => restrict(want, here)));
      const rows = countTerms(columns.reduce((set, c) => set | support(c), 0n));
      const count = demand.edges.get(edgeKey(index, k))?.length ?? 0;
      const rank = rankOf(columns);
      if (count > rows) problems.push(`${node.op}, input ${k}: ${count} adjoints where ${rows} losses reach`);
      if (rank !== null && count < rank)
        problems.push(`${node.op}, input ${k}: ${count} adjoints cannot express ${rank} independent wants`);
      if (columns.length === 0 && count > 0)
        problems.push(`${node.op}, input ${k}: an adjoint nothing above wants`);
    });
  });
  return problems;
}

/** Per edge, what the groups want whose parameters are above it along differentiable paths; masks end at the exits of their group. */
function wantsAbove(
  forward: Graph,
  { demand, terms }: Pick<Differentiated, 'demand' | 'terms'>,
): (node: Node, k: number) => readonly Carrier[] {
  const above = new Map<ValueId, readonly Carrier[]>();
  const producer = producers(forward);
  const crossing = (node: Node, k: number): readonly Carrier[] => {
    const input = node.inputs[k]!;
    if (!isOpenEdge(node, k, forward.values)) return [];
    const wants = above.get(input) ?? [];
    return isExit(producer.get(input)!, node, forward.values[input]!)
      ? wants.flatMap((want) => plain(want, terms))
      : wants;
  };
  for (const node of forward.nodes) {
    const value = node.outputs[0]!;
    const own = demand.parameterGroup.get(value);
    above.set(
      value,
      own === undefined
        ? distinct(node.inputs.flatMap((_, k) => crossing(node, k)))
        : [terms.wants.get(own)!],
    );
  }
  return crossing;
}

const plain = (want: Carrier, terms: Terms): Carrier[] => unmasked(want, terms).map((part) => part.carrier);

function checkStops(forward: Graph, result: Differentiated): string[] {
  return forward.nodes.flatMap((node, index) =>
    node.inputs.flatMap((_, k) =>
      result.demand.edges.has(edgeKey(index, k)) && !isOpenEdge(node, k, forward.values)
        ? [`an adjoint crosses ${node.op}, which is closed`]
        : [],
    ),
  );
}

function checkForwardKept(forward: Graph, result: Differentiated): string[] {
  const same = forward.nodes.every((node, i) => {
    const kept = result.graph.nodes[i];
    return (
      kept !== undefined &&
      kept.op === node.op &&
      kept.inputs.join() === node.inputs.join() &&
      kept.outputs.join() === node.outputs.join()
    );
  });
  return same ? [] : ['a forward node was changed, moved or duplicated'];
}

/** No backward node without a gradient that needs it. */
function checkNothingIdle(forward: Graph, { graph, gradients }: Differentiated): string[] {
  const live = liveNodes(graph, [...gradients.values()]);
  return graph.nodes
    .slice(forward.nodes.length)
    .filter((node) => !live.has(node))
    .map((node) => `${node.op} (${node.origin.from}) serves no gradient`);
}
