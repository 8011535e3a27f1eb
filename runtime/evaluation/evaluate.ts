/** @file Judges a trained model on samples: its decisions, what they are worth, and how sure one can be of that. */
import type { ModelIR } from '../../compiler/model/ir.js';
import { bootstrapByPeople, bootstrapDifference, type Interval } from './bootstrap.js';
import { measure, type Metrics } from './metrics.js';
import { decide, type EvaluationInput, type Score } from './predict.js';

/** One decision, by what it was about. */
export interface Decision {
  /** The id of the sample, or the name of the sequence. */
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

/** Decisions on `input.indices`, one per sample, crop or sequence as `score` says. Throws EngineError, DataError, and the reason of `signal`. */
export async function decisions(
  input: EvaluationInput,
  label: string,
  score: Score,
  signal?: AbortSignal,
): Promise<Decision[]> {
  const { samples, predicted, labels } = await decide(input, label, score, signal);
  return Array.from(samples, (sample, i) => {
    const { id, sequence, subject } = input.dataset.samples[sample]!;
    return {
      sample: score.kind === 'sequence' ? sequence : id,
      subject,
      label: labels[i]!,
      predicted: predicted[i]!,
    };
  });
}

/** What a trained model is worth on `input.indices`. Throws EngineError, DataError, and RangeError if the model predicts no class. */
export async function evaluate(input: EvaluationInput, score: Score = PER_IMAGE): Promise<Judgement> {
  const label = judgedLabel(input.model);
  if (label === undefined) throw new RangeError(`the model ${input.model.name} predicts no class label`);
  return judge(await decisions(input, label, score), input.dataset.classes);
}

const PER_IMAGE: Score = { kind: 'image', crops: 'mean', frames: 'mean' };

export function judge(made: readonly Decision[], classes: readonly string[]): Judgement {
  const metrics = measure(
    made.map((d) => d.label),
    made.map((d) => d.predicted),
    classes,
  );
  const { interval, people } = accuracyOf(made);
  return { ...metrics, interval, people };
}

/** The share of right decisions, and how sure one can be of it. */
export interface Accuracy {
  readonly accuracy: number;
  /** 95 %, over people. */
  readonly interval: Interval;
  readonly n: number;
  readonly people: number;
}

export function accuracyOf(made: readonly Decision[]): Accuracy {
  const hits = made.map(hit);
  const subjects = made.map((d) => d.subject);
  return {
    accuracy: hits.reduce((a, b) => a + b, 0) / made.length,
    interval: bootstrapByPeople(hits, subjects),
    n: made.length,
    people: new Set(subjects).size,
  };
}

/** How much more often a is right than b on the same samples. Throws RangeError if they decided about different ones. */
export function difference(
  a: readonly Decision[],
  b: readonly Decision[],
): { readonly by: number; readonly interval: Interval } {
  const other = new Map(b.map((d) => [d.sample, d]));
  if (other.size !== b.length || a.length !== b.length || a.some((d) => !other.has(d.sample)))
    throw new RangeError('only decisions on the same samples, one each, can be compared');
  const [first, second] = [a.map(hit), a.map((d) => hit(other.get(d.sample)!))];
  const by = first.reduce((sum, h, i) => sum + h - second[i]!, 0) / a.length;
  return {
    by,
    interval: bootstrapDifference(
      first,
      second,
      a.map((d) => d.subject),
    ),
  };
}

const hit = ({ label, predicted }: Decision): number => Number(label === predicted);
