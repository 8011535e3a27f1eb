/** @file What a judged model is worth, as text: the lines that the experiment's `report` asks for. */
import type { ExperimentIR } from '../compiler/index.js';
import { formatConfusion, percent } from '../runtime/evaluation/metrics.js';
import type { Judgement } from '../runtime/evaluation/evaluate.js';
import { spreadOf, spreadOverSeeds, type SeedResult, type Spread } from '../runtime/evaluation/summary.js';
import type { Task } from '../runtime/experiment/tasks.js';

export const describeTask = ({ seed, fold }: Task): string =>
  `seed ${seed}${fold === null ? '' : `, fold ${fold}`}`;

export function formatJudgements(
  judgements: readonly SeedResult[],
  { report }: Pick<ExperimentIR, 'report'>,
): string {
  // The others are for pages.
  const asked = report.flatMap(({ kind }) => (isPrinted(kind) ? [kind] : []));
  const kinds = asked.length > 0 ? asked : (['accuracy'] as const);
  const several = judgements.length > 1;
  const parts = judgements.map(({ seed, judgement, folds }) =>
    [
      ...(several ? [`seed ${seed}`] : []),
      ...kinds.map((kind) => LINES[kind](judgement)),
      ...(folds.length > 1 ? [foldLine(folds)] : []),
    ].join('\n'),
  );
  const spread = spreadOverSeeds(judgements);
  if (spread) parts.push(`accuracy over ${spread.n} seeds: ${describeSpread(spread)}`);
  return parts.join('\n\n');
}

const isPrinted = (kind: string): kind is keyof typeof LINES => Object.hasOwn(LINES, kind);

const LINES = {
  accuracy: ({ accuracy, interval, n, people }: Judgement) =>
    `accuracy   ${percent(accuracy)}  (95 % interval ${percent(interval.from)} to ${percent(interval.to)} over ${people} people, n = ${n})`,
  macro_f1: ({ macroF1 }: Judgement) => `macro F1   ${macroF1.toFixed(3)}`,
  recall: ({ classes, recall }: Judgement) =>
    `recall     ${classes.map((name, c) => `${name} ${recall[c] === null ? '-' : percent(recall[c]!)}`).join(', ')}`,
  confusion: (judgement: Judgement) =>
    `confusion  (rows: what it is, columns: what was decided)\n${formatConfusion(judgement)}`,
};

function foldLine(folds: SeedResult['folds']): string {
  const each = folds.map(({ fold, accuracy }) => `${fold}: ${percent(accuracy)}`).join(', ');
  return `folds      ${each}\n           ${describeSpread(spreadOf(folds.map((f) => f.accuracy))!)}`;
}

const describeSpread = ({ mean, sd, from, to }: Spread): string =>
  `mean ${percent(mean)}, standard deviation ${percent(sd)}, from ${percent(from)} to ${percent(to)}`;
