/** @file Intervals of an accuracy by drawing people again, since the images of one person are not independent. */
import { random } from '../data/random.js';

export interface Interval {
  readonly from: number;
  readonly to: number;
}

const DRAWS = 2000;

/**
 * The 95 % percentile interval of the mean of `hits` (1 for a right decision) over draws of people with replacement
 * (Efron and Tibshirani 1993, ch. 13). `people`: the person of each decision. One person says nothing about others: 0 to 1.
 */
export function bootstrapByPeople(hits: ArrayLike<number>, people: readonly string[], seed = 1): Interval {
  return intervalOfMean(hits, people, seed) ?? { from: 0, to: 1 };
}

/**
 * The same of the difference of two means, a's minus b's, over the same decisions: whoever is drawn is drawn for both. A difference can be
 * clear where the intervals of the two overlap, since what makes a person hard is hard for both.
 */
export function bootstrapDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  people: readonly string[],
  seed = 1,
): Interval {
  const differences = people.map((_, i) => a[i]! - b[i]!);
  return intervalOfMean(differences, people, seed) ?? { from: -1, to: 1 };
}

/** Undefined for one person. */
function intervalOfMean(
  values: ArrayLike<number>,
  people: readonly string[],
  seed: number,
): Interval | undefined {
  const totals = new Map<string, { sum: number; n: number }>();
  people.forEach((person, i) => {
    const entry = totals.get(person) ?? { sum: 0, n: 0 };
    totals.set(person, { sum: entry.sum + values[i]!, n: entry.n + 1 });
  });
  const all = [...totals.values()];
  if (all.length === 0) return { from: NaN, to: NaN };
  if (all.length === 1) return undefined;
  const from = random('bootstrap', seed);
  const means = Float64Array.from({ length: DRAWS }, () => {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < all.length; i++) {
      const person = all[from.below(all.length)]!;
      sum += person.sum;
      n += person.n;
    }
    return sum / n;
  }).sort();
  return { from: means[Math.floor(0.025 * DRAWS)]!, to: means[Math.ceil(0.975 * DRAWS) - 1]! };
}

export const overlap = (a: Interval, b: Interval): boolean => a.from <= b.to && b.from <= a.to;
