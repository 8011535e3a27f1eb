/** @file What is in a prepared data set: counts, folds, sizes, brightness, class weights, and images that are there twice. */
import { createHash } from 'node:crypto';
import type { DataIR } from '../../compiler/model/experiment.js';
import { completeness, type Completeness } from './databases/completeness.js';
import type { Dataset } from './dataset.js';
import { foldCount, foldOf, foldWarnings } from './folds.js';

export interface Inspection extends Pick<
  Dataset,
  'name' | 'height' | 'width' | 'channels' | 'sizes' | 'dropped' | 'otherColumns' | 'faces' | 'remarks'
> {
  /** Beside what a database holds when it is whole; null: nobody knows how much there should be. */
  readonly database: Completeness | null;
  readonly images: number;
  readonly sequences: number;
  readonly classes: readonly {
    readonly name: string;
    readonly images: number;
    readonly people: number;
    /** images / (classes × images of the class), for `weights: […]`. */
    readonly weight: number;
  }[];
  /** In the order of their first images. */
  readonly people: readonly { readonly name: string; readonly images: number }[];
  readonly folds:
    | readonly {
        readonly name: string;
        readonly images: number;
        readonly people: number;
        /** Images by class. */
        readonly classes: readonly number[];
      }[]
    | null;
  /** On 0…255, after `resize`; population standard deviation. */
  readonly pixels: { readonly mean: number; readonly deviation: number };
  readonly fields: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Images with equal pixels, and what is wrong with that. */
  readonly duplicates: readonly {
    readonly images: readonly string[];
    readonly acrossClasses: boolean;
    readonly acrossFolds: boolean;
    readonly acrossPeople: boolean;
  }[];
  readonly warnings: readonly string[];
}

/** @throws DataError if the folds cannot be made. */
export function inspect(dataset: Dataset, data: Pick<DataIR, 'folds' | 'source'>): Inspection {
  const { folds } = data;
  const { samples, classes } = dataset;
  const fold = folds && foldOf(dataset, folds);
  const count = folds ? foldCount(dataset, folds) : 0;
  const images = classes.map(() => 0);
  const shown = classes.map(() => new Set<string>());
  const people = new Map<string, number>();
  for (const { label, subject } of samples) {
    images[label]!++;
    shown[label]!.add(subject);
    people.set(subject, (people.get(subject) ?? 0) + 1);
  }
  return {
    name: dataset.name,
    height: dataset.height,
    width: dataset.width,
    channels: dataset.channels,
    images: samples.length,
    sequences: new Set(samples.map((s) => s.sequence)).size,
    classes: classes.map((name, c) => ({
      name,
      images: images[c]!,
      people: shown[c]!.size,
      weight: images[c]! > 0 ? samples.length / (classes.length * images[c]!) : 0,
    })),
    people: [...people].map(([name, n]) => ({ name, images: n })),
    folds: fold && Array.from({ length: count }, (_, k) => foldAt(dataset, fold, k)),
    pixels: brightness(dataset.pixels),
    sizes: dataset.sizes,
    fields: dataset.fields.map(({ name, shape }) => ({ name, shape })),
    otherColumns: dataset.otherColumns,
    duplicates: duplicatesIn(dataset, fold),
    dropped: dataset.dropped,
    ...(dataset.faces && { faces: dataset.faces }),
    ...(dataset.remarks && { remarks: dataset.remarks }),
    database: completeness(dataset, data),
    warnings: [
      ...classes.filter((_, c) => images[c] === 0).map((name) => `there is no image of ${name}`),
      ...(fold ? foldWarnings(dataset, fold, count) : []),
    ],
  };
}

function foldAt(
  { samples, classes, foldFile }: Dataset,
  fold: Int32Array,
  k: number,
): NonNullable<Inspection['folds']>[number] {
  const own = samples.filter((_, i) => fold[i] === k);
  return {
    name: foldFile?.names[k] ?? String(k + 1),
    images: own.length,
    people: new Set(own.map((s) => s.subject)).size,
    classes: classes.map((_, c) => own.filter((s) => s.label === c).length),
  };
}

function brightness(pixels: Uint8Array): Inspection['pixels'] {
  const counts = new Float64Array(256);
  for (const value of pixels) counts[value]!++;
  const mean = counts.reduce((sum, n, value) => sum + n * value, 0) / pixels.length;
  const variance = counts.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / pixels.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function duplicatesIn(
  { samples, pixels, height, width, channels }: Dataset,
  fold: Int32Array | null,
): Inspection['duplicates'] {
  const size = height * width * channels;
  const groups = new Map<string, number[]>();
  for (let i = 0; i < samples.length; i++) {
    const key = createHash('sha256')
      .update(pixels.subarray(i * size, (i + 1) * size))
      .digest('base64');
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  }
  const differ = (group: readonly number[], of: (i: number) => unknown): boolean =>
    group.some((i) => of(i) !== of(group[0]!));
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => ({
      images: group.map((i) => samples[i]!.id),
      acrossClasses: differ(group, (i) => samples[i]!.label),
      acrossFolds: fold !== null && differ(group, (i) => fold[i]),
      acrossPeople: differ(group, (i) => samples[i]!.subject),
    }));
}
