/** @file Subject-independent folds: every person's images lie in one fold. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { Dataset, Sample } from './dataset.js';
import { DataError, withItems } from './errors.js';
import type { FoldFile } from './fold-file.js';
import { random } from './random.js';

export type Folds = NonNullable<DataIR['folds']>;

/**
 * The fold of each sample. People are sorted as strings (by code unit), then
 * - blocks: cut into `count` runs, the first ones longer by one where the division leaves a rest
 *   (118 people in 10 folds: 8 of 12 and 2 of 11; `ceil`: 9 of 12 and 1 of 10; `floor`: 9 of 11 and 1 of 19);
 * - strided: person i goes to fold i mod `count`, so fold k is sorted[k::count];
 * - shuffled: put in a seeded order, then as blocks;
 * - file: where the file of the data set has them.
 * @throws DataError for fewer people than folds, people missing from the file, or a person in two folds.
 */
export function foldOf(dataset: Pick<Dataset, 'name' | 'samples' | 'foldFile'>, folds: Folds): Int32Array {
  const people = [...new Set(dataset.samples.map((sample) => sample.subject))].sort();
  if (folds.kind === 'file') return foldByFile(dataset, people);
  if (folds.count < 2)
    throw new DataError(`${dataset.name}: folds need a count of 2 or more, not ${folds.count}`);
  if (people.length < folds.count)
    throw new DataError(
      `${dataset.name} has ${people.length} ${people.length === 1 ? 'person' : 'people'}, too few for ${folds.count} folds`,
    );
  if (folds.kind === 'shuffled') random('folds', folds.seed).shuffle(people);
  const place = folds.kind === 'strided' ? (i: number) => i % folds.count : blockOf(people.length, folds);
  const empty = folds.count - new Set(people.map((_, i) => place(i))).size;
  if (empty > 0)
    throw new DataError(
      `${dataset.name}: ${people.length} people in ${folds.count} blocks with \`remainder: ceil\` leave ${empty} of them empty`,
    );
  const of = new Map(people.map((person, i) => [person, place(i)]));
  const result = Int32Array.from(dataset.samples, (sample) => of.get(sample.subject)!);
  checkLeak(dataset, result);
  return result;
}

/** The block of person i. A rest makes the first blocks longer by one, or leaves (ceil) or gives (floor) the last block what remains. */
function blockOf(
  people: number,
  { count, remainder }: Exclude<Folds, { kind: 'file' }>,
): (person: number) => number {
  const short = Math.floor(people / count);
  if (remainder) {
    const size = remainder === 'ceil' ? Math.ceil(people / count) : short;
    return (i) => Math.min(count - 1, Math.floor(i / size));
  }
  const rest = people % count;
  const inLong = rest * (short + 1);
  return (i) => (i < inLong ? Math.floor(i / (short + 1)) : rest + Math.floor((i - inLong) / short));
}

/** How many folds there are. */
export function foldCount({ foldFile }: Pick<Dataset, 'foldFile'>, folds: Folds): number {
  return folds.kind === 'file' ? foldFile!.names.length : folds.count;
}

function foldByFile(
  { name, samples, foldFile }: Pick<Dataset, 'name' | 'samples' | 'foldFile'>,
  people: readonly string[],
): Int32Array {
  const { file, of } = foldFile!;
  const missing = people.filter((person) => !of.has(person));
  if (missing.length > 0) {
    const unknown = unknownPeople(foldFile!, people);
    throw new DataError(
      withItems(
        `${missing.length} of the ${people.length} people of ${name} are in no fold of ${file}:`,
        missing,
      ) +
        (unknown.length > 0
          ? `\n${withItems(`${unknown.length} people there are not in ${name}:`, unknown)}`
          : ''),
      missing,
    );
  }
  return Int32Array.from(samples, (sample) => of.get(sample.subject)!);
}

/** Whom the file names and the data does not show. */
export function unknownPeople({ of }: FoldFile, people: Iterable<string>): string[] {
  const known = new Set(people);
  return [...of.keys()].filter((person) => !known.has(person));
}

/** What the folds lack: nobody at all, or a class, on one side or the other. One line each. */
export function foldWarnings(
  dataset: Pick<Dataset, 'samples' | 'classes'>,
  fold: Int32Array,
  count: number,
): string[] {
  const { samples, classes } = dataset;
  const counts = Array.from({ length: count }, () => new Int32Array(classes.length));
  fold.forEach((k, i) => counts[k]![samples[i]!.label]!++);
  return counts.flatMap((own, k) => {
    if (own.every((n) => n === 0)) return [`fold ${k + 1} is empty`];
    const absent = classes.filter((_, c) => own[c] === 0);
    const alone = classes.filter(
      (_, c) => own[c]! > 0 && counts.every((other, j) => j === k || other[c] === 0),
    );
    return [
      ...(absent.length > 0 ? [`fold ${k + 1} has no image of ${absent.join(', ')}`] : []),
      ...(alone.length > 0
        ? [`${alone.join(', ')} is in fold ${k + 1} alone: while that is held out, it is not learned`]
        : []),
    ];
  });
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
