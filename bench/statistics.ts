/** @file What is said of repeated measurements: the middle and both ends. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws for an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function summary(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Times of one thing and of another, taken in turn. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

export interface Compared {
  readonly ours: Summary;
  readonly theirs: Summary;
  /** How many times as long theirs takes, pair by pair: what slows a machine for a while slows both halves of a pair. */
  readonly ratio: Summary;
  readonly pairs: number;
}

export function compare(pairs: readonly Pair[]): Compared {
  return {
    ours: summary(pairs.map(({ ours }) => ours)),
    theirs: summary(pairs.map(({ theirs }) => theirs)),
    ratio: summary(pairs.map(({ ours, theirs }) => theirs / ours)),
    pairs: pairs.length,
  };
}
