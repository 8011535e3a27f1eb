/** @file What a target engine can do, as data and rules: which operations it runs as one kernel, and how every other one is rewritten. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Attrs, Node, Type, ValueId } from '../graph/graph.js';
import type { KernelAttrs } from '../plan/plan.js';

/** Rewrites a node into simpler operations and returns its outputs in order; undefined: the rule does not apply to this node. */
export type LegalizationRule = (context: {
  readonly node: Node;
  /** The node's inputs in the new graph. */
  readonly inputs: readonly ValueId[];
  readonly builder: GraphBuilder;
  readonly emit: (op: string, inputs: readonly ValueId[], attrs?: Attrs) => ValueId;
}) => readonly ValueId[] | undefined;

/** The kernel call of one operation; `names` are the kernel's own names of the inputs. */
export interface KernelCall {
  readonly kernel: string;
  readonly names: readonly string[];
  readonly attrs: KernelAttrs;
}

export type KernelRule = (node: Node, inputs: readonly Type[]) => KernelCall;

export interface Target {
  readonly name: 'cpu' | 'wasm' | 'onednn' | 'tensorflow';
  readonly legalize: Readonly<Record<string, LegalizationRule>>;
  readonly kernels: Readonly<Record<string, KernelRule>>;
}
