/**
 * @file What a fresh linear classifier reads from features about the class and about the person. A network's own adversary at chance is no
 * evidence that its features hide something; a probe trained afterwards is.
 */
import type { Dataset } from '../data/dataset.js';
import type { Split } from '../data/folds.js';
import type { Engine } from '../engines/engine.js';
import type { Decision } from './evaluate.js';
import type { Rows } from './predict.js';
import { probe, type ProbeOptions } from './probe.js';

/** Features of some samples, one row each. */
export type FeaturesOf = (indices: Int32Array) => Rows;

/** The class: learned from the people trained on, judged on the people held out. */
export function probeClass(engine: Engine, dataset: Dataset, split: Split, features: FeaturesOf): Decision[] {
  const { samples, classes } = dataset;
  const about = {
    classes,
    labelOf: (i: number) => samples[i]!.label,
    unitOf: (i: number) => samples[i]!.subject,
  };
  return probed(engine, dataset, split, features, about);
}

/** The person: among those held out, learned from every other image of each person and class (of each person, with one image a class). */
export function probePerson(
  engine: Engine,
  dataset: Dataset,
  split: Split,
  features: FeaturesOf,
): Decision[] {
  const { samples } = dataset;
  const people = [...new Set(Array.from(split.test, (i) => samples[i]!.subject))];
  const about = {
    classes: people,
    labelOf: (i: number) => people.indexOf(samples[i]!.subject),
    unitOf: (i: number) => samples[i]!.id,
  };
  return probed(engine, dataset, halves(dataset, split.test), features, about);
}

/** Every other image of each person and class to learn from; of each person, where there is one image a class. */
export function halves({ samples }: Dataset, indices: Int32Array): Split {
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

/** What is to be read. */
export interface About {
  readonly classes: readonly string[];
  readonly labelOf: (sample: number) => number;
  /** What is not split while the penalty is chosen. */
  readonly unitOf: (sample: number) => string;
}

export function probed(
  engine: Engine,
  { samples }: Dataset,
  { train, test }: Split,
  features: FeaturesOf,
  { classes, labelOf, unitOf }: About,
  options: Pick<ProbeOptions, 'hidden' | 'penalties'> = {},
): Decision[] {
  const { predicted } = probe(
    {
      rows: features(train),
      labels: Array.from(train, labelOf),
      units: Array.from(train, unitOf),
    },
    features(test),
    { engine, classes: classes.length, ...options },
  );
  return Array.from(test, (i, k): Decision => {
    const { id, subject } = samples[i]!;
    return { sample: id, subject, label: labelOf(i), predicted: predicted[k]! };
  });
}
