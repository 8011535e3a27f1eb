/** @file Reductions: mean, sum, max, min, var, std, norm; all but the last of chosen elements too. */
import type { Arguments } from './arguments.js';
import { axesOf } from './axes.js';
import { Chosen, whereOf } from './chosen.js';
import type { Axes, Tensors } from './tensors.js';
import type { TensorValue } from './values.js';

type Reduce = (t: Tensors, x: TensorValue, axes: Axes) => TensorValue;

const REDUCTIONS: Readonly<Record<string, Reduce>> = {
  mean: (t, x, axes) => t.mean(x, axes),
  sum: (t, x, axes) => t.sum(x, axes),
  max: (t, x, axes) => t.emit('max', [x], { axes: [...axes], keep: false }),
  min: (t, x, axes) => t.emit('min', [x], { axes: [...axes], keep: false }),
  var: variance,
  std: (t, x, axes) => rootOf(t, variance(t, x, axes)),
  norm: (t, x, axes) =>
    t.unary('sqrt', t.binary('maximum', t.sum(t.unary('square', x), axes), t.constant(1e-24))),
};

/** Mean squared distance from the mean, without Bessel's correction. */
function variance(t: Tensors, x: TensorValue, axes: Axes): TensorValue {
  return t.mean(t.unary('square', t.emit('sub', [x, t.mean(x, axes, true)])), axes);
}

/** The small number keeps the slope finite where all elements are equal. */
const rootOf = (t: Tensors, variance: TensorValue): TensorValue =>
  t.unary('sqrt', t.add(variance, t.constant(1e-12)));

const OF_CHOSEN: Readonly<Record<string, (chosen: Chosen, axes: Axes) => TensorValue>> = {
  mean: (chosen, axes) => chosen.mean(axes),
  sum: (chosen, axes) => chosen.sum(axes),
  max: (chosen, axes) => chosen.extremum('max', axes),
  min: (chosen, axes) => chosen.extremum('min', axes),
  var: (chosen, axes) => chosen.variance(axes),
  std: (chosen, axes) => chosen.zeroIfNothing(rootOf(chosen.t, chosen.variance(axes)), axes),
};

export function reduce(t: Tensors, args: Arguments): TensorValue {
  const x = args.tensor('x');
  const axes = axesOf(args, x);
  const where = OF_CHOSEN[args.name] && whereOf(args, 'elements');
  return where
    ? OF_CHOSEN[args.name]!(new Chosen(t, args, x, where), axes)
    : REDUCTIONS[args.name]!(t, x, axes);
}
