/**
 * @file Features in two dimensions by t-SNE (van der Maaten and Hinton 2008; Fig. 4 of the paper): features as they are, the mean over the views of
 * an image, seeded. Distances between clusters mean nothing, and neither do their sizes.
 */
import { createRequire } from 'node:module';
import type * as Druid from '@saehrimnir/druidjs';
import { random } from '../data/random.js';
import { features, type Rows } from '../evaluation/predict.js';
import type { Task } from '../experiment/tasks.js';
import type { Embedding } from './report-data.js';
import { judgedData, type TrainedRun } from './trained.js';

const ITERATIONS = 1000;
const PERPLEXITY = 30;
const LEARNING_RATE = 10;
/** The time grows with the square of the points. */
const MOST = 1000;

/** Text: why there is none. */
export async function embeddingOf(run: TrainedRun, value: string, task: Task): Promise<Embedding | string> {
  const { engine, bound } = run;
  const { dataset, data } = judgedData(run);
  const held = run.splitOf(task).test;
  const indices =
    held.length <= MOST ? held : random('tsne', task.seed).shuffle(held.slice()).slice(0, MOST).sort();
  if (indices.length < 5) return `${indices.length} images are too few`;
  const parameters = await run.parametersOf(task);
  const rows = features({ engine, model: bound.model, parameters, dataset, indices, data }, [value]).get(
    value,
  )!;
  const perplexity = perplexityFor(indices.length);
  const places = embedded(rows, perplexity);
  const points = Array.from(indices, (i, k) => {
    const { id, subject, label } = dataset.samples[i]!;
    return { sample: id, subject, label, x: places[k]![0], y: places[k]![1] };
  });
  return { value, task, perplexity, iterations: ITERATIONS, of: held.length, points };
}

/** At most a third of the neighbours. */
export const perplexityFor = (n: number): number => Math.min(PERPLEXITY, Math.floor((n - 1) / 3));

/** Two numbers for each row; the same for the same rows. */
export function embedded({ data, width }: Rows, perplexity: number): [number, number][] {
  const { TSNE } = createRequire(import.meta.url)('@saehrimnir/druidjs') as typeof Druid; // Loaded when it is needed.
  const rows = Array.from({ length: data.length / width }, (_, i) =>
    Array.from(data.subarray(i * width, (i + 1) * width)),
  );
  const made = new TSNE(rows, { perplexity, epsilon: LEARNING_RATE, d: 2, seed: 1 }).transform(ITERATIONS);
  return made.map(([x, y]) => [x!, y!]);
}
