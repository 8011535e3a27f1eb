/** @file The operation table: every operation of the graph IR with its meaning, type rule, derivative and cost. */
import type { Attrs, Node, Type } from '../graph/graph.js';
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import { leaves } from './leaves.js';
import { linear } from './linear.js';
import { masks } from './masks.js';
import { normalization } from './normalization.js';
import { pooling } from './pooling.js';
import { reductions } from './reductions.js';
import type { OpRule, Problem } from './rule.js';
import { shapes } from './shapes.js';
import { softmax } from './softmax.js';
import { updates } from './updates.js';

export const opTable: Readonly<Record<string, OpRule>> = {
  ...leaves,
  ...elementwise,
  ...reductions,
  ...shapes,
  ...linear,
  ...convolution,
  ...pooling,
  ...normalization,
  ...softmax,
  ...masks,
  ...updates,
};

/** Throws for an operation the table does not have: a defect of the compiler or a damaged file. */
export function ruleOf(op: string): OpRule {
  const rule = Object.hasOwn(opTable, op) ? opTable[op] : undefined;
  if (!rule) throw new Error(`internal: there is no operation called ${op}`);
  return rule;
}

/** The types of the results, or why the operands do not fit. */
export function inferTypes(op: string, inputs: readonly Type[], attrs: Attrs): readonly Type[] | Problem {
  return ruleOf(op).types(inputs, attrs);
}

/** Whether a gradient passes from the node to its k-th operand (docs/language.md, "Routes"). */
export function isOpenEdge(node: Node, k: number, values: readonly Type[]): boolean {
  const rule = ruleOf(node.op);
  if ('none' in rule.vjp || rule.closed?.includes(k)) return false;
  return values[node.inputs[k]!]!.dtype === 'f32';
}
