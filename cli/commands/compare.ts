/** @file `ed2lc compare`: runs against the first of them, decision by decision. */
import type { Command } from 'commander';
import type { Paired } from '../../runtime/evaluation/paired.js';
import { percent } from '../../runtime/evaluation/metrics.js';
import { compareRuns, type ComparedRun, type Comparison } from '../../runtime/experiment/compare-runs.js';
import type { Console } from '../console.js';
import { UsageError } from '../failures.js';

export function registerCompare(program: Command, console: Console): void {
  program
    .command('compare')
    .description('compare runs with the first of them on the same samples and folds')
    .argument('<run...>', 'run directories, at least two')
    .option('--json', 'all numbers as JSON')
    .action(async (runs: string[], { json }: { json?: true }) => {
      if (runs.length < 2) throw new UsageError('name at least two runs to compare');
      const found = await compareRuns(runs);
      if (json) console.out(JSON.stringify(found));
      else console.out(found.map(textOf).join('\n\n'));
    });
}

function textOf(comparison: Comparison): string {
  const { runs, first, second, by, interval, n, people } = comparison;
  const isOpen = interval.from <= 0 && interval.to >= 0;
  return [
    `${named(runs[1])} against ${named(runs[0])}`,
    ...runs.flatMap(({ directory, missing }) =>
      missing > 0
        ? [`note        ${directory} lacks ${missing} trainings: only folds that both finished count`]
        : [],
    ),
    `accuracy    ${percent(second)} against ${percent(first)}, a difference of ${points(by)} ` +
      `(95 % interval ${points(interval.from)} to ${points(interval.to)} over ${people} people, n = ${n})`,
    ...foldLines(comparison),
    ...mcnemarLines(comparison),
    isOpen
      ? 'the interval holds 0: these runs cannot be told apart by it'
      : `the interval does not hold 0: ${named(runs[by > 0 ? 1 : 0])} is the better one on these people`,
  ].join('\n');
}

const named = ({ directory, model }: ComparedRun): string => `${directory} (${model})`;

/** Percentage points, with their sign; what rounds to nothing has that of nothing. */
function points(share: number): string {
  const size = Math.abs(100 * share).toFixed(1);
  return `${share < 0 && size !== '0.0' ? '−' : '+'}${size}`;
}

function foldLines({ folds, spread }: Paired): string[] {
  if (!spread) return [];
  const each = folds.map(({ fold, first, second }) => `${fold}: ${points(second - first)}`);
  const count = (holds: (by: number) => boolean): number =>
    folds.filter((f) => holds(f.second - f.first)).length;
  return [
    `folds       ${each.join(', ')}`,
    `            better in ${count((by) => by > 0)}, worse in ${count((by) => by < 0)}, equal in ${count((by) => by === 0)}; ` +
      `mean ${points(spread.mean)}, standard deviation ${(100 * spread.sd).toFixed(1)}`,
  ];
}

function mcnemarLines({ mcnemar }: Paired): string[] {
  if (mcnemar.length === 0) return ['McNemar     none: the runs have no seed in common'];
  return mcnemar.map(({ seeds: [a, b], onlyFirst, onlySecond, p }, i) => {
    const seeds = a === b ? `seed ${a}` : `seed ${b} against ${a}`;
    return `${(i === 0 ? 'McNemar' : '').padEnd(12)}${seeds}: ${onlySecond} right here alone, ${onlyFirst} there alone, exact p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}`;
  });
}
