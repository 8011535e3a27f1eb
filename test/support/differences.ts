/** @file Difference quotients of one operation in double precision, without any derivative: what its adjoints are held against. */
import { interpret } from './interpret.js';
import type { Derivative } from './derivative.js';
import { randomFrom } from './random-graph.js';
import { shieldedValues } from './shielded.js';

const STEP = 1e-6;

export interface Difference {
  /** The operand that moves. */
  readonly k: number;
  /** Where to, per unit. */
  readonly direction: Float64Array;
  /** What the result, weighed by the fed `adjoint`, changes by, per unit. */
  readonly quotient: number;
}

/** One random direction for each operand that has an adjoint, in their order. */
export function differences(
  { graph, open, result }: Derivative,
  feeds: ReadonlyMap<string, ArrayLike<number>>,
  batch: number,
  seed: number,
): readonly Difference[] {
  const weights = feeds.get('adjoint')!;
  const random = randomFrom(seed);
  const shielded = shieldedValues(graph, feeds, batch);
  const weighed = (at: ReadonlyMap<string, ArrayLike<number>>): number =>
    shielded(at)[result]!.reduce((sum, y, i) => sum + y * weights[i]!, 0);
  return open.map((k) => {
    const x = feeds.get(`x${k}`)!;
    const direction = Float64Array.from(x, () => 2 * random() - 1);
    const moved = (by: number): Map<string, ArrayLike<number>> =>
      new Map(feeds).set(
        `x${k}`,
        Float64Array.from(x, (v, j) => v + by * direction[j]!),
      );
    return { k, direction, quotient: (weighed(moved(STEP)) - weighed(moved(-STEP))) / (2 * STEP) };
  });
}

/** How far <adjoint, direction> is from the quotient, in parts of it where it is above 1. */
export function errorAlong(adjoint: ArrayLike<number>, { direction, quotient }: Difference): number {
  const product = direction.reduce((sum, d, j) => sum + d * adjoint[j]!, 0);
  return Math.abs(product - quotient) / Math.max(1, Math.abs(quotient));
}

/** Each operand's adjoint in double precision, by the graph of the derivative. */
export function adjoints(
  { graph }: Derivative,
  feeds: ReadonlyMap<string, ArrayLike<number>>,
  batch: number,
): readonly Float64Array[] {
  const values = interpret(graph, feeds, batch);
  return graph.outputs.map(({ value }) => values[value]!);
}
