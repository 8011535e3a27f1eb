/** @file What the decisions of a run are worth: per fold, per seed, and over seeds, with an interval over people. */
import { accuracyOf } from '../evaluation/evaluate.js';
import { measure } from '../evaluation/metrics.js';
import type { StoredTask } from '../experiment/record.js';
import type { Confusion, RunAccuracy, SeedAccuracy, Share } from './report-data.js';

type Judged = Pick<StoredTask, 'seed' | 'fold' | 'decisions'>;

/** null where nothing is decided. */
export function accuracyOfRun(tasks: readonly Judged[], classes: readonly string[]): RunAccuracy | null {
  const judged = tasks.filter((t) => t.decisions.length > 0);
  if (judged.length === 0) return null;
  const seeds = [...new Set(judged.map((t) => t.seed))].map((seed) => {
    return seedAccuracy(
      seed,
      judged.filter((t) => t.seed === seed),
      classes,
    );
  });
  const all = judged.flatMap((t) => t.decisions);
  const { interval, people } = accuracyOf(all);
  const { recall } = measured(all, classes);
  return {
    mean: mean(seeds.map((s) => s.accuracy)),
    interval,
    people,
    deviation: deviation(seeds.map((s) => s.accuracy)),
    macroF1: mean(seeds.map((s) => s.macroF1)),
    recall,
    seeds,
  };
}

function seedAccuracy(seed: number, tasks: readonly Judged[], classes: readonly string[]): SeedAccuracy {
  const all = tasks.flatMap((t) => t.decisions);
  return {
    seed,
    ...shareOf(all),
    interval: accuracyOf(all).interval,
    macroF1: measured(all, classes).macroF1,
    folds: tasks.map(({ fold, decisions }) => ({ fold, ...shareOf(decisions) })),
  };
}

type Decisions = StoredTask['decisions'];

function shareOf(decisions: Decisions): Share {
  const right = decisions.filter((d) => d.label === d.predicted).length;
  return { accuracy: right / decisions.length, right, n: decisions.length };
}

const measured = (decisions: Decisions, classes: readonly string[]): ReturnType<typeof measure> =>
  measure(
    decisions.map((d) => d.label),
    decisions.map((d) => d.predicted),
    classes,
  );

/** null where nothing is decided. */
export function confusionOf(tasks: readonly Judged[], classes: readonly string[]): Confusion | null {
  const all = tasks.flatMap((t) => t.decisions);
  if (all.length === 0) return null;
  const counts = measured(all, classes).confusion;
  const shares = counts.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return sum === 0 ? null : row.map((n) => n / sum);
  });
  return { counts, shares };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1));
}
