/** @file Two models judged on the same samples, compared sample by sample: whoever is hard is hard for both. */
import { bootstrapDifference, type Interval } from './bootstrap.js';
import { PairingError } from './errors.js';
import { spreadOf, type Judged, type Spread } from './summary.js';

/** Where decisions differ in being right. */
export interface McNemar {
  /** Of the first and of the second. */
  readonly seeds: readonly [number, number];
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Two-sided, exact: that a fair coin falls so often on one side. */
  readonly p: number;
}

export interface PairedFold {
  readonly fold: number | null;
  readonly n: number;
  /** Means over seeds. */
  readonly first: number;
  readonly second: number;
}

/** All of the second minus the first. */
export interface Paired {
  readonly n: number;
  readonly people: number;
  /** Accuracies, means over seeds. */
  readonly first: number;
  readonly second: number;
  readonly by: number;
  /** 95 %, of `by`, over people. */
  readonly interval: Interval;
  readonly folds: readonly PairedFold[];
  /** Of the differences per fold; undefined for fewer than two. */
  readonly spread?: Spread;
  /** One per pair of seeds; none where no seeds belong together. */
  readonly mcnemar: readonly McNemar[];
}

/** McNemar's exact test: of `a + b` samples that one alone is right about, the first is for `a`. 1 where there are none. */
export function mcnemarExact(a: number, b: number): number {
  const n = a + b;
  // Terms of the binomial distribution as logarithms: 2^-n alone may be too small for a number.
  let term = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    tail += Math.exp(term);
    term += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

interface Sample {
  readonly subject: string;
  readonly label: number;
  readonly fold: number | null;
  /** 1 for a right decision, by seed. */
  readonly hits: Map<number, number>;
}

/**
 * `names`: of the two, for messages. Compares the folds that are finished in both. Throws PairingError if they decide about other samples, have them in
 * other folds, or know other labels.
 */
export function pair(
  first: readonly Judged[],
  second: readonly Judged[],
  names: readonly [string, string],
): Paired {
  const folds = finished(first).filter((fold) => finished(second).includes(fold));
  if (folds.length === 0)
    throw new PairingError(`${names[0]} and ${names[1]} have no fold in common that both have finished`);
  const of = (tasks: readonly Judged[]): Judged[] => tasks.filter(({ fold }) => folds.includes(fold));
  const [a, b] = [samplesOf(of(first)), samplesOf(of(second))];
  checkSame(a, b, names);
  checkSame(b, a, [names[1], names[0]]);
  const keys = [...a.keys()];
  const hitsOf = (of: ReadonlyMap<string, Sample>): number[] => keys.map((key) => meanHit(of.get(key)!));
  const [hitsA, hitsB] = [hitsOf(a), hitsOf(b)];
  const people = keys.map((key) => a.get(key)!.subject);
  const perFold = folds.map((fold): PairedFold => {
    const own = keys.flatMap((key, i) => (a.get(key)!.fold === fold ? [i] : []));
    return {
      fold,
      n: own.length,
      first: mean(own.map((i) => hitsA[i]!)),
      second: mean(own.map((i) => hitsB[i]!)),
    };
  });
  const spread = spreadOf(perFold.map((fold) => fold.second - fold.first));
  return {
    n: keys.length,
    people: new Set(people).size,
    first: mean(hitsA),
    second: mean(hitsB),
    by: mean(hitsB) - mean(hitsA),
    interval: bootstrapDifference(hitsB, hitsA, people),
    folds: perFold,
    ...(spread && { spread }),
    mcnemar: seedPairs(seedsOf(first), seedsOf(second)).map((seeds) => mcnemarOf(a, b, seeds)),
  };
}

const seedsOf = (tasks: readonly Judged[]): number[] => [...new Set(tasks.map(({ seed }) => seed))];

/** Folds in which every seed is judged, by number. */
function finished(tasks: readonly Judged[]): (number | null)[] {
  const judged = tasks.filter(({ decisions }) => decisions.length > 0);
  const seeds = seedsOf(tasks);
  const folds = [...new Set(judged.map(({ fold }) => fold))];
  return folds
    .filter((fold) => seeds.every((seed) => judged.some((t) => t.seed === seed && t.fold === fold)))
    .sort((a, b) => (a ?? 0) - (b ?? 0));
}

/** By name; of several decisions on one sample, as on crops, each by its number. */
function samplesOf(tasks: readonly Judged[]): Map<string, Sample> {
  const samples = new Map<string, Sample>();
  for (const { seed, fold, decisions } of tasks) {
    const seen = new Map<string, number>();
    for (const { sample, subject, label, predicted } of decisions) {
      const number = seen.get(sample) ?? 0;
      seen.set(sample, number + 1);
      const key = number === 0 ? sample : `${sample} (${number + 1})`;
      if (!samples.has(key)) samples.set(key, { subject, label, fold, hits: new Map() });
      samples.get(key)!.hits.set(seed, Number(label === predicted));
    }
  }
  return samples;
}

function checkSame(
  a: ReadonlyMap<string, Sample>,
  b: ReadonlyMap<string, Sample>,
  [first, second]: readonly [string, string],
): void {
  for (const [key, sample] of a) {
    const other = b.get(key);
    if (!other)
      throw new PairingError(
        `${first} decides about ${key}, and ${second} does not: they are judged on other data, or by another score`,
      );
    if (other.fold !== sample.fold)
      throw new PairingError(
        `${key} is in fold ${sample.fold} of ${first} and in fold ${other.fold} of ${second}: their folds are others`,
      );
    if (other.label !== sample.label || other.subject !== sample.subject)
      throw new PairingError(`${key} has another label or subject in ${first} than in ${second}`);
  }
}

/** The same seeds, or the only two: one seed says nothing about another number of the same. */
function seedPairs(a: readonly number[], b: readonly number[]): [number, number][] {
  if (a.length === 1 && b.length === 1) return [[a[0]!, b[0]!]];
  return a.filter((seed) => b.includes(seed)).map((seed) => [seed, seed]);
}

function mcnemarOf(
  a: ReadonlyMap<string, Sample>,
  b: ReadonlyMap<string, Sample>,
  seeds: [number, number],
): McNemar {
  let [onlyFirst, onlySecond] = [0, 0];
  for (const [key, sample] of a) {
    const [hitA, hitB] = [sample.hits.get(seeds[0])!, b.get(key)!.hits.get(seeds[1])!];
    if (hitA > hitB) onlyFirst++;
    if (hitB > hitA) onlySecond++;
  }
  return { seeds, onlyFirst, onlySecond, p: mcnemarExact(onlyFirst, onlySecond) };
}

const meanHit = ({ hits }: Sample): number => mean([...hits.values()]);

const mean = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0) / values.length;
