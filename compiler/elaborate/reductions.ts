/** @file Reductions: mean, sum, max, min, var, std, norm. */
import type { Arguments } from './arguments.js';
import { axesOf } from './axes.js';
import type { Axes, Tensors } from './tensors.js';
import type { TensorValue } from './values.js';

type Reduce = (t: Tensors, x: TensorValue, axes: Axes) => TensorValue;

const REDUCTIONS: Readonly<Record<string, Reduce>> = {
  mean: (t, x, axes) => t.mean(x, axes),
  sum: (t, x, axes) => t.sum(x, axes),
  max: (t, x, axes) => t.emit('max', [x], { axes: [...axes], keep: false }),
  min: (t, x, axes) => t.emit('min', [x], { axes: [...axes], keep: false }),
  var: variance,
  // The small number keeps the slope finite where all elements are equal.
  std: (t, x, axes) => t.unary('sqrt', t.add(variance(t, x, axes), t.constant(1e-12))),
  norm: (t, x, axes) =>
    t.unary('sqrt', t.binary('maximum', t.sum(t.unary('square', x), axes), t.constant(1e-24))),
};

/** Mean squared distance from the mean, without Bessel's correction. */
function variance(t: Tensors, x: TensorValue, axes: Axes): TensorValue {
  return t.mean(t.unary('square', t.sub(x, t.mean(x, axes, true))), axes);
}

export function reduce(t: Tensors, args: Arguments): TensorValue {
  const x = args.tensor('x');
  return REDUCTIONS[args.name]!(t, x, axesOf(args, x));
}
