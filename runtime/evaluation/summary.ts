/** @file What the trainings of an experiment come to together: decisions pooled over folds, the accuracy of each fold, the spread over seeds. */
import { judge, type Decision, type Judgement } from './evaluate.js';

export interface FoldAccuracy {
  /** From 1. */
  readonly fold: number;
  readonly n: number;
  readonly people: number;
  readonly accuracy: number;
}

export interface SeedResult {
  readonly seed: number;
  /** Of the decisions of all its folds together: everybody is judged once. */
  readonly judgement: Judgement;
  /** By number; empty where no fold is held out. */
  readonly folds: readonly FoldAccuracy[];
}

/** Of several numbers. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of a sample (divided by n − 1). */
  readonly sd: number;
  readonly from: number;
  readonly to: number;
}

export interface Judged {
  readonly seed: number;
  readonly fold: number | null;
  readonly decisions: readonly Decision[];
}

/** One per seed, in the order in which they come; none for a seed without decisions. */
export function summarize(tasks: readonly Judged[], classes: readonly string[]): SeedResult[] {
  const seeds = [...new Set(tasks.map((t) => t.seed))];
  return seeds.flatMap((seed) => {
    const own = tasks.filter((t) => t.seed === seed);
    const made = own.flatMap((t) => t.decisions);
    return made.length === 0 ? [] : [{ seed, judgement: judge(made, classes), folds: foldsOf(own) }];
  });
}

function foldsOf(tasks: readonly Judged[]): FoldAccuracy[] {
  const folds = tasks.flatMap(({ fold, decisions }) => {
    if (fold === null || decisions.length === 0) return [];
    const right = decisions.filter((d) => d.label === d.predicted).length;
    const people = new Set(decisions.map((d) => d.subject)).size;
    return [{ fold, n: decisions.length, people, accuracy: right / decisions.length }];
  });
  return folds.sort((a, b) => a.fold - b.fold);
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** Of the pooled accuracies; undefined for fewer than two seeds. */
export const spreadOverSeeds = (results: readonly SeedResult[]): Spread | undefined =>
  spreadOf(results.map((r) => r.judgement.accuracy));

/** Undefined for fewer than two numbers, which do not spread. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const mean = meanOf(values);
  const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  return { n, mean, sd, from: Math.min(...values), to: Math.max(...values) };
}
