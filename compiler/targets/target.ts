/** @file What a target engine can do, as data and rules: which operations it runs as one kernel, and how every other one is rewritten. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Attrs, Node, ValueId } from '../graph/graph.js';
import type { Instruction } from '../plan/plan.js';

/** Rewrites a node into simpler operations and returns its outputs in order. */
export type LegalizationRule = (context: {
  readonly node: Node;
  /** The node's inputs in the new graph. */
  readonly inputs: readonly ValueId[];
  readonly builder: GraphBuilder;
  readonly emit: (op: string, inputs: readonly ValueId[], attrs?: Attrs) => ValueId;
  readonly emitAll: (op: string, inputs: readonly ValueId[], attrs?: Attrs) => readonly ValueId[];
}) => readonly ValueId[];

/** The kernel call of one operation. */
export type KernelRule = (
  node: Node,
  inputTypes: readonly import('../graph/graph.js').Type[],
) => Pick<Instruction, 'kernel' | 'inputs' | 'attrs'>;

export interface Target {
  readonly name: 'cpu' | 'wasm';
  /** Operations rewritten before planning; a rule may return `undefined` outputs never. */
  readonly legalize: Readonly<Record<string, LegalizationRule>>;
  readonly kernels: Readonly<Record<string, KernelRule>>;
}
