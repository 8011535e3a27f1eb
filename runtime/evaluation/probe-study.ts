/**
 * @file What a fresh classifier reads from features. A network's own adversary at chance is no evidence that its features hide something; a probe
 * trained afterwards is.
 */
import type { Dataset } from '../data/dataset.js';
import type { Split } from '../data/folds.js';
import type { Engine } from '../engines/engine.js';
import type { Decision } from './evaluate.js';
import type { Rows } from './predict.js';
import { probe, type ProbeOptions } from './probe.js';
import { classQuestion, personQuestion, type Question } from './questions.js';

/** Features of some samples, one row each. */
export type FeaturesOf = (indices: Int32Array) => Rows;

/** Units of a probe with a hidden layer. */
export const HIDDEN_UNITS = 32;

export const probeClass = (
  engine: Engine,
  dataset: Dataset,
  split: Split,
  features: FeaturesOf,
): Decision[] => probed(engine, dataset, features, classQuestion('class', dataset, split));

export const probePerson = (
  engine: Engine,
  dataset: Dataset,
  split: Split,
  features: FeaturesOf,
): Decision[] => probed(engine, dataset, features, personQuestion('person', dataset, split));

/** What is decided about the images that the question is judged on. */
export function probed(
  engine: Engine,
  { samples }: Dataset,
  features: FeaturesOf,
  { classes, labelOf, unitOf, split: { train, test } }: Question,
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
