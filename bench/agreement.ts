/**
 * @file Whether two participants compute the same thing. Rounding differs between correct implementations, and training multiplies the
 * difference from step to step; PyTorch's two memory formats are taken as the measure of how much.
 */
import type { Parameters } from '../runtime/index.js';
import { LOSSES, type Losses } from './problem.js';

export const STEPS = 6;

/** Before any update there is rounding alone. */
const FIRST_STEP = 1e-5;
const PREDICTION = 1e-3;
/**
 * How many times as far from ours as PyTorch's formats are from each other: they are two samples of a noise of which ours is a third. With
 * other weights and batches, implementations of the same convolutions were up to twice as far apart as those two (docs/bench.md).
 */
const TIMES = 3;
/** Where there are not both formats. A wrong route puts a gradient off by about its whole length. */
const FIXED: Allowance = { losses: 2e-3, gradients: 5e-2 };

/** Relative differences. */
export interface Allowance {
  /** Of the losses, as a root of the mean square over all steps. */
  readonly losses: number;
  /** The largest of a parameter's gradient, as lengths. A value that rounding puts on the other side of a kink changes it by far more than rounding. */
  readonly gradients: number;
}

/** What a participant computed from the first weights. */
export interface Computed {
  readonly losses: readonly Losses[];
  readonly predictions: readonly number[];
  readonly gradients: Parameters;
}

export interface Agreement extends Allowance {
  readonly allowed: Allowance;
  /** Absent where everything agrees. */
  readonly objection?: string;
}

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(Math.abs(b), 1e-6);

/** Root of the mean square of the relative differences; NaN where a value is missing or not a number, so that no comparison with it holds. */
export function lossDifference(a: readonly Losses[], b: readonly Losses[]): number {
  const all = b.flatMap((losses, i) => LOSSES.map((name) => relative(a[i]?.[name] ?? NaN, losses[name])));
  return Math.sqrt(all.reduce((sum, d) => sum + d * d, 0) / all.length);
}

/** Largest relative distance of a parameter's gradient, 1 for one that is missing. */
export function gradientDifference(a: Parameters, b: Parameters): number {
  return Math.max(...[...b].map(([path, { data }]) => distance(a.get(path)?.data, data)));
}

/** `formats`: what PyTorch computed in each of its two; anything else is no measure, and a fixed one is taken. */
export function allowance(formats: readonly Computed[]): Allowance {
  const [one, other] = formats;
  if (!one || !other) return FIXED;
  return {
    losses: TIMES * lossDifference(one.losses, other.losses),
    gradients: TIMES * gradientDifference(one.gradients, other.gradients),
  };
}

export function agreement(theirs: Computed, ours: Computed, allowed: Allowance): Agreement {
  const first = lossDifference(theirs.losses.slice(0, 1), ours.losses.slice(0, 1));
  const losses = lossDifference(theirs.losses, ours.losses);
  const gradients = gradientDifference(theirs.gradients, ours.gradients);
  const predictions = Math.max(
    ...ours.predictions.map((value, i) => Math.abs(value - theirs.predictions[i]!)),
  );
  const objections = [
    objection('the first losses', first, FIRST_STEP),
    objection('the losses', losses, allowed.losses),
    objection('gradients', gradients, allowed.gradients),
    objection('predictions', predictions, PREDICTION),
  ].filter((each) => each !== undefined);
  return {
    losses,
    gradients,
    allowed,
    ...(objections.length > 0 && { objection: objections.join('; ') }),
  };
}

function objection(what: string, difference: number, allowed: number): string | undefined {
  // NaN is never allowed.
  if (difference <= allowed) return undefined;
  return `${what} differ by ${difference.toExponential(1)}, and ${allowed.toExponential(1)} is allowed`;
}

/** Length of the difference relative to the length of `b`; 1 where there is no `a`. */
function distance(a: Float32Array | undefined, b: Float32Array): number {
  if (!a || a.length !== b.length) return 1;
  let [difference, length] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    length += b[i]! ** 2;
  }
  return Math.sqrt(difference / Math.max(length, 1e-30));
}
