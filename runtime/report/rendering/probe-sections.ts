/** @file What fresh classifiers read from features: the inequalities that must hold, the table of each run, and a figure for each label. */
import { meanOf, spreadOf } from '../../evaluation/summary.js';
import { claimsOf } from '../claims.js';
import type { ProbeRow, ReportData, RunReport } from '../report-data.js';
import { count, percent } from './numbers.js';
import { PROBE_NAMES, probeFigure } from './probe-figure.js';
import { idOf, type Illustrated, type Part } from './section.js';
import { stampOf } from './stamp.js';
import type { Table } from './table.js';

type Probed = RunReport & { readonly probes: NonNullable<RunReport['probes']> };

export const isProbed = (run: RunReport): run is Probed => run.probes !== null;

export function probeParts(data: ReportData, runs: readonly Probed[]): Part[] {
  const claims = claimsTable(data);
  return [
    {
      kind: 'text',
      text: 'Classifiers trained afterwards on frozen features: a network’s own adversary at chance shows only that it was evaded. Linear ones are multinomial logistic regressions; the others have one hidden layer of 32 units, and find what is there but not linearly. A class, and a number of the images such as the side of the light, is learned from the people trained on and read of those held out; a person is learned from half of the images of each of those held out. Maps are read as the mean of each channel.',
    },
    {
      kind: 'text',
      text: 'Beside each: the same branch untrained, with the trained network before it; labels that have changed places among the images of each person, from which nothing but chance can be read; and chance itself, which is always naming the most frequent class.',
    },
    ...(claims.rows.length > 0
      ? [{ kind: 'table', table: claims, stamp: stampOf(data, data.runs) } as const]
      : []),
    ...runs.flatMap((run): Part[] => {
      const stamp = stampOf(data, [run]);
      return [
        { kind: 'table', table: disentanglementTable(run), stamp },
        { kind: 'figures', figures: probeFigures(run), stamp },
      ];
    }),
  ];
}

function claimsTable({ runs }: ReportData): Table {
  return {
    id: 'table-claims',
    caption: 'What must hold where expression and person are told apart',
    columns: [
      { name: 'claim' },
      { name: 'probe' },
      { name: 'holds' },
      { name: 'left %', show: percent },
      { name: 'right %', show: percent },
      { name: 'in seeds' },
      { name: 'run' },
    ],
    rows: claimsOf(runs, judgedLabelOf).map(({ run, text, kind, left, right, holds, seeds }) => [
      text,
      PROBE_NAMES[kind],
      holds ? 'yes' : 'NO',
      left,
      right,
      seeds ? `${seeds[0]} of ${seeds[1]}` : null,
      run,
    ]),
    notes: [
      'Left and right: the accuracies that the claim compares, as means over seeds. A claim that does not hold is a result too.',
    ],
  };
}

/** The one that is neither the person nor has other classes than the run. */
const judgedLabelOf = ({ probes, classes }: RunReport): string | null =>
  probes?.rows.find((row) => row.label !== 'subject' && row.classes === classes.length)?.label ?? null;

/** A row for each label and kind of probe, a column for each kind of features. */
function disentanglementTable({ name, probes: { rows, tasks } }: Probed): Table {
  const sources = [...new Set(rows.map((row) => row.features))];
  const asked = rows.filter((row) => row.features === rows[0]!.features);
  const folds = [...new Set(tasks.flatMap((task) => task.fold ?? []))];
  return {
    id: idOf('table', name, 'probes'),
    caption: `What is read from features of ${name}`,
    columns: [
      { name: 'label' },
      { name: 'probe' },
      ...sources.map((source) => ({ name: `${source} %`, show: percent })),
      { name: 'chance %', show: percent },
    ],
    rows: asked.map(({ label, kind, chance }) => [
      label,
      PROBE_NAMES[kind],
      ...sources.map((source) => {
        const row = rows.find((r) => r.features === source && r.label === label && r.kind === kind);
        return row ? meanOf(row.accuracy) : null;
      }),
      meanOf(chance),
    ]),
    notes: [
      `${tasks.length > 1 ? 'Means over' : 'Of'} ${count(tasks.length, 'seed')}${folds.length === 0 ? '' : `, fold ${folds.join(', ')} held out`}. Untrained branches, controls and single seeds are in the figures below and their numbers.`,
    ],
  };
}

function probeFigures({ name, probes }: Probed): Illustrated[] {
  const labels = [...new Set(probes.rows.map((row) => row.label))];
  return labels.map((label) => {
    const rows = probes.rows.filter((row) => row.label === label);
    const id = idOf(name, 'probe', label);
    const title = `${label} read from features of ${name}`;
    return { figure: probeFigure(id, title, rows), table: probeTable(idOf('table', id), title, rows) };
  });
}

function probeTable(id: string, caption: string, rows: readonly ProbeRow[]): Table {
  const show = percent;
  return {
    id,
    caption,
    columns: [
      { name: 'features' },
      { name: 'probe' },
      { name: 'accuracy %', show },
      { name: 'sd over seeds', show: percent },
      { name: 'lowest seed %', show },
      { name: 'highest seed %', show },
      { name: 'above chance %', show },
      { name: 'untrained %', show },
      { name: 'control %', show },
      { name: 'chance %', show },
      { name: 'seeds' },
      { name: 'decisions' },
    ],
    rows: rows.map(({ features, kind, accuracy, control, untrained, chance, n }) => [
      features,
      PROBE_NAMES[kind],
      meanOf(accuracy),
      spreadOf(accuracy)?.sd ?? null,
      Math.min(...accuracy),
      Math.max(...accuracy),
      (meanOf(accuracy) - meanOf(chance)) / (1 - meanOf(chance)),
      untrained.length > 0 ? meanOf(untrained) : null,
      meanOf(control),
      meanOf(chance),
      accuracy.length,
      n,
    ]),
    notes: ['Above chance: (accuracy - chance) / (1 - chance).'],
  };
}
