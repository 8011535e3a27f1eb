/**
 * @file What probes are asked of features: the class, the person, a number known of each image; and the same with labels that have changed places,
 * which tells what is learned by heart (the control task of Hewitt and Liang 2019).
 */
import type { Dataset, Field } from '../data/dataset.js';
import type { Split } from '../data/folds.js';
import { random } from '../data/random.js';
import { halves, type About } from './probe-study.js';

/** What is to be read, from which images it is learned, and on which it is judged. */
export interface Question extends About {
  readonly name: string;
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

/** Among the people held out, learned from half of their images. */
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

/** The two sides of 0, or 0 and anything above it, of a number that each image has; learned and judged as the class is. */
export function signQuestion({ samples }: Dataset, split: Split, { name, values }: Field): Question {
  return {
    name,
    classes: ['no', 'yes'],
    labelOf: (i) => Number(values[i]! > 0),
    unitOf: (i) => samples[i]!.subject,
    within: (i) => samples[i]!.subject,
    split,
  };
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
