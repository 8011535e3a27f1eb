/** @file A whole set of synthetic faces: people x expressions x 4 pictures, drawn by worker threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError } from '../errors.js';
import { expressions } from './expressions.js';
import { presets, type PresetName } from './presets.js';
import { faceHeight, faceWidth, Sitter, type Truth } from './render.js';

/** Raised whenever the same order would give other pixels or fields; part of the cache's key. */
export const generatorVersion = 2;
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

/** A picture to take of a person. */
export interface Take {
  readonly expression: string;
  /** Of the circumstances: takes of one number differ in nothing but `rise`. */
  readonly number: number;
  /** Share of the intensity, 1 at the peak. */
  readonly rise: number;
}

export interface TakeOrder extends Pick<FaceOrder, 'seed' | 'preset'> {
  /** By person. */
  readonly takes: readonly (readonly Take[])[];
}

/** A message of a worker thread: one person done. */
export interface PersonDone {
  readonly person: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly truth: readonly Truth[];
}

const PICTURE = faceHeight * faceWidth;

/** Every picture of one person. */
export function drawPerson({ seed, preset, takes }: TakeOrder, person: number): PersonDone {
  const sitter = new Sitter(seed, person, presets[preset]);
  const own = takes[person]!;
  const pixels = new Uint8Array(own.length * PICTURE);
  const truth = own.map(({ expression, number, rise }, i) => {
    const face = sitter.picture(expression, number, rise);
    pixels.set(face.pixels, i * PICTURE);
    return face.truth;
  });
  return { person, pixels, truth };
}

/**
 * Draws four pictures of each person and expression; equal orders give equal pixels, however many threads draw them.
 * @param onProgress called with the number of people done.
 * @param threads at most the number of processors and of people; 1 draws in this thread.
 * @throws DataError for an expression that does not exist or no people.
 */
export async function generateFaces(
  { people, expressions: shown, ...order }: FaceOrder,
  onProgress?: (done: number, total: number) => void,
  threads?: number,
): Promise<FaceSet> {
  checkPeople(people);
  const takes = shown.flatMap((expression) =>
    Array.from({ length: shots }, (_, number): Take => ({ expression, number, rise: 1 })),
  );
  return generateTakes({ ...order, takes: Array.from({ length: people }, () => takes) }, onProgress, threads);
}

/** The same for pictures that are listed one by one, person after person. */
export async function generateTakes(
  order: TakeOrder,
  onProgress: (done: number, total: number) => void = () => {},
  threads: number = Math.min(8, availableParallelism()),
): Promise<FaceSet> {
  const { takes } = order;
  const unknown = takes.flat().find(({ expression }) => !Object.hasOwn(expressions, expression));
  if (unknown)
    throw new DataError(
      `synthetic faces have no expression "${unknown.expression}"; they have ${Object.keys(expressions).join(', ')}`,
    );
  const people = takes.length;
  checkPeople(people);
  const starts = takes.map((_, person) => takes.slice(0, person).reduce((n, own) => n + own.length, 0));
  const pixels = new Uint8Array(takes.flat().length * PICTURE);
  const truth: (readonly Truth[])[] = [];
  let done = 0;
  const keep = (result: PersonDone): void => {
    pixels.set(result.pixels, starts[result.person]! * PICTURE);
    truth[result.person] = result.truth;
    onProgress(++done, people);
  };
  // A few people are drawn faster than a thread starts.
  const used = people < 4 ? 1 : Math.min(threads, people);
  if (used === 1) for (let person = 0; person < people; person++) keep(drawPerson(order, person));
  else await Promise.all(Array.from({ length: used }, (_, i) => drawInThread(order, i, used, keep)));
  return { pixels, truth: truth.flat() };
}

function checkPeople(people: number): void {
  if (!Number.isInteger(people) || people < 1)
    throw new DataError(`synthetic faces need at least one person, not ${people}`);
}

/** Every `step`-th person from `first` on, in a thread of its own. */
function drawInThread(
  order: TakeOrder,
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
