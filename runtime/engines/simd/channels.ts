/**
 * @file One pass over images whose arithmetic goes by channel: batch norm with its gradient and the rectifier's gradient. Sums are single
 * precision over a few rows and double precision from there.
 */
import * as W from './assembler.js';
import type { Code, Routine, Variable } from './assembler.js';

interface Pass {
  /** How many tensors are read. */
  readonly operands: 1 | 2;
  /** Numbers per channel, which lie as [channels / 4, coefficients, 4]. */
  readonly coefficients: number;
  readonly result?: (operands: readonly Code[], coefficients: readonly Code[]) => Code;
  /** What is added up over the rows, as doubles that lie as [channels / 4, sums, 4]. */
  readonly sums: readonly ((operands: readonly Code[], coefficients: readonly Code[]) => Code)[];
}

/** Parameters: two operands, result, coefficients, sums, bytes of a row, rows, fours of channels. */
const pass = ({ operands, coefficients, result, sums }: Pass): Routine => ({
  parameters: 8,
  write: ([a, b, y, numbers, totals, rowBytes, rows, fours], integerVariable, vectorVariable) => {
    const sources = [a!, b!].slice(0, operands);
    const row = integerVariable();
    const places = [...sources, y!].map(() => integerVariable());
    const vectors = (n: number): Variable[] => Array.from({ length: n }, vectorVariable);
    const [values, constants, partial] = [vectors(operands), vectors(coefficients), vectors(sums.length)];
    const known = [values.map(W.get), constants.map(W.get)] as const;
    const target = places[operands]!;
    const addDoubles = (sum: Variable, i: number): Code[] =>
      ([0, 1] as const).map((half) => {
        const offset = 32 * i + 16 * half;
        const added = W.addDoubles(W.load(W.get(totals!), offset), W.doubles(W.get(sum), half));
        return W.store(W.get(totals!), added, offset);
      });
    return [
      W.repeat(fours!, [
        ...constants.map((constant, k) => W.set(constant, W.load(W.get(numbers!), 16 * k))),
        ...partial.map((sum) => W.set(sum, W.fourTimes(0))),
        ...[...sources, y!].map((source, i) => W.set(places[i]!, W.get(source))),
        W.set(row, W.get(rows!)),
        W.repeat(row, [
          ...values.map((value, i) => W.set(value, W.load(W.get(places[i]!)))),
          ...(result ? [W.store(W.get(target), result(...known))] : []),
          ...partial.map((sum, i) => W.set(sum, W.add(W.get(sum), sums[i]!(...known)))),
          ...places.map((place) => W.advance(place, W.get(rowBytes!))),
        ]),
        ...partial.flatMap(addDoubles),
        W.advance(numbers!, W.integer(16 * coefficients)),
        W.advance(totals!, W.integer(32 * sums.length)),
        ...[...sources, y!].map((source) => W.advance(source, W.integer(16))),
      ]),
    ];
  },
});

const isPositive = (x: Code): Code => W.isGreater(x, W.fourTimes(0));

export const PASSES = {
  /** Σ (x - s) and Σ (x - s)², for any s near the mean. */
  moments: {
    operands: 1,
    coefficients: 1,
    sums: [
      ([x], [s]) => W.subtract(x!, s!),
      ([x], [s]) => W.multiply(W.subtract(x!, s!), W.subtract(x!, s!)),
    ],
  },
  /** (x - μ) a + β */
  normalize: {
    operands: 1,
    coefficients: 3,
    result: ([x], [mean, a, beta]) => W.add(W.multiply(W.subtract(x!, mean!), a!), beta!),
    sums: [],
  },
  /** Σ dy and Σ dy (x - μ) */
  normGradientSums: {
    operands: 2,
    coefficients: 1,
    sums: [([dy]) => dy!, ([dy, x], [mean]) => W.multiply(dy!, W.subtract(x!, mean!))],
  },
  /** a dy + b (x - μ) + e */
  normGradient: {
    operands: 2,
    coefficients: 4,
    result: ([dy, x], [mean, a, b, e]) =>
      W.add(W.add(W.multiply(dy!, a!), W.multiply(W.subtract(x!, mean!), b!)), e!),
    sums: [],
  },
  /** dy where x > 0, else dy × slope; Σ dy x where x is not > 0, so that a NaN arrives. */
  rectifierGradient: {
    operands: 2,
    coefficients: 1,
    result: ([dy, x], [slope]) => W.choose(dy!, W.multiply(dy!, slope!), isPositive(x!)),
    sums: [([dy, x]) => W.without(W.multiply(dy!, x!), isPositive(x!))],
  },
} satisfies Readonly<Record<string, Pass>>;

export type PassName = keyof typeof PASSES;
export const PASS_NAMES = Object.keys(PASSES) as PassName[];

export const CHANNEL_ROUTINES = Object.fromEntries(
  PASS_NAMES.map((name) => [name, pass(PASSES[name])]),
) as Readonly<Record<PassName, Routine>>;
