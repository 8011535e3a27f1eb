/** @file Subject-independent folds: every person's images lie in one fold. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { Dataset, Sample } from './dataset.js';
import { DataError } from './errors.js';
import { random } from './random.js';

export type Folds = NonNullable<DataIR['folds']>;

/**
 * The fold of each sample. People are sorted as strings (by code unit), then
 * - blocks: cut into `count` runs, the first ones longer by one where the division leaves a rest
 *   (118 people in 10 folds: 8 of 12 and 2 of 11);
 * - strided: person i goes to fold i mod `count`, so fold k is sorted[k::count];
 * - shuffled: put in a seeded order, then as blocks.
 * @throws DataError for fewer people than folds, or a person in two folds.
 */
export function foldOf(dataset: Pick<Dataset, 'name' | 'samples'>, folds: Folds): Int32Array {
  const people = [...new Set(dataset.samples.map((sample) => sample.subject))].sort();
  if (folds.count < 2)
    throw new DataError(`${dataset.name}: folds need a count of 2 or more, not ${folds.count}`);
  if (people.length < folds.count)
    throw new DataError(
      `${dataset.name} has ${people.length} ${people.length === 1 ? 'person' : 'people'}, too few for ${folds.count} folds`,
    );
  if (folds.kind === 'shuffled') random('folds', folds.seed).shuffle(people);
  const short = Math.floor(people.length / folds.count);
  const rest = people.length % folds.count;
  const inLong = rest * (short + 1);
  const of = new Map(
    people.map((person, i) => {
      if (folds.kind === 'strided') return [person, i % folds.count];
      return [person, i < inLong ? Math.floor(i / (short + 1)) : rest + Math.floor((i - inLong) / short)];
    }),
  );
  const result = Int32Array.from(dataset.samples, (sample) => of.get(sample.subject)!);
  checkLeak(dataset, result);
  return result;
}

/** @throws DataError if a person has images in two folds, naming the person and two of the images. */
export function checkLeak(dataset: Pick<Dataset, 'name' | 'samples'>, fold: Int32Array): void {
  const first = new Map<string, { fold: number; sample: Sample }>();
  dataset.samples.forEach((sample, i) => {
    const seen = first.get(sample.subject);
    if (!seen) first.set(sample.subject, { fold: fold[i]!, sample });
    else if (seen.fold !== fold[i])
      throw new DataError(
        `${dataset.name}: ${sample.subject} is in fold ${seen.fold + 1} (${seen.sample.id}) and in fold ` +
          `${fold[i]! + 1} (${sample.id}); a person must not be both trained and tested on`,
      );
  });
}

export interface Split {
  /** Indices of samples, ascending. */
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** Fold `held` (from 0) for testing, all others for training. */
export function heldOut(fold: Int32Array, held: number): Split {
  const indices = Int32Array.from(fold.keys());
  return { train: indices.filter((i) => fold[i] !== held), test: indices.filter((i) => fold[i] === held) };
}
