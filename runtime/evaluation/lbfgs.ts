/** @file L-BFGS for smooth convex functions (Nocedal and Wright 2006, algorithms 7.4 and 7.5, with backtracking until Armijo's condition holds). */

/** Returns the value at `x` and writes the gradient there into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  readonly iterations: number;
  /** Stops when no entry of the gradient is larger. */
  readonly tolerance: number;
}

interface Pair {
  /** Change of x, change of the gradient, and 1 / (their product). */
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

const MEMORY = 10;
const ARMIJO = 1e-4;
const SHORTEST = 1e-10;

/** A point near the minimum; deterministic. `start` is left as it is. */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { iterations, tolerance }: MinimiseOptions,
): Float64Array {
  let x: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(x.length);
  let value = objective(x, gradient);
  const pairs: Pair[] = [];
  for (let iteration = 0; iteration < iterations && largest(gradient) > tolerance; iteration++) {
    const direction = newtonDirection(gradient, pairs);
    const slope = product(gradient, direction);
    let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(product(gradient, gradient))) : 1;
    const nextGradient = new Float64Array(x.length);
    let next = moved(x, direction, step);
    let nextValue = objective(next, nextGradient);
    while (nextValue > value + ARMIJO * step * slope && step > SHORTEST) {
      step /= 2;
      next = moved(x, direction, step);
      nextValue = objective(next, nextGradient);
    }
    if (step <= SHORTEST) break;
    const s = difference(next, x);
    const y = difference(nextGradient, gradient);
    const curvature = product(s, y);
    if (curvature > 0) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > MEMORY) pairs.shift();
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return x;
}

/** The two-loop recursion: minus the inverse Hessian's estimate times the gradient. */
function newtonDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.slice();
  const alphas = new Map<Pair, number>();
  for (const pair of pairs.toReversed()) {
    const alpha = pair.rho * product(pair.s, q);
    alphas.set(pair, alpha);
    add(q, pair.y, -alpha);
  }
  const last = pairs.at(-1);
  const scale = last ? 1 / (last.rho * product(last.y, last.y)) : 1;
  for (let i = 0; i < q.length; i++) q[i]! *= scale;
  for (const pair of pairs) add(q, pair.s, alphas.get(pair)! - pair.rho * product(pair.y, q));
  return q.map((v) => -v);
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(into: Float64Array, from: Float64Array, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i]! += factor * from[i]!;
}

function moved(x: Float64Array, direction: Float64Array, step: number): Float64Array {
  const result = x.slice();
  add(result, direction, step);
  return result;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]!);
const largest = (values: Float64Array): number => values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
