/** @file The parts of a report that need the trained network and its data: each item of the `report` line that can be made, and of the others why not. */
import type { ReportIR } from '../../compiler/model/experiment.js';
import type { Task } from '../experiment/tasks.js';
import { embeddingOf } from './embedding.js';
import { measureRoutes } from './gradients.js';
import { heatMapsOf } from './heat-maps.js';
import { probesOf } from './probes.js';
import type { Embedding, HeatMaps, RunReport } from './report-data.js';
import { foldsOf, taskWithFold, type TrainedRun } from './trained.js';

export type Made = Pick<RunReport, 'routes' | 'embeddings' | 'heatMaps' | 'probes' | 'left'>;

export const NOTHING: Made = { routes: null, embeddings: [], heatMaps: [], probes: null, left: [] };

type Item = Extract<
  ReportIR,
  { kind: 'tsne' } | { kind: 'heatmap' } | { kind: 'probe' } | { kind: 'routes' }
>;

/** Those that need more than what the run says of itself. */
export const measuredItems = (items: readonly ReportIR[]): Item[] =>
  items.filter((item): item is Item => ['tsne', 'heatmap', 'probe', 'routes'].includes(item.kind));

/** What is shown where no fold is named: as in the paper, as far as there are so many. */
const USUAL_FOLD = { tsne: 1, heatmap: 10 } as const;

export async function makeItems(
  run: TrainedRun,
  items: readonly Item[],
  onItem: (what: string) => void,
): Promise<Made> {
  const left: string[] = [];
  const embeddings: Embedding[] = [];
  const heatMaps: HeatMaps[] = [];
  let routes: Made['routes'] = null;
  for (const item of items) {
    if (item.kind !== 'probe') onItem(textOf(item));
    const keep = <T>(made: T | string, list: T[]): void =>
      void (typeof made === 'string' ? left.push(`${textOf(item)}: ${made}`) : list.push(made));
    if (item.kind === 'routes') {
      routes = await measureRoutes(run);
      if (!routes) left.push('routes(): no training is finished');
    } else if (item.kind !== 'probe') {
      const task = taskFor(run, item);
      if (typeof task === 'string') left.push(`${textOf(item)}: ${task}`);
      else if (item.kind === 'tsne') keep(await embeddingOf(run, item.value.text, task), embeddings);
      else keep(await heatMapsOf(run, item, task), heatMaps);
    }
  }
  const probes = items.filter((item) => item.kind === 'probe');
  const texts = probes.map(textOf).join(', ');
  const read =
    probes.length === 0
      ? { probes: null, left: [] }
      : await probesOf(run, probes, ({ seed }) => onItem(`${texts}, seed ${seed}`));
  return { routes, embeddings, heatMaps, probes: read.probes, left: [...left, ...read.left] };
}

function taskFor(run: TrainedRun, { kind, fold }: Extract<Item, { fold: unknown }>): Task | string {
  const count = foldsOf(run);
  const wanted = fold ?? Math.min(USUAL_FOLD[kind], count);
  if (!run.bound.testData && wanted > count) return `there is no fold ${wanted}, only ${count}`;
  return taskWithFold(run, wanted) ?? `fold ${wanted} is not trained`;
}

/** As it is written on the `report` line. */
export function textOf(item: Item): string {
  switch (item.kind) {
    case 'routes':
      return 'routes()';
    case 'tsne':
      return `tsne(${item.value.text}${foldText(item.fold)})`;
    case 'heatmap':
      return `heatmap(${item.values.map((v) => v.text).join(', ')}${foldText(item.fold)})`;
    case 'probe':
      return `probe(${item.value.text}, ${item.label.text}${item.probe === 'linear' ? '' : `, kind: ${item.probe}`})`;
  }
}

const foldText = (fold: number | null): string => (fold === null ? '' : `, fold: ${fold}`);
