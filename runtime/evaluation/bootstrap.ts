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
  const totals = new Map<string, { hits: number; n: number }>();
  people.forEach((person, i) => {
    const entry = totals.get(person) ?? { hits: 0, n: 0 };
    totals.set(person, { hits: entry.hits + hits[i]!, n: entry.n + 1 });
  });
  const all = [...totals.values()];
  if (all.length === 0) return { from: NaN, to: NaN };
  if (all.length === 1) return { from: 0, to: 1 };
  const from = random('bootstrap', seed);
  const means = Float64Array.from({ length: DRAWS }, () => {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < all.length; i++) {
      const person = all[from.below(all.length)]!;
      sum += person.hits;
      n += person.n;
    }
    return sum / n;
  }).sort();
  return { from: means[Math.floor(0.025 * DRAWS)]!, to: means[Math.ceil(0.975 * DRAWS) - 1]! };
}

export const overlap = (a: Interval, b: Interval): boolean => a.from <= b.to && b.from <= a.to;
