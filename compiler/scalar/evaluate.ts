/** @file The value of scheduled numbers at a moment of training. */
import type { ModelIR, StepIR } from '../model/ir.js';
import { optimizerScalar } from '../passes/update.js';
import type { Moment, ScalarExpr, ScalarFunction } from './expression.js';
import { OPTIMIZER_RANGES, type Range } from './ranges.js';
import { parseRational, toNumber } from './rational.js';

/** A scheduled number has left its range, or is not finite. */
export class ScheduleError extends Error {}

/** Returns the number. Throws ScheduleError. */
export function inRange(value: number, what: string, range: Range): number {
  if (Number.isFinite(value) && range.holds(value)) return value;
  const name = what.startsWith('scalar.') ? 'a scheduled number' : what;
  throw new ScheduleError(
    `${name} is ${value}, and must be ${Number.isFinite(value) ? range.text : 'finite'}`,
  );
}

const FUNCTIONS: Readonly<Record<ScalarFunction, (values: readonly number[], moment: Moment) => number>> = {
  '+': ([a, b]) => a! + b!,
  '-': ([a, b]) => a! - b!,
  '*': ([a, b]) => a! * b!,
  '/': ([a, b]) => a! / b!,
  '^': ([a, b]) => a! ** b!,
  neg: ([a]) => -a!,
  exp: ([a]) => Math.exp(a!),
  log: ([a]) => Math.log(a!),
  cos: ([a]) => Math.cos(a!),
  sin: ([a]) => Math.sin(a!),
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  /** From one value at `start` to the other at `end`, constant before and after. */
  linear: ([from, to, start, end], { progress }) => {
    const share = Math.min(1, Math.max(0, (progress - start!) / (end! - start!)));
    return from! + (to! - from!) * share;
  },
  /** Half a cosine from one value to the other (Loshchilov and Hutter 2017, without restarts). */
  cosine: ([from, to], { progress }) =>
    to! + ((from! - to!) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2,
  /** Times `factor` every `every` iterations, smoothly. */
  exponential: ([from, factor, every], { iteration }) => from! * factor! ** (iteration / every!),
  /** Times `factor` at each share of the training that has passed. */
  staircase: ([from, factor, ...at], { progress }) =>
    from! * factor! ** at.filter((share) => progress >= share).length,
  piecewise: (points, { progress }) => interpolate(points, progress),
};

/** Linear between points (progress, value, progress, value, …), constant outside. */
function interpolate(points: readonly number[], progress: number): number {
  let [before, value] = [points[0]!, points[1]!];
  if (progress <= before) return value;
  for (let i = 2; i < points.length; i += 2) {
    const [at, next] = [points[i]!, points[i + 1]!];
    if (progress <= at) return value + (next - value) * ((progress - before) / (at - before));
    [before, value] = [at, next];
  }
  return value;
}

/** `known` holds the scalars that the expression names. */
function evaluateScalar(expr: ScalarExpr, moment: Moment, known: Readonly<Record<string, number>>): number {
  switch (expr.kind) {
    case 'fixed':
      return toNumber(parseRational(expr.value));
    case 'variable':
      return moment[expr.name];
    case 'scalar':
      return known[expr.name]!;
    case 'call':
      return FUNCTIONS[expr.name](
        expr.arguments.map((e) => evaluateScalar(e, moment, known)),
        moment,
      );
    case 'plateau': {
      const means = (moment.history ?? []).flatMap((epoch) => epoch[expr.loss] ?? []);
      const drops = dropsOf(means, expr.patience);
      return evaluateScalar(expr.from, moment, known) * toNumber(parseRational(expr.factor)) ** drops;
    }
  }
}

/** How often more than `patience` epochs in a row brought no lower mean; the count begins anew after each time. */
function dropsOf(means: readonly number[], patience: number): number {
  let [best, without, drops] = [Infinity, 0, 0];
  for (const mean of means) {
    if (mean < best) [best, without] = [mean, 0];
    else without++;
    if (without > patience) [without, drops] = [0, drops + 1];
  }
  return drops;
}

/** Every run-time scalar that the graph of a step may read, except `batch` and `count`. Throws ScheduleError. */
export function evaluateStepScalars(model: ModelIR, step: StepIR, moment: Moment): Record<string, number> {
  const known: Record<string, number> = {};
  for (const { name, value } of model.scalars) known[name] = evaluateScalar(value, moment, known);
  const scalars = { ...known };
  step.optimizers.forEach((optimizer, index) => {
    for (const [option, value] of Object.entries({ ...optimizer.options, rate: optimizer.rate })) {
      if (value.kind === 'fixed') continue;
      const number = evaluateScalar(value, moment, known);
      const what = `${option} of ${optimizer.kind}`;
      scalars[optimizerScalar(step.name, index, option)] = inRange(number, what, OPTIMIZER_RANGES[option]!);
    }
  });
  return scalars;
}

/** Run-time scalars as they stand when the last stage is done: what an inference graph uses. `iteration`, which depends on the data, counts as 0. */
export function finalScalars(model: ModelIR): Record<string, number> {
  const epochs = model.stages.at(-1)?.epochs ?? 0;
  const known: Record<string, number> = {};
  for (const { name, value } of model.scalars)
    known[name] = evaluateScalar(value, { epoch: epochs, iteration: 0, progress: 1 }, known);
  return known;
}
