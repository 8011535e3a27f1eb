/** @file Leaves: what a graph is fed (inputs, labels, state) and the numbers it contains. They have no operands, so no derivative. */
import type { Shape } from '../graph/graph.js';
import type { OpRule } from './rule.js';
import { f32 } from './shape.js';

/** Leaves that are handed in from outside: state that lives between steps, and the batch. */
export const FED: readonly string[] = ['input', 'label', 'parameter', 'statistic', 'slot'];

const NO_OPERANDS = { none: 'it has no operands' } as const;

function leaf(doc: string, types: OpRule['types']): OpRule {
  return { doc, types, vjp: NO_OPERANDS, flops: () => 0 };
}

const shaped: OpRule['types'] = (_, attrs) => [f32(attrs['shape'] as Shape)];
const scalar: OpRule['types'] = () => [f32([])];

export const leaves: Readonly<Record<string, OpRule>> = {
  input: leaf('A declared input, fed per batch.', shaped),
  label: leaf('The class indices of a declared label, fed per batch.', () => [
    { dtype: 'i32', shape: ['batch'] },
  ]),
  parameter: leaf('A trained tensor of a group, by path.', shaped),
  statistic: leaf('A running statistic of batch norm, by path.', shaped),
  slot: leaf('A moment an optimizer keeps for a parameter.', shaped),
  constant: leaf('A fixed number.', scalar),
  scalar: leaf('A run-time scalar, evaluated once per iteration.', scalar),
  ones: leaf('A tensor of ones.', shaped),
  seed: leaf("The start of an adjoint: the carrier's coefficient of one loss term.", scalar),
  dropout_mask: leaf(
    '0 with probability `rate`, else 1 / (1 - rate); drawn once per execution and application.',
    shaped,
  ),
};
