/** @file Softmax and the losses fused with it, over the last axis. */
import { formatType } from '../graph/graph.js';
import type { OpRule, Vjp } from './rule.js';
import { f32, otherShape, total } from './shape.js';

type Context = Parameters<Vjp>[0];

const sumOfLast = ({ builder, emit }: Context, value: number): number =>
  emit('sum', [value], { axes: [builder.type(value).shape.length - 1], keep: true });

export const softmax: Readonly<Record<string, OpRule>> = {
  softmax: {
    doc: 'eˣ over its sum along the last axis.',
    types: ([x]) => [x!],
    vjp: (c) => {
      const y = c.node.outputs[0]!;
      const centred = c.emit('sub', [c.adjoint, sumOfLast(c, c.emit('mul', [c.adjoint, y]))]);
      return c.emit('mul', [centred, y]);
    },
    flops: ([x], _, __, batch) => 5 * total([x!], batch),
  },
  log_softmax: {
    doc: 'The logarithm of softmax, without overflow.',
    types: ([x]) => [x!],
    vjp: (c) => {
      const probabilities = c.emit('exp', [c.node.outputs[0]!]);
      return c.emit('sub', [c.adjoint, c.emit('mul', [probabilities, sumOfLast(c, c.adjoint)])]);
    },
    flops: ([x], _, __, batch) => 5 * total([x!], batch),
  },
  softmax_cross_entropy: {
    doc: '-Σ target × log_softmax(logits), one number per sample; the rows of target need not sum to 1.',
    types: ([logits, target]) => {
      if (logits!.shape.length !== 2)
        return {
          message: 'logits have two axes',
          found: formatType(logits!),
          expected: 'f32[batch, n]',
          operand: 0,
        };
      if (target!.shape.length !== 2 || target!.shape[1] !== logits!.shape[1]) {
        return {
          message: 'logits and target differ',
          found: formatType(target!),
          expected: formatType(logits!),
          operand: 1,
          axis: 1,
        };
      }
      return [f32([logits!.shape[0]!])];
    },
    vjp: (c) => {
      const [logits, target] = c.node.inputs as [number, number];
      if (c.k === 0) return c.emit('softmax_cross_entropy_grad', [c.adjoint, logits, target]);
      const [batch] = c.builder.type(logits).shape;
      const perSample = c.emit('reshape', [c.emit('neg', [c.adjoint])], { shape: [batch!, 1] });
      return c.emit('mul', [perSample, c.emit('log_softmax', [logits])]);
    },
    flops: ([x], _, __, batch) => 7 * total([x!], batch),
  },
  softmax_cross_entropy_grad: {
    doc: 'The adjoint of the logits: dy × (softmax(logits) × Σ target - target).',
    types: ([dy, logits, target]) =>
      otherShape(dy!, logits!.shape.slice(0, 1), 0) ?? otherShape(target!, logits!.shape, 2) ?? [logits!],
    vjp: { none: 'write the loss with log_softmax where its gradient is differentiated again' },
    flops: ([, x], _, __, batch) => 7 * total([x!], batch),
  },
};
