/** @file A whole set of synthetic faces: people x expressions x 4 pictures, drawn by worker threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError } from '../errors.js';
import { expressions } from './expressions.js';
import { presets, type PresetName } from './presets.js';
import { faceHeight, faceWidth, Sitter, type Truth } from './render.js';

/** Raised whenever the same order would draw other pixels; part of the cache's key. */
export const generatorVersion = 1;
/** Pictures per person and expression. */
export const shots = 4;

/** `person07` of 60 people. `person` counts from 0. */
export const personName = (person: number, people: number): string =>
  `person${String(person + 1).padStart(String(people).length, '0')}`;

/** What to draw; `expressions` in the order of the classes. */
export interface FaceOrder {
  readonly seed: number;
  readonly people: number;
  readonly preset: PresetName;
  readonly expressions: readonly string[];
}

/** Pictures in the order person, expression, shot. */
export interface FaceSet {
  /** [count, 128, 110] */
  readonly pixels: Uint8Array;
  readonly truth: readonly Truth[];
}

/** A message of a worker thread: one person done. */
export interface PersonDone {
  readonly person: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly truth: readonly Truth[];
}

/** Every picture of one person. */
export function drawPerson(order: FaceOrder, person: number): PersonDone {
  const sitter = new Sitter(order.seed, person, presets[order.preset]);
  const pixels = new Uint8Array(order.expressions.length * shots * faceHeight * faceWidth);
  const truth: Truth[] = [];
  for (const expression of order.expressions)
    for (let shot = 0; shot < shots; shot++) {
      const face = sitter.picture(expression, shot);
      pixels.set(face.pixels, truth.length * faceHeight * faceWidth);
      truth.push(face.truth);
    }
  return { person, pixels, truth };
}

/**
 * Draws the set; equal orders give equal pixels, however many threads draw them.
 * @param onProgress called with the number of people done.
 * @param threads at most the number of processors and of people; 1 draws in this thread.
 * @throws DataError for an expression that does not exist or no people.
 */
export async function generateFaces(
  order: FaceOrder,
  onProgress: (done: number, total: number) => void = () => {},
  threads: number = Math.min(8, availableParallelism()),
): Promise<FaceSet> {
  const unknown = order.expressions.find((name) => !Object.hasOwn(expressions, name));
  if (unknown !== undefined)
    throw new DataError(
      `synthetic faces have no expression "${unknown}"; they have ${Object.keys(expressions).join(', ')}`,
    );
  if (!Number.isInteger(order.people) || order.people < 1)
    throw new DataError(`synthetic faces need at least one person, not ${order.people}`);

  const perPerson = order.expressions.length * shots;
  const pixels = new Uint8Array(order.people * perPerson * faceHeight * faceWidth);
  const truth: (readonly Truth[])[] = [];
  let done = 0;
  const keep = (result: PersonDone): void => {
    pixels.set(result.pixels, result.person * perPerson * faceHeight * faceWidth);
    truth[result.person] = result.truth;
    onProgress(++done, order.people);
  };
  // A few people are drawn faster than a thread starts.
  const used = order.people < 4 ? 1 : Math.min(threads, order.people);
  if (used === 1) for (let person = 0; person < order.people; person++) keep(drawPerson(order, person));
  else await Promise.all(Array.from({ length: used }, (_, i) => drawInThread(order, i, used, keep)));
  return { pixels, truth: truth.flat() };
}

/** Every `step`-th person from `first` on, in a thread of its own. */
function drawInThread(
  order: FaceOrder,
  first: number,
  step: number,
  keep: (result: PersonDone) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { order, first, step },
    });
    worker.on('message', keep);
    worker.on('error', reject);
    worker.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a thread drawing faces ended with code ${code}`)),
    );
  });
}
