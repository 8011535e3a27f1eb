/** @file What the decisions of a run are worth: per fold, per seed, and over seeds, with an interval over people. */
import { judge } from '../evaluation/evaluate.js';
import { measure } from '../evaluation/metrics.js';
import { meanOf, spreadOverSeeds, summarize, type Judged } from '../evaluation/summary.js';
import type { Confusion, RunAccuracy, SeedAccuracy, Share } from './report-data.js';

/** null where nothing is decided. */
export function accuracyOfRun(tasks: readonly Judged[], classes: readonly string[]): RunAccuracy | null {
  const results = summarize(tasks, classes);
  if (results.length === 0) return null;
  const { interval, people, recall } = judge(
    tasks.flatMap((t) => t.decisions),
    classes,
  );
  return {
    mean: meanOf(results.map(({ judgement }) => judgement.accuracy)),
    interval,
    people,
    deviation: spreadOverSeeds(results)?.sd ?? null,
    macroF1: meanOf(results.map(({ judgement }) => judgement.macroF1)),
    recall,
    seeds: results.map(({ seed, judgement }): SeedAccuracy => {
      const own = tasks.filter((t) => t.seed === seed && t.decisions.length > 0);
      return {
        seed,
        ...shareOf(own.flatMap((t) => t.decisions)),
        interval: judgement.interval,
        macroF1: judgement.macroF1,
        folds: own.map(({ fold, decisions }) => ({ fold, ...shareOf(decisions) })),
      };
    }),
  };
}

function shareOf(decisions: Judged['decisions']): Share {
  const right = decisions.filter((d) => d.label === d.predicted).length;
  return { accuracy: right / decisions.length, right, n: decisions.length };
}

/** null where nothing is decided. */
export function confusionOf(tasks: readonly Judged[], classes: readonly string[]): Confusion | null {
  const all = tasks.flatMap((t) => t.decisions);
  if (all.length === 0) return null;
  const { confusion: counts } = measure(
    all.map((d) => d.label),
    all.map((d) => d.predicted),
    classes,
  );
  const shares = counts.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return sum === 0 ? null : row.map((n) => n / sum);
  });
  return { counts, shares };
}
