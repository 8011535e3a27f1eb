/**
 * @file Routed reverse mode: one backward sweep that gives every group exactly the losses routed to it (docs/architecture.md, "Routed reverse mode").
 * Removes: nothing. Introduces: `seed` and `mix` nodes, adjoints, one gradient per parameter that some routed loss reaches.
 * Afterwards holds: the terms in a parameter's gradient are those its group is routed to and it reaches, each entering once.
 */
import { GraphBuilder, type NodePlace } from '../graph/builder.js';
import type { Attrs, Graph, Node, Origin, ValueId } from '../graph/graph.js';
import { ruleOf } from '../ops/table.js';
import * as C from '../scalar/coefficient.js';
import {
  asDisjointSum,
  formatCarrier,
  keyOf,
  restrict,
  isEmpty,
  type Carrier,
  type Strategy,
} from './carrier.js';
import { countVjps, edgeKey, planDemand, type Demand } from './demand.js';
import { unmasked, type Unmasked } from './exits.js';
import { collectTerms, type RoutedObjective, type Terms } from './terms.js';

export interface Differentiated {
  /** The forward graph with the backward nodes appended; forward values keep their ids. Outputs as before. */
  readonly graph: Graph;
  /** The gradient per parameter value; a parameter no routed loss reaches is absent, not zero. */
  readonly gradients: ReadonlyMap<ValueId, ValueId>;
  readonly terms: Terms;
  readonly demand: Demand;
  readonly mixes: Mixes;
  /** Every adjoint: the value, its carrier, and the node that holds it. */
  readonly adjoints: readonly { readonly of: ValueId; readonly carrier: Carrier; readonly value: ValueId }[];
}

/** Operations on adjoints that are no derivatives. */
export interface Mixes {
  readonly scalings: number;
  readonly joins: number;
  readonly masks: number;
}

export function differentiate(forward: Graph, objective: RoutedObjective): Differentiated {
  const terms = collectTerms(forward, objective);
  return emitAdjoints(forward, terms, cheapestDemand(forward, objective, terms));
}

/** The rule of `choose` is expected to win on every graph; if a plainer plan needs fewer applications, that plan is taken. */
function cheapestDemand(forward: Graph, objective: RoutedObjective, terms: Terms): Demand {
  const strategies: Strategy[] = ['least', 'columns', 'blocks', 'terms'];
  const plans = strategies.map((strategy) => {
    const demand = planDemand(forward, objective, terms, strategy);
    const { inputVjps, weightVjps } = countVjps(forward, demand);
    return { demand, total: inputVjps + weightVjps };
  });
  return plans.reduce((best, next) => (next.total < best.total ? next : best)).demand;
}

function emitAdjoints(forward: Graph, terms: Terms, demand: Demand): Differentiated {
  const builder = rebuild(forward);
  const mixes = { scalings: 0, joins: 0, masks: 0 };
  const contributions = new Map<string, ValueId[]>();
  const adjoints: { of: ValueId; carrier: Carrier; value: ValueId }[] = [];
  const gradients = new Map<ValueId, ValueId>();
  const slot = (value: ValueId, carrier: Carrier): string => `${value}|${keyOf(carrier)}`;
  const termOf = new Map(terms.values.slice(0, terms.plain).map((value, t) => [value, t]));

  for (let index = forward.nodes.length - 1; index >= 0; index--) {
    const node = forward.nodes[index]!;
    const value = node.outputs[0]!;
    const carriers = demand.carriers.get(value);
    if (!carriers) continue;

    const place = placeOf(node);
    const held = carriers.map((carrier) => {
      const origin = originOf(node, `adjoint of ${node.name ?? node.op}`, carrier, terms);
      const parts = [...(contributions.get(slot(value, carrier)) ?? [])];
      const t = termOf.get(value);
      const own = t === undefined ? null : carrier[t]!;
      if (own) parts.unshift(builder.emit('seed', [], { term: terms.names[t!]!, by: own }, origin, place));
      mixes.joins += parts.length - 1;
      const adjoint = parts.reduce((sum, part) => builder.emit('add', [sum, part], {}, origin, place));
      adjoints.push({ of: value, carrier, value: adjoint });
      return adjoint;
    });
    if (demand.parameterGroup.has(value)) {
      gradients.set(value, held[0]!);
      continue;
    }

    node.inputs.forEach((input, k) => {
      const crossing = demand.edges.get(edgeKey(index, k));
      if (!crossing) return;
      const passed = crossing.map((carrier) => {
        const origin = originOf(node, `vjp of ${node.op}`, carrier, terms);
        const adjoint = combine({ builder, mixes, origin, place }, carrier, carriers, held);
        return applyVjp({ builder, origin, place }, node, k, adjoint);
      });
      for (const carrier of demand.carriers.get(input)!) {
        const part = restrict(carrier, demand.below.get(value)!);
        if (isEmpty(part)) continue;
        const origin = originOf(node, `vjp of ${node.op}`, part, terms);
        const mixing = { builder, mixes, origin, place };
        const contribution = demand.exits.has(edgeKey(index, k))
          ? throughExit(mixing, unmasked(part, terms), crossing, passed)
          : combine(mixing, part, crossing, passed);
        const key = slot(input, carrier);
        contributions.set(key, [...(contributions.get(key) ?? []), contribution]);
      }
    });
  }
  return { graph: builder.build(forward.outputs), gradients, terms, demand, mixes, adjoints };
}

/** Copies a graph into a new builder; its value ids stay as they are. */
function rebuild(graph: Graph): GraphBuilder {
  const builder = new GraphBuilder();
  for (const node of graph.nodes) {
    const { op, inputs, attrs, origin, ...place } = node;
    const outputs = builder.emitAll(op, inputs, attrs, origin, place);
    if (outputs.some((id, i) => id !== node.outputs[i])) {
      throw new Error(`internal: ${op} stands twice in the graph to differentiate`);
    }
  }
  return builder;
}

function originOf(node: Node, from: string, carrier: Carrier, terms: Terms): Origin {
  return {
    ...(node.origin.span && { span: node.origin.span }),
    from,
    carrier: formatCarrier(carrier, terms),
  };
}

/** The group and piece that a derived node belongs to: those of the node it serves. */
function placeOf({ group, piece, application }: Node): NodePlace {
  return {
    ...(group !== undefined && { group }),
    ...(piece !== undefined && { piece }),
    ...(application !== undefined && { application }),
  };
}

/** Where and why nodes are emitted. */
interface Emission {
  readonly builder: GraphBuilder;
  readonly origin: Origin;
  readonly place: NodePlace;
}

interface Mixing extends Emission {
  readonly mixes: { -readonly [K in keyof Mixes]: Mixes[K] };
}

/** `wanted` as a disjoint sum of what is held; usually one part with scale 1, and then no node at all. */
function combine(
  mixing: Mixing,
  wanted: Carrier,
  carriers: readonly Carrier[],
  held: readonly ValueId[],
): ValueId {
  const { builder, origin, place, mixes } = mixing;
  const parts = asDisjointSum(wanted, carriers);
  if (!parts)
    throw new Error(
      `internal: ${keyOf(wanted)} is not a disjoint sum of ${carriers.map(keyOf).join(' and ')}`,
    );
  const scaled = parts.map(({ index, scale }) => {
    if (C.isOne(scale)) return held[index]!;
    mixes.scalings++;
    return builder.emit('mix', [held[index]!], { by: scale }, origin, place);
  });
  mixes.joins += parts.length - 1;
  return scaled.reduce((sum, part) => builder.emit('add', [sum, part], {}, origin, place));
}

/** Into a group: what arrives plain is masked as the group wants it. */
function throughExit(
  mixing: Mixing,
  parts: readonly Unmasked[],
  crossing: readonly Carrier[],
  passed: readonly ValueId[],
): ValueId {
  const { builder, origin, place, mixes } = mixing;
  const masked = parts.map(({ mask, carrier }) => {
    const plain = combine(mixing, carrier, crossing, passed);
    if (!mask) return plain;
    mixes.masks++;
    return builder.emit('mask', [plain, mask.value], { of: mask.text }, origin, place);
  });
  mixes.joins += parts.length - 1;
  return masked.reduce((sum, part) => builder.emit('add', [sum, part], {}, origin, place));
}

function applyVjp({ builder, origin, place }: Emission, node: Node, k: number, adjoint: ValueId): ValueId {
  const rule = ruleOf(node.op).vjp;
  if (typeof rule !== 'function') throw new Error(`internal: ${node.op} has no derivative`);
  const emitAll = (op: string, inputs: readonly ValueId[], attrs: Attrs = {}): readonly ValueId[] =>
    builder.emitAll(op, inputs, attrs, origin, place);
  return rule({
    node,
    k,
    adjoint,
    builder,
    emitAll,
    emit: (op, inputs, attrs) => emitAll(op, inputs, attrs)[0]!,
  });
}

/** What the gradient of a parameter of `group` at `value` must hold: the isolation statement the verifier checks. */
export function wantedCarrier(group: string, value: ValueId, terms: Terms, demand: Demand): Carrier {
  return restrict(terms.wants.get(group)!, demand.below.get(value) ?? 0n);
}
