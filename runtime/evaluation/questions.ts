/**
 * @file What probes are asked of features: the class, the person, a number known of each image; and the same with labels that have changed places,
 * which tells what is learned by heart (the control task of Hewitt and Liang 2019).
 */
import type { Dataset, Field } from '../data/dataset.js';
import type { Split } from '../data/folds.js';
import { random } from '../data/random.js';

/** What is to be read, from which images it is learned, and on which it is judged. */
export interface Question {
  readonly name: string;
  readonly classes: readonly string[];
  readonly labelOf: (sample: number) => number;
  /** What is not split while the penalty is chosen. */
  readonly unitOf: (sample: number) => string;
  readonly split: Split;
  /** Among which images labels change places for the control. */
  readonly within: (sample: number) => string;
}

/** Learned from the people trained on, judged on the people held out. */
export function classQuestion(name: string, { samples, classes }: Dataset, split: Split): Question {
  return {
    name,
    classes,
    labelOf: (i) => samples[i]!.label,
    unitOf: (i) => samples[i]!.subject,
    within: (i) => samples[i]!.subject,
    split,
  };
}

/** Among the people held out, learned from every other image of each person and class (of each person, with one image a class). */
export function personQuestion(name: string, dataset: Dataset, { test }: Split): Question {
  const { samples } = dataset;
  const people = [...new Set(Array.from(test, (i) => samples[i]!.subject))];
  return {
    name,
    classes: people,
    labelOf: (i) => people.indexOf(samples[i]!.subject),
    unitOf: (i) => samples[i]!.id,
    within: () => 'all',
    split: halves(dataset, test),
  };
}

/** Every other image of each person and class to learn from; of each person, where there is one image a class. */
function halves({ samples }: Dataset, indices: Int32Array): Split {
  const perClass = alternate(indices, (i) => `${samples[i]!.subject}/${samples[i]!.label}`);
  return perClass.test.length > 0 ? perClass : alternate(indices, (i) => samples[i]!.subject);
}

/** The first, third, … of each unit to train on. */
function alternate(indices: Int32Array, unitOf: (sample: number) => string): Split {
  const seen = new Map<string, number>();
  const even = indices.map((i) => {
    const unit = unitOf(i);
    const count = seen.get(unit) ?? 0;
    seen.set(unit, count + 1);
    return count % 2;
  });
  return {
    train: indices.filter((_, k) => even[k] === 0),
    test: indices.filter((_, k) => even[k] === 1),
  };
}

/** A number that each image has, as classes; learned and judged as the class is. */
export function fieldQuestion({ samples }: Dataset, split: Split, { name, values }: Field): Question {
  const person = (i: number): string => samples[i]!.subject;
  return { name, ...classesOfNumbers(values), unitOf: person, within: person, split };
}

const MOST_CLASSES = 10;

/** Each number a class; many numbers by their sign, or where they have one, above and below the median. */
export function classesOfNumbers(values: Float32Array): Pick<Question, 'classes' | 'labelOf'> {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length <= MOST_CLASSES)
    return { classes: sorted.map(String), labelOf: (i) => sorted.indexOf(values[i]!) };
  const limit =
    sorted[0]! < 0 && sorted.at(-1)! > 0 ? 0 : [...values].sort((a, b) => a - b)[values.length >> 1]!;
  return { classes: [`below ${limit}`, `from ${limit}`], labelOf: (i) => Number(values[i]! >= limit) };
}

/** With labels shuffled, those of the class among the images of each person: nothing is left to be read but chance. */
export function controlOf(question: Question, seed: number): Question {
  const groups = new Map<string, number[]>();
  for (const i of [...question.split.train, ...question.split.test]) {
    const key = question.within(i);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const labels = new Map<number, number>();
  for (const [key, own] of groups) {
    const drawn = random('control', seed, question.name, key).shuffle(own.slice());
    own.forEach((i, k) => labels.set(i, question.labelOf(drawn[k]!)));
  }
  return { ...question, labelOf: (i) => labels.get(i)! };
}

/** What one is right in who always names the class that is most frequent among the images learned from. */
export function chanceOf({ classes, labelOf, split }: Question): number {
  const counts = classes.map(() => 0);
  for (const i of split.train) counts[labelOf(i)]! += 1;
  const usual = counts.indexOf(Math.max(...counts));
  return split.test.reduce((n, i) => n + Number(labelOf(i) === usual), 0) / split.test.length;
}
