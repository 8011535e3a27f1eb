/** @file What a judged model is worth, as text: the lines that the experiment's `report` asks for. */
import type { ExperimentIR } from '../compiler/index.js';
import { formatConfusion, percent } from '../runtime/evaluation/metrics.js';
import type { Judgement } from '../runtime/evaluation/evaluate.js';
import type { Task } from '../runtime/experiment/tasks.js';

export interface SeedJudgement {
  readonly seed: number;
  readonly judgement: Judgement;
}

export const describeTask = ({ seed, fold }: Task): string =>
  `seed ${seed}${fold === null ? '' : `, fold ${fold}`}`;

export function formatJudgements(
  judgements: readonly SeedJudgement[],
  { report }: Pick<ExperimentIR, 'report'>,
): string {
  const kinds = report.length > 0 ? report.map((r) => r.kind) : (['accuracy'] as const);
  const several = judgements.length > 1;
  const parts = judgements.map(({ seed, judgement }) =>
    [...(several ? [`seed ${seed}`] : []), ...kinds.map((kind) => LINES[kind](judgement))].join('\n'),
  );
  return [...parts, ...(several ? [spread(judgements)] : [])].join('\n\n');
}

const LINES: Readonly<Record<ExperimentIR['report'][number]['kind'], (j: Judgement) => string>> = {
  accuracy: ({ accuracy, interval, n, people }) =>
    `accuracy   ${percent(accuracy)}  (95 % interval ${percent(interval.from)} to ${percent(interval.to)} over ${people} people, n = ${n})`,
  macro_f1: ({ macroF1 }) => `macro F1   ${macroF1.toFixed(3)}`,
  recall: ({ classes, recall }) =>
    `recall     ${classes.map((name, c) => `${name} ${recall[c] === null ? '-' : percent(recall[c]!)}`).join(', ')}`,
  confusion: (judgement) =>
    `confusion  (rows: what it is, columns: what was decided)\n${formatConfusion(judgement)}`,
};

function spread(judgements: readonly SeedJudgement[]): string {
  const values = judgements.map((j) => j.judgement.accuracy);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return `accuracy over ${values.length} seeds: mean ${percent(mean)}, from ${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
}
