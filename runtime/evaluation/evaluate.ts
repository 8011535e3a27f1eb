/** @file Judges a trained model on samples: its decisions, what they are worth, and how sure one can be of that. */
import type { ModelIR } from '../../compiler/model/ir.js';
import { bootstrapByPeople, type Interval } from './bootstrap.js';
import { measure, type Metrics } from './metrics.js';
import { decide, type EvaluationInput, type Score } from './predict.js';

/** One decision, by what it was about. */
export interface Decision {
  /** The id of the sample. */
  readonly sample: string;
  readonly subject: string;
  readonly label: number;
  readonly predicted: number;
}

export interface Judgement extends Metrics {
  /** 95 %, of the accuracy, over people. */
  readonly interval: Interval;
  readonly people: number;
}

/** The class label that the model predicts first; undefined if it predicts none. */
export function judgedLabel(model: ModelIR): string | undefined {
  const isClass = (name: string | null): boolean =>
    model.labels.some((l) => l.name === name && l.kind === 'class');
  return model.predictions.find((p) => isClass(p.label))?.label ?? undefined;
}

/** Decisions on `input.indices`, one per sample or per crop as `score` says. Throws EngineError and DataError. */
export function decisions(input: EvaluationInput, label: string, score: Score): Decision[] {
  const { samples, predicted, labels } = decide(input, label, score);
  return Array.from(samples, (sample, i) => {
    const { id, subject } = input.dataset.samples[sample]!;
    return { sample: id, subject, label: labels[i]!, predicted: predicted[i]! };
  });
}

/** What a trained model is worth on `input.indices`. Throws EngineError, DataError, and RangeError if the model predicts no class. */
export function evaluate(input: EvaluationInput, score: Score = PER_IMAGE): Judgement {
  const label = judgedLabel(input.model);
  if (label === undefined) throw new RangeError(`the model ${input.model.name} predicts no class label`);
  return judge(decisions(input, label, score), input.dataset.classes);
}

const PER_IMAGE: Score = { kind: 'image', crops: 'mean', frames: 'mean' };

export function judge(made: readonly Decision[], classes: readonly string[]): Judgement {
  const metrics = measure(
    made.map((d) => d.label),
    made.map((d) => d.predicted),
    classes,
  );
  const subjects = made.map((d) => d.subject);
  const interval = bootstrapByPeople(
    made.map((d) => Number(d.label === d.predicted)),
    subjects,
  );
  return { ...metrics, interval, people: new Set(subjects).size };
}
