/** @file The sections about one run: what it was, its confusion matrix, the course of its losses. */
import type { Curve, ReportData, RunReport } from '../report-data.js';
import { confusionFigure } from './confusion-figure.js';
import { curveFigure } from './curve-figure.js';
import { percent, short } from './numbers.js';
import { notesOf } from './overview.js';
import { heatParts, routeParts } from './feature-sections.js';
import { idOf, type Illustrated, type Part, type Section } from './section.js';
import { stampOf } from './stamp.js';
import type { Table } from './table.js';

export function runSections(data: ReportData, run: RunReport): Section[] {
  const stamp = stampOf(data, [run]);
  const inner = (what: string, title: string, parts: readonly Part[]): Section[] =>
    parts.length === 0
      ? []
      : [{ id: idOf(run.name, what), title: `${run.name}: ${title}`, inner: true, parts }];
  return [
    { id: idOf('run', run.name), title: `Run ${run.name}`, inner: false, parts: aboutParts(run, stamp) },
    ...inner('confusion', 'confusion matrix', confusionParts(run, stamp)),
    ...inner('curves', 'losses', curveParts(run, stamp)),
    ...inner('routes', 'routes', routeParts(run, stamp)),
    ...inner('heat', 'heat maps', heatParts(run, stamp)),
  ];
}

function aboutParts(run: RunReport, stamp: string | null): Part[] {
  const notes = notesOf(run).map((note): Part => ({ kind: 'text', text: `Note: ${note}.` }));
  const left = run.left.map((what): Part => ({ kind: 'text', text: `Left out: ${what}.` }));
  return [...notes, ...left, { kind: 'table', table: factsTable(run), stamp }];
}

function factsTable(run: RunReport): Table {
  const { spec, settings, stages, testData, score, tasks, folds } = run;
  const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const seeds = [...new Set(tasks.done.map((t) => t.seed))];
  const held = [...new Set(tasks.done.flatMap((t) => t.fold ?? []))];
  const facts: [string, string][] = [
    ['directory', run.directory],
    ['experiment', `${run.experiment}${spec === null ? '' : ` of ${spec}`}`],
    ['model', run.model],
    ...(set.length > 0 ? [['set by hand', set.join(', ')] as [string, string]] : []),
    ...stages.map(({ verb, data, source, epochs }): [string, string] => [
      verb,
      `on ${data} (${source}), ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
    ]),
    ...(testData === null ? [] : [['tested on', testData] as [string, string]]),
    ['decisions', scoreText(score)],
    ['seeds', seeds.join(', ') || 'none yet'],
    ...(held.length === 0
      ? []
      : [
          ['folds held out', `${held.join(', ')}${folds === null ? '' : ` of ${folds}`}`] as [string, string],
        ]),
    ['engine', run.engine],
    ['begun', run.started.slice(0, 16).replace('T', ' ')],
    ['state', run.ended],
    ['trained by', `ed2lc ${run.program}`],
  ];
  return {
    id: idOf('table', run.name, 'facts'),
    caption: `What ${run.name} was`,
    columns: [{ name: 'what' }, { name: 'value' }],
    rows: facts,
  };
}

function scoreText({ kind, crops, frames }: RunReport['score']): string {
  const views =
    crops === 'center'
      ? 'its centre crop'
      : crops === 'vote'
        ? 'a vote over its views'
        : 'the mean over its views';
  switch (kind) {
    case 'crop':
      return 'one per view of an image';
    case 'image':
      return `one per image, by ${views}`;
    case 'sequence':
      return `one per sequence: each frame by ${views}, frames by ${frames === 'vote' ? 'vote' : 'mean'}`;
  }
}

function confusionParts(run: RunReport, stamp: string | null): Part[] {
  const { name, confusion, classes, accuracy } = run;
  if (!confusion || !accuracy) return [];
  const figure = confusionFigure(idOf(name, 'confusion'), `Confusion matrix of ${name}`, confusion, classes);
  const table: Table = {
    id: idOf('table', name, 'confusion'),
    caption: `Decisions of ${name}: rows are what it is, columns what was decided`,
    columns: [{ name: 'class' }, ...classes.map((c) => ({ name: c })), { name: 'recall %', show: percent }],
    rows: classes.map((c, r) => [c, ...confusion.counts[r]!, accuracy.recall[r] ?? null]),
  };
  const several = accuracy.seeds.length > 1;
  const text = `Each decision on the people held out, all folds${several ? ' and seeds' : ''} together; a row adds up to 100 %.`;
  return [
    { kind: 'text', text },
    { kind: 'figures', figures: [{ figure, table }], stamp },
  ];
}

function curveParts({ name, curves, stages }: RunReport, stamp: string | null): Part[] {
  const byStage = [...new Set(curves.map((c) => c.stage))];
  return byStage.flatMap((stage): Part[] => {
    const own = curves.filter(
      (c) => c.stage === stage && c.trainings.some((t) => t.values.some((v) => v !== null)),
    );
    const { verb, data } = stages[stage - 1] ?? stages.at(-1)!;
    const heading = byStage.length > 1 ? `Stage ${stage}, ${verb} on ${data}: means` : 'Means';
    const figures = own.map((curve) => illustrated(name, curve, byStage.length > 1));
    return [
      {
        kind: 'text',
        text: `${heading} over each epoch, on what is learned from. Each term has its own scale.`,
      },
      { kind: 'figures', figures, stamp },
    ];
  });
}

function illustrated(name: string, curve: Curve, staged: boolean): Illustrated {
  const { term, epochs, mean, trainings } = curve;
  const what = staged ? ['stage', String(curve.stage), term] : [term];
  const title = `${term} of ${name}${staged ? `, stage ${curve.stage}` : ''}`;
  const values = epochs.map((_, i) => trainings.flatMap((t) => t.values[i] ?? []));
  return {
    figure: curveFigure(idOf(name, 'curve', ...what), title, curve),
    table: {
      id: idOf('table', name, 'curve', ...what),
      caption: title,
      columns: [
        { name: 'epoch' },
        { name: 'mean', show: short },
        { name: 'lowest training', show: short },
        { name: 'highest training', show: short },
      ],
      rows: epochs.map((epoch, i) => [
        epoch,
        mean[i] ?? null,
        values[i]!.length > 0 ? Math.min(...values[i]!) : null,
        values[i]!.length > 0 ? Math.max(...values[i]!) : null,
      ]),
    },
  };
}
