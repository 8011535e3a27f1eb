/** @file The sections about all runs together: their accuracies side by side, and the paper's tables. */
import type { ComparedTable, ReportData, RunReport } from '../report-data.js';
import { intervalsFigure } from './intervals-figure.js';
import { count, percent } from './numbers.js';
import { idOf, type Part, type Section } from './section.js';
import { stampOf } from './stamp.js';
import type { Cell, Column, Table } from './table.js';

type Judged = RunReport & { readonly accuracy: NonNullable<RunReport['accuracy']> };

export function overviewSections(data: ReportData): Section[] {
  const judged = data.runs.filter((run): run is Judged => run.accuracy !== null);
  return [
    { id: 'accuracy', title: 'Accuracy', inner: false, parts: accuracyParts(data, judged) },
    { id: 'paper', title: 'The paper’s tables', inner: false, parts: paperParts(data) },
  ];
}

function accuracyParts(data: ReportData, runs: readonly Judged[]): Part[] {
  if (runs.length === 0) return [{ kind: 'text', text: 'None of these runs has judged anything yet.' }];
  const classes = new Set(runs.map((run) => run.classes.length));
  const [only] = classes;
  const chance = classes.size === 1 ? 1 / only! : null;
  const measurements = runs.map(({ name, accuracy }) => ({
    name,
    accuracy: accuracy.mean,
    interval: accuracy.interval,
    parts: accuracy.seeds.length > 1 ? accuracy.seeds.map((s) => s.accuracy) : [],
  }));
  const figure = intervalsFigure('accuracy', 'Accuracy of each run', measurements, chance);
  const several = runs.some(({ accuracy }) => accuracy.seeds.length > 1);
  return [
    {
      kind: 'text',
      text: `The share of right decisions on people never trained on, pooled over the folds that were held out${several ? '; the mean over seeds, which are the small ticks' : ''}. Intervals are 95 % bootstrap intervals over people (2,000 draws): what would change with other people, not with other seeds.`,
    },
    {
      kind: 'figures',
      figures: [{ figure, table: accuracyTable(runs, chance) }],
      stamp: stampOf(data, runs),
    },
    {
      kind: 'more',
      summary: 'Accuracy by seed and fold',
      parts: [{ kind: 'table', table: foldTable(runs), stamp: stampOf(data, runs) }],
    },
  ];
}

const SHARE = { show: percent };

function accuracyTable(runs: readonly Judged[], chance: number | null): Table {
  const notes = runs.flatMap((run) => notesOf(run).map((note) => `${run.name}: ${note}.`));
  return {
    id: 'table-accuracy',
    caption: 'Accuracy of each run',
    columns: [
      { name: 'run' },
      { name: 'model' },
      { name: 'data' },
      { name: 'accuracy %', ...SHARE },
      { name: 'from %', ...SHARE },
      { name: 'to %', ...SHARE },
      { name: 'macro F1', show: (v) => v.toFixed(3) },
      { name: 'people' },
      { name: 'decisions' },
      { name: 'seeds' },
      { name: 'sd over seeds', show: percent },
    ],
    rows: runs.map(({ name, model, stages, testData, accuracy }) => [
      name,
      model,
      testData ?? stages.at(-1)!.data,
      accuracy.mean,
      accuracy.interval.from,
      accuracy.interval.to,
      accuracy.macroF1,
      accuracy.people,
      Math.max(...accuracy.seeds.map((s) => s.n)),
      accuracy.seeds.length,
      accuracy.deviation,
    ]),
    notes: [...(chance === null ? [] : [`By chance: ${percent(chance)} %.`]), ...notes],
  };
}

/** What a reader must know before a number of this run is compared with another. */
export function notesOf({ ended, tasks, folds, select, accuracy }: RunReport): string[] {
  const judged = new Set(tasks.done.map((t) => t.fold));
  return [
    ...(tasks.missing.length > 0
      ? [
          `unfinished (${ended}), ${tasks.done.length} of ${count(tasks.done.length + tasks.missing.length, 'training')} are done`,
        ]
      : []),
    ...(accuracy && folds !== null && judged.size < folds
      ? [`judged on ${judged.size} of its ${folds} folds only`]
      : []),
    ...(select.kind === 'best' && select.leaks
      ? ['its parameters were chosen by the people it is judged on']
      : []),
  ];
}

function foldTable(runs: readonly Judged[]): Table {
  return {
    id: 'table-folds',
    caption: 'Accuracy by seed and fold',
    columns: [
      { name: 'run' },
      { name: 'seed' },
      { name: 'fold' },
      { name: 'right' },
      { name: 'decisions' },
      { name: 'accuracy %', ...SHARE },
    ],
    rows: runs.flatMap(({ name, accuracy }) =>
      accuracy.seeds.flatMap(({ seed, folds, ...pooled }) => [
        ...folds.map((f): Cell[] => [
          name,
          seed,
          f.fold === null ? 'test data' : f.fold,
          f.right,
          f.n,
          f.accuracy,
        ]),
        ...(folds.length > 1 ? [[name, seed, 'pooled', pooled.right, pooled.n, pooled.accuracy]] : []),
      ]),
    ),
  };
}

function paperParts(data: ReportData): Part[] {
  const { tables, runs } = data;
  const isMeasured = ({ rows }: ComparedTable): boolean => rows.some((row) => row.measured);
  // What was published is no rehearsal.
  const part = (table: ComparedTable): Part => {
    const own = runs.filter(({ name }) => table.rows.some(({ measured }) => measured?.run === name));
    return { kind: 'table', table: paperTable(table), stamp: own.length === 0 ? null : stampOf(data, own) };
  };
  const [met, unmet] = [tables.filter(isMeasured), tables.filter((table) => !isMeasured(table))];
  const names = unmet.map(({ number, database }) => `Table ${number} (${database})`);
  return [
    {
      kind: 'text',
      text: 'Left, what Bai et al. (PRICAI 2019) print; w. and w.o.: with and without fine-tuning after FER2013. Right, what these runs measured. A run stands beside a published row if it was judged on that database by its own folds and its network has the same groups; its size, schedule and images may be others.',
    },
    ...met.map(part),
    ...(unmet.length === 0
      ? []
      : [
          {
            kind: 'more' as const,
            summary: `No run here belongs to ${names.join(', ')}: what was published`,
            parts: unmet.map(part),
          },
        ]),
  ];
}

function paperTable({ number, database, rows }: ComparedTable): Table {
  const isMeasured = rows.some((row) => row.measured);
  const partial = rows.flatMap(({ measured }) => (measured && !measured.whole ? [measured.run] : []));
  const measured: Column[] = [
    { name: 'accuracy %', from: 'measured', ...SHARE },
    { name: 'from %', from: 'measured', ...SHARE },
    { name: 'to %', from: 'measured', ...SHARE },
    { name: 'people', from: 'measured' },
    { name: 'decisions', from: 'measured' },
    { name: 'seeds', from: 'measured' },
    { name: 'run', from: 'measured' },
  ];
  return {
    id: idOf('table-paper', String(number)),
    caption: `Table ${number} of the paper: ${database}`,
    columns: [
      { name: 'method' },
      { name: 'accuracy %', from: 'published', show: (v) => v.toFixed(2) },
      ...(isMeasured ? measured : []),
    ],
    rows: rows.map(({ method, reference, published, measured: m }) => [
      reference === null ? method : `${method} [${reference}]`,
      published,
      ...(isMeasured
        ? m
          ? [m.accuracy, m.interval.from, m.interval.to, m.people, m.n, m.seeds, m.run]
          : measured.map(() => null)
        : []),
    ]),
    notes: [
      'Numbers in brackets: the paper’s references.',
      ...(partial.length > 0 ? [`Not all folds are judged: ${partial.join(', ')}.`] : []),
    ],
  };
}
