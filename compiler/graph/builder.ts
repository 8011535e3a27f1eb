/** @file Builds graphs: infers types through the op table and shares equal nodes (hash-consing), so a graph never computes a thing twice. */
import { inferTypes } from '../ops/table.js';
import type { Problem } from '../ops/rule.js';
import type { Attr, Attrs, Graph, Node, Origin, Output, Type, ValueId } from './graph.js';
import { formatCoefficient, type Coefficient } from '../scalar/coefficient.js';

/** Thrown when an operation refuses its operands; the elaborator turns it into a diagnostic with spans. */
export class OperandError extends Error {
  constructor(
    readonly op: string,
    readonly problem: Problem,
  ) {
    super(`${op}: ${problem.message}`);
  }
}

export interface NodePlace {
  readonly group?: string;
  readonly piece?: string;
  readonly application?: number;
  readonly name?: string;
}

export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly values: Type[] = [];
  readonly #known = new Map<string, readonly ValueId[]>();
  readonly #producer: Node[] = [];
  #within: NodePlace = {};

  /** The only result of a new (or equal, existing) node. Throws OperandError. */
  emit(op: string, inputs: readonly ValueId[], attrs: Attrs, origin: Origin, place: NodePlace = {}): ValueId {
    return this.emitAll(op, inputs, attrs, origin, place)[0]!;
  }

  emitAll(
    op: string,
    inputs: readonly ValueId[],
    attrs: Attrs,
    origin: Origin,
    place: NodePlace = {},
  ): readonly ValueId[] {
    const key = keyOfNode({ op, inputs, attrs });
    const known = this.#known.get(key);
    if (known) return known;
    const types = inferTypes(
      op,
      inputs.map((id) => this.values[id]!),
      attrs,
    );
    if ('message' in types) throw new OperandError(op, types);
    const outputs = types.map((type) => this.values.push(type) - 1);
    const where = place.group === undefined ? this.#within : {};
    const node: Node = { op, inputs, outputs, attrs, origin, ...where, ...place };
    this.nodes.push(node);
    for (const output of outputs) this.#producer[output] = node;
    this.#known.set(key, outputs);
    return outputs;
  }

  /** Nodes that `run` emits without a group stand at `place`. */
  within<T>(place: NodePlace, run: () => T): T {
    const outer = this.#within;
    this.#within = place;
    try {
      return run();
    } finally {
      this.#within = outer;
    }
  }

  type(id: ValueId): Type {
    return this.values[id]!;
  }

  producer(id: ValueId): Node {
    return this.#producer[id]!;
  }

  /** Seals the graph with these outputs. */
  build(outputs: readonly Output[]): Graph {
    return { nodes: [...this.nodes], values: [...this.values], outputs };
  }
}

/** Equal for nodes that compute the same thing. */
export function keyOfNode({ op, inputs, attrs }: Pick<Node, 'op' | 'inputs' | 'attrs'>): string {
  const names = Object.keys(attrs).sort();
  return `${op}(${inputs.join()})${names.map((name) => `;${name}=${attrKey(attrs[name]!)}`).join('')}`;
}

function attrKey(attr: Attr): string {
  if (typeof attr !== 'object') return `${typeof attr}:${attr}`;
  return Array.isArray(attr) ? `[${attr.join()}]` : formatCoefficient(attr as Coefficient);
}
