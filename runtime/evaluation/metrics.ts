/** @file What decisions are worth: accuracy, recall per class, macro F1, confusion matrix. */
import { alignColumns } from '../../compiler/columns.js';

export interface Metrics {
  readonly classes: readonly string[];
  /** Decisions made. */
  readonly n: number;
  readonly accuracy: number;
  /** Per class; null where no sample has it. */
  readonly recall: readonly (number | null)[];
  /** Mean F1 over the classes that occur among labels or decisions. */
  readonly macroF1: number;
  /** [true class][decided class] */
  readonly confusion: readonly (readonly number[])[];
}

export function measure(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: readonly string[],
): Metrics {
  const confusion = classes.map(() => classes.map(() => 0));
  for (let i = 0; i < labels.length; i++) confusion[labels[i]!]![predicted[i]!]!++;
  const rows = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  const columns = classes.map((_, c) => confusion.reduce((sum, row) => sum + row[c]!, 0));
  const hits = confusion.map((row, c) => row[c]!);
  // F1 = 2 TP / (2 TP + FP + FN)
  const f1 = classes.flatMap((_, c) =>
    rows[c]! + columns[c]! > 0 ? [(2 * hits[c]!) / (rows[c]! + columns[c]!)] : [],
  );
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? NaN : values.reduce((a, b) => a + b, 0) / values.length;
  return {
    classes,
    n: labels.length,
    accuracy: hits.reduce((a, b) => a + b, 0) / labels.length,
    recall: rows.map((n, c) => (n > 0 ? hits[c]! / n : null)),
    macroF1: mean(f1),
    confusion,
  };
}

/** The confusion matrix as aligned text: rows are true classes, with their recall. */
export function formatConfusion({ classes, confusion, recall }: Metrics): string {
  const header = ['', ...classes, 'recall'];
  const rows = confusion.map((row, c) => [
    classes[c]!,
    ...row.map(String),
    recall[c] === null ? '-' : percent(recall[c]!),
  ]);
  return alignColumns([header, ...rows]);
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
