/** @file The paper's tables with what was measured beside it: a run stands in the row of its network, data and fine-tuning, or in a row of its own. */
import { PUBLISHED, type PublishedRow, type PublishedTable } from './published.js';
import type { ComparedRow, ComparedTable, RunReport } from './report-data.js';

export const comparedTables = (runs: readonly RunReport[]): ComparedTable[] =>
  PUBLISHED.map((table) => compared(table, runs));

function compared(
  { number, source, database, rows }: PublishedTable,
  runs: readonly RunReport[],
): ComparedTable {
  const measured = runs.filter(
    (run) => run.accuracy && run.stages.at(-1)!.source === source && run.testData === null,
  );
  const beside = (row: PublishedRow): RunReport[] => measured.filter((run) => belongs(run, row));
  const placed = new Set(rows.flatMap(beside));
  return {
    number,
    database,
    rows: [
      ...rows.flatMap((row): ComparedRow[] => {
        const { method, reference, percent } = row;
        const [first, ...more] = beside(row);
        return [
          { method, reference, published: percent, measured: first ? measuredOf(first) : null },
          ...more.map((run) => ownRow(method, run)),
        ];
      }),
      ...measured.filter((run) => !placed.has(run)).map((run) => ownRow(run.model, run)),
    ],
  };
}

const ownRow = (method: string, run: RunReport): ComparedRow => ({
  method,
  reference: null,
  published: null,
  measured: measuredOf(run),
});

const belongs = ({ network, stages }: RunReport, { own }: PublishedRow): boolean =>
  own !== undefined && own.network === network && own.finetuned === stages.length > 1;

function measuredOf({ name, accuracy, folds, tasks }: RunReport): ComparedRow['measured'] {
  const { mean, interval, people, seeds } = accuracy!;
  return {
    run: name,
    accuracy: mean,
    interval,
    n: Math.max(...seeds.map((s) => s.n)),
    people,
    seeds: seeds.length,
    whole: tasks.missing.length === 0 && seeds.every((s) => folds === null || s.folds.length === folds),
  };
}
