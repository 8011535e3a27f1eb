/** @file What an optimizer does to a parameter and its moments, and the running statistics of batch norm. They end a step and are never differentiated. */
import type { OpRule } from './rule.js';
import { otherShape, total } from './shape.js';
import type { Type } from '../graph/graph.js';

const update = (doc: string, results: (inputs: number) => number, flopsPerElement: number): OpRule => ({
  doc,
  types: (inputs) => {
    const [first] = inputs as readonly [Type];
    const other = inputs
      .map((t, k) => otherShape(t, first.shape, k))
      .find((problem) => problem !== undefined);
    return other ?? Array.from({ length: results(inputs.length) }, () => first);
  },
  vjp: { none: 'training steps are not differentiated' },
  flops: ([parameter], _, __, batch) => flopsPerElement * total([parameter!], batch),
});

export const updates: Readonly<Record<string, OpRule>> = {
  sgd_update: update(
    '(θ, g[, velocity]) → (θ[, velocity]): gradient descent, with momentum if it is given.',
    (n) => n - 1,
    6,
  ),
  adam_update: update(
    '(θ, g, m, v) → (θ, m, v): Adam with bias correction by the update count (Kingma and Ba 2015).',
    () => 3,
    14,
  ),
  rmsprop_update: update(
    '(θ, g, s) → (θ, s): the gradient over its running root mean square (Hinton 2012).',
    () => 2,
    9,
  ),
  running_update: update('(1 - momentum) × running + momentum × batch value.', () => 1, 3),
};
