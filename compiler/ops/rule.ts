/** @file What the op table says of an operation. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Attrs, Node, Type, ValueId } from '../graph/graph.js';

/** Why operands do not fit. `operand` is the input at fault, `axis` the axis (batch = 0) on which the operands disagree. */
export interface Problem {
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  readonly operand?: number;
  readonly axis?: number;
}

/**
 * The adjoint of input `k`, given the adjoint of the node's first output; it has the type of that input.
 * `emit` marks new nodes as derived from `node`.
 */
export type Vjp = (context: {
  readonly node: Node;
  readonly k: number;
  readonly adjoint: ValueId;
  readonly builder: GraphBuilder;
  readonly emit: (op: string, inputs: readonly ValueId[], attrs?: Attrs) => ValueId;
  readonly emitAll: (op: string, inputs: readonly ValueId[], attrs?: Attrs) => readonly ValueId[];
}) => ValueId;

export interface OpRule {
  /** One line: what it computes. */
  readonly doc: string;
  readonly types: (inputs: readonly Type[], attrs: Attrs) => readonly Type[] | Problem;
  /**
   * A rule, or why there is none, or the pass that replaces the operation before differentiation.
   * `closed` lists inputs without a derivative (labels, conditions, statistics).
   */
  readonly vjp: Vjp | { readonly none: string } | { readonly replacedBy: string };
  readonly closed?: readonly number[];
  /** Floating-point operations for a batch of that size; bytes moved are derived from the types. */
  readonly flops: (inputs: readonly Type[], outputs: readonly Type[], attrs: Attrs, batch: number) => number;
}
