/** @file The sections about what networks compute: features in two dimensions side by side, probes, heat maps, measured routes. */
import type { Embedding, HeatMaps, ReportData, RouteNorms, RunReport } from '../report-data.js';
import { heatFigure, ninths, peak } from './heat-figure.js';
import { count, listed, percent, short } from './numbers.js';
import { isProbed, probeParts } from './probe-sections.js';
import { routesFigure } from './routes-figure.js';
import { byClassFigure, byPersonFigure } from './scatter-figure.js';
import { idOf, type Illustrated, type Part, type Section } from './section.js';
import { stampOf } from './stamp.js';
import type { Table } from './table.js';

/** Of all runs together, as far as they have any. */
export function featureSections(data: ReportData): Section[] {
  const shown = data.runs.filter((run) => run.embeddings.length > 0);
  const probed = data.runs.filter(isProbed);
  const section = (id: string, title: string, parts: readonly Part[]): Section => ({
    id,
    title,
    inner: false,
    parts,
  });
  return [
    ...(shown.length > 0
      ? [section('features', 'Features in two dimensions', embeddingParts(data, shown))]
      : []),
    ...(probed.length > 0
      ? [section('probes', 'What fresh classifiers read', probeParts(data, probed))]
      : []),
  ];
}

function embeddingParts(data: ReportData, runs: readonly RunReport[]): Part[] {
  const all = runs.flatMap((run) => run.embeddings.map((embedding) => ({ run, embedding })));
  const facts = all.map(({ run, embedding: { value, task, points, of, perplexity, iterations } }) => {
    const some = points.length < of ? ` (drawn from ${of})` : '';
    const fold = task.fold === null ? 'the test data' : `fold ${task.fold}`;
    return `${value} of ${run.name}: ${count(points.length, 'image')}${some} of ${fold}, held out, seed ${task.seed}; perplexity ${perplexity}, ${iterations} steps.`;
  });
  return [
    {
      kind: 'text',
      text: 't-SNE of features as they are, the mean over the views of an image; the left picture of each pair by class, the right one by person. Who is near whom can be read; distances between clusters and their sizes cannot.',
    },
    ...facts.map((text): Part => ({ kind: 'text', text })),
    ...runs.map((run): Part => ({
      kind: 'figures',
      figures: run.embeddings.flatMap((embedding) => embeddingFigures(run, embedding)),
      stamp: stampOf(data, [run]),
    })),
  ];
}

function embeddingFigures({ name, classes }: RunReport, embedding: Embedding): Illustrated[] {
  const { value, points } = embedding;
  const id = idOf(name, 'tsne', value);
  const table = (what: string): Table => ({
    id: idOf('table', id, what),
    caption: `${value} of ${name} in two dimensions`,
    columns: [
      { name: 'image' },
      { name: 'person' },
      { name: 'class' },
      { name: 'x', show: short },
      { name: 'y', show: short },
    ],
    rows: points.map(({ sample, subject, label, x, y }) => [sample, subject, classes[label]!, x, y]),
  });
  return [
    {
      figure: byClassFigure(idOf(id, 'class'), `${value} of ${name}, by class`, embedding, classes),
      table: table('class'),
    },
    {
      figure: byPersonFigure(idOf(id, 'person'), `${value} of ${name}, by person`, embedding),
      table: table('person'),
    },
  ];
}

/** Of one run. */
export function heatParts(run: RunReport, stamp: string | null): Part[] {
  return run.heatMaps.flatMap((maps, i): Part[] => {
    const { task, sum, scale, faces } = maps;
    const people = [...new Set(faces.map((face) => face.subject))];
    const values = faces[0]?.maps.map((map) => map.value) ?? [];
    const where = task.fold === null ? 'the test data' : `fold ${task.fold}`;
    const figures = people.map((person): Illustrated => {
      const own = faces.filter((face) => face.subject === person);
      const id = idOf(run.name, 'heat', ...(i === 0 ? [] : [String(i + 1)]), person);
      const title = `Heat maps of ${run.name} on ${person}`;
      return {
        figure: heatFigure(id, title, { ...maps, faces: own }, run.classes),
        table: heatTable(idOf('table', id), title, own, run.classes),
      };
    });
    return [
      {
        kind: 'text',
        text: `${listed(values)} on people of ${where}, held out, seed ${task.seed}, centre crop: ${sum === 'absolute' ? 'absolute values' : 'values'} summed over channels, ${scale === 'pair' ? 'all maps of a face on one scale' : 'each map on a scale of its own'} from lowest to highest, resized to the face by bilinear interpolation.${run.synthetic ? '' : ' The agreement of a database says whose face may be shown.'}`,
      },
      { kind: 'figures', figures, stamp },
    ];
  });
}

function heatTable(id: string, caption: string, faces: HeatMaps['faces'], classes: readonly string[]): Table {
  const ninth = [
    'upper left',
    'upper middle',
    'upper right',
    'left',
    'middle',
    'right',
    'lower left',
    'lower middle',
    'lower right',
  ];
  return {
    id,
    caption,
    columns: [
      { name: 'image' },
      { name: 'class' },
      { name: 'map' },
      { name: 'highest in row' },
      { name: 'column' },
      ...ninth.map((name) => ({ name: `${name} %`, show: percent })),
    ],
    rows: faces.flatMap(({ sample, label, maps }) =>
      maps.map((map) => {
        const { row, column } = peak(map);
        return [
          sample,
          classes[label]!,
          map.value,
          `${row + 1} of ${map.height}`,
          `${column + 1} of ${map.width}`,
          ...ninths(map),
        ];
      }),
    ),
    notes: [
      'Percent: the part of a map’s sum that lies in that ninth of the face. data.json has every value.',
    ],
  };
}

/** Of one run. */
export function routeParts(run: RunReport, stamp: string | null): Part[] {
  const { routes } = run;
  if (!routes) return [];
  const fold = routes.task.fold === null ? '' : `, fold ${routes.task.fold}`;
  const figures = routes.steps.map((step): Illustrated => {
    const id = idOf(run.name, 'routes', ...(step.step === 'main' ? [] : [step.step]));
    const title = `Routes of ${run.name}${step.step === 'main' ? '' : `, step ${step.step}`}`;
    return { figure: routesFigure(id, title, step), table: routesTable(idOf('table', id), title, step) };
  });
  return [
    {
      kind: 'text',
      text: `Which loss reaches which group, and how strongly: the norm of its weighted gradient after training (seed ${routes.task.seed}${fold}), the mean over ${count(routes.batches, 'batch', 'batches')} of what was learned from, with the weights of the last epoch. Each loss was run through a graph of its own. Where no route is, no gradient exists: the compiler has proved it.`,
    },
    { kind: 'figures', figures, stamp },
  ];
}

const routesTable = (id: string, caption: string, { groups, rows }: RouteNorms['steps'][number]): Table => ({
  id,
  caption,
  columns: [
    { name: 'loss' },
    { name: 'group' },
    { name: 'weight as written' },
    { name: 'norm of the gradient', show: short },
  ],
  rows: rows.flatMap(({ loss, cells, norms }) =>
    groups.map((group, g) => [loss, group, cells[g] ?? 'no route', norms[g] ?? null]),
  ),
});
