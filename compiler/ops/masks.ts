/** @file What `where` does to gradients: operations that weigh an adjoint sample by sample. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Attrs, Type, ValueId } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { OpRule, Problem } from './rule.js';
import { total } from './shape.js';

/** A truth value or a number per sample; the operand has the same batch. */
function perSample([x, mask]: readonly Type[]): readonly Type[] | Problem {
  if (x!.dtype !== 'f32') return { message: 'only numbers are masked', found: x!.dtype, operand: 0 };
  if (mask!.dtype === 'i32' || mask!.shape.join() !== 'batch')
    return {
      message: 'a mask has one number or truth value per sample',
      found: `${mask!.dtype}[${mask!.shape.join(', ')}]`,
      operand: 1,
    };
  if (x!.shape[0] !== 'batch')
    return { message: 'there are no samples to mask', found: `[${x!.shape.join(', ')}]`, operand: 0 };
  return [x!];
}

export interface MaskEmission {
  readonly builder: Pick<GraphBuilder, 'type'>;
  readonly emit: (op: string, inputs: readonly ValueId[], attrs?: Attrs) => ValueId;
}

/**
 * `x` f32[batch, …] times `mask` (bool or f32, [batch]), or times 1 - mask.
 * A sample whose factor is 0 becomes exactly 0, even where it is not finite.
 */
export function weighSamples(
  { builder, emit }: MaskEmission,
  x: ValueId,
  mask: ValueId,
  by: 'mask' | 'rest',
): ValueId {
  const rank = builder.type(x).shape.length;
  const spread = (value: ValueId): ValueId =>
    rank === 1
      ? value
      : emit('reshape', [value], { shape: ['batch', ...Array.from({ length: rank - 1 }, () => 1)] });
  const zero = emit('constant', [], { value: C.ZERO });
  if (builder.type(mask).dtype === 'bool')
    return emit('select', by === 'mask' ? [spread(mask), x, zero] : [spread(mask), zero, x]);
  const factor = by === 'mask' ? mask : emit('sub', [emit('constant', [], { value: C.ONE }), mask]);
  const nothing = emit('equal', [factor, zero]);
  return emit('select', [spread(nothing), zero, emit('mul', [x, spread(factor)])]);
}

const flops: OpRule['flops'] = (_, outputs, __, batch) => total(outputs, batch);

export const masks: Readonly<Record<string, OpRule>> = {
  mask: {
    doc: 'An adjoint, sample by sample times the mask of a route: at the exits of the masked group.',
    types: perSample,
    vjp: { none: 'it stands only in differentiated graphs' },
    flops,
  },
  stop_where: {
    doc: 'Its first operand; the gradient passes times 1 - mask, sample by sample.',
    types: perSample,
    vjp: (c) => weighSamples(c, c.adjoint, c.node.inputs[1]!, 'rest'),
    closed: [1],
    flops: () => 0,
  },
};
