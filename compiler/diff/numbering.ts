/** @file Numbers the values of two graphs so that equal computations have equal numbers, whatever their places and order. */
import { formatCoefficient, type Coefficient } from '../scalar/coefficient.js';
import type { Attr, Graph, Node, ValueId } from '../graph/graph.js';
import type { ModelIR } from '../model/ir.js';

/** Shared by all graphs that are compared: the same text always has the same number. */
export class Numbers {
  readonly #known = new Map<string, number>();

  of(...parts: readonly unknown[]): number {
    const text = JSON.stringify(parts);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.#known.size);
    return this.#known.size - 1;
  }
}

/**
 * What each value of a model computes: from the named values it mentions (`cuts`, which stand for themselves), from inputs and parameters by
 * name, and from applications of groups, whose inside counts for the group alone.
 */
export class Numbering {
  readonly #graph: Graph;
  readonly #makers = new Map<ValueId, { readonly node: Node; readonly position: number }>();
  /** Nodes computed from a parameter of the group they are in. Others may be shared with what is outside, so they count as outside. */
  readonly #owned = new Set<Node>();
  readonly #names = new Map<ValueId, string>();
  readonly #known = new Map<ValueId, number>();

  constructor(
    { graph, values }: ModelIR,
    private readonly numbers: Numbers,
    cuts: ReadonlySet<string>,
  ) {
    this.#graph = graph;
    for (const node of graph.nodes)
      for (const [position, id] of node.outputs.entries()) this.#makers.set(id, { node, position });
    const groups = new Map<ValueId, string>();
    for (const node of graph.nodes) {
      const { group } = node;
      if (group === undefined) continue;
      const leaf = LEAVES.has(node.op);
      if (!leaf && !node.inputs.some((id) => groups.get(id) === group)) continue;
      if (!leaf) this.#owned.add(node);
      for (const id of node.outputs) groups.set(id, group);
    }
    for (const { name, value } of values) {
      const before = this.#names.get(value);
      if (cuts.has(name) && (before === undefined || name < before)) this.#names.set(value, name);
    }
  }

  /** Of the computation of a declared value itself, even if its name stands for it elsewhere. */
  defined(id: ValueId): number {
    return this.#inside(id);
  }

  /** Of a value as others use it. */
  used(id: ValueId): number {
    const name = this.#names.get(id);
    if (name !== undefined) return this.numbers.of('value', name);
    let known = this.#known.get(id);
    if (known === undefined) {
      known = this.#inside(id);
      this.#known.set(id, known);
    }
    return known;
  }

  /** What one application of the group computes, for all of its applications: their inputs are left out. */
  group(name: string): number {
    const applications = new Map<number, Node[]>();
    for (const node of this.#graph.nodes) {
      if (node.group !== name || !this.#owned.has(node)) continue;
      const key = node.application ?? 0;
      applications.set(key, [...(applications.get(key) ?? []), node]);
    }
    const made = [...applications.values()].map((nodes) => {
      const own = new Map<ValueId, number>();
      const parts = nodes.map((node) => {
        const inputs = node.inputs.map((id) => own.get(id) ?? this.#parameter(id) ?? 'outside');
        const number = this.numbers.of(node.op, attributesOf(node), node.piece, inputs);
        for (const [position, id] of node.outputs.entries()) own.set(id, this.numbers.of(number, position));
        return number;
      });
      return this.numbers.of(parts);
    });
    return this.numbers.of([...new Set(made)].sort((a, b) => a - b));
  }

  #inside(id: ValueId): number {
    const { node, position } = this.#makers.get(id)!;
    if (this.#owned.has(node)) return this.#applied(node, position);
    return this.numbers.of(
      node.op,
      attributesOf(node),
      node.inputs.map((input) => this.used(input)),
      position,
    );
  }

  /** A value inside a group, seen from outside: which piece of which group gives it, and what goes into the application. */
  #applied(node: Node, position: number): number {
    const inside = this.#graph.nodes.filter(
      (other) =>
        other.group === node.group && other.application === node.application && this.#owned.has(other),
    );
    const made = new Set(inside.flatMap((other) => other.outputs));
    const outer = inside
      .flatMap((other) => other.inputs)
      .filter((input) => !made.has(input) && this.#parameter(input) === undefined);
    const inputs = [...new Set(outer.map((input) => this.used(input)))];
    const ofPiece = inside.filter((other) => other.piece === node.piece);
    const fromEnd = ofPiece.length - ofPiece.indexOf(node);
    return this.numbers.of('in', node.group, node.piece, fromEnd, inputs, position);
  }

  #parameter(id: ValueId): number | undefined {
    const maker = this.#makers.get(id)!.node;
    return LEAVES.has(maker.op) ? this.numbers.of(maker.op, attributesOf(maker)) : undefined;
  }
}

const LEAVES = new Set(['parameter', 'statistic']);

function attributesOf({ attrs }: Node): unknown {
  return Object.keys(attrs)
    .sort()
    .map((name) => [name, plain(attrs[name]!)]);
}

const plain = (attr: Attr): unknown =>
  typeof attr === 'object' && !Array.isArray(attr) ? formatCoefficient(attr as Coefficient) : attr;
