/** @file Runs the evaluation graph over samples: probabilities per class, fused over the views of a sample, or the features of declared values. */
import type { DataIR, ExperimentIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { compileEvaluation } from '../../compiler/program.js';
import { finalScalars } from '../../compiler/scalar/evaluate.js';
import { evaluationBatches, inputsOf, viewsPerSample } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { bySequence } from '../data/sequences.js';
import type { Engine } from '../engines/engine.js';
import { Executor } from '../engines/executor.js';
import type { Parameters } from '../parameters/initialise.js';

export interface EvaluationInput {
  readonly engine: Engine;
  readonly model: ModelIR;
  readonly parameters: Parameters;
  readonly dataset: Dataset;
  /** The samples to look at. */
  readonly indices: Int32Array;
  readonly data: DataIR;
}

/** Rows of equal length, one after another. */
export interface Rows {
  readonly data: Float32Array;
  readonly width: number;
}

export type Score = ExperimentIR['score'];

/** One decision per sample (`image`), per view (`crop`), or per sequence of samples (`sequence`). */
export interface Decisions {
  /** The sample of each decision; of a sequence, its first. */
  readonly samples: Int32Array;
  readonly predicted: Int32Array;
  readonly labels: Int32Array;
}

/** Decisions for a class label. Ties go to the lowest index. Throws the reason of `signal` after the batch at hand. */
export async function decide(
  given: EvaluationInput,
  label: string,
  score: Score,
  signal?: AbortSignal,
): Promise<Decisions> {
  const input = score.crops === 'center' ? inTheCentre(given) : given;
  const classes = input.model.labels.find((l) => l.name === label)!.classes.length;
  const views = viewsPerSample(input.data, input.dataset);
  const predicting = evaluationOf(input, [{ role: 'predict', name: label }]);
  const rows = perClass((await inTurns(predicting, signal)).get(label)!, classes);
  if (score.kind === 'sequence') return decideSequences(input, rows.data, classes, views, score);
  const perDecision = score.kind === 'crop' ? 1 : views;
  const count = rows.data.length / classes / perDecision;
  const predicted = new Int32Array(count);
  const samples = new Int32Array(count);
  for (let d = 0; d < count; d++) {
    const own = rows.data.subarray(d * perDecision * classes, (d + 1) * perDecision * classes);
    predicted[d] = highest(fuse(own, classes, score.crops));
    samples[d] = input.indices[Math.floor((d * perDecision) / views)]!;
  }
  const labels = samples.map((s) => input.dataset.samples[s]!.label);
  return { samples, predicted, labels };
}

/** The views of each frame are fused first, then the frames. */
function decideSequences(
  { dataset, indices }: EvaluationInput,
  rows: Float32Array,
  classes: number,
  views: number,
  score: Score,
): Decisions {
  const size = views * classes;
  const ofFrame = (position: number): Float64Array =>
    fuse(rows.subarray(position * size, (position + 1) * size), classes, score.crops);
  const sequences = bySequence(dataset, indices);
  const predicted = sequences.map((positions) => {
    const frames = Float64Array.from(positions.flatMap((position) => [...ofFrame(position)]));
    return highest(fuse(frames, classes, score.frames));
  });
  const samples = Int32Array.from(sequences, ([first]) => indices[first!]!);
  return {
    samples,
    predicted: Int32Array.from(predicted),
    labels: samples.map((s) => dataset.samples[s]!.label),
  };
}

/** With the centre as the only view. */
function inTheCentre(input: EvaluationInput): EvaluationInput {
  const { crops } = input.data;
  return { ...input, data: { ...input.data, crops: crops && { ...crops, kind: 'center' } } };
}

/** A probability of class 1 alone becomes a row of two. */
function perClass(rows: Rows, classes: number): Rows {
  if (rows.width === classes) return rows;
  return {
    width: 2,
    data: Float32Array.from({ length: 2 * rows.data.length }, (_, i) =>
      i % 2 === 1 ? rows.data[i >> 1]! : 1 - rows.data[i >> 1]!,
    ),
  };
}

function fuse(rows: Float32Array | Float64Array, classes: number, how: Score['crops']): Float64Array {
  const sum = new Float64Array(classes);
  for (let start = 0; start < rows.length; start += classes) {
    const row = rows.subarray(start, start + classes);
    if (how === 'vote') sum[highest(row)]! += 1;
    else row.forEach((p, c) => (sum[c]! += p));
  }
  return sum;
}

function highest(row: ArrayLike<number>): number {
  let best = 0;
  for (let c = 1; c < row.length; c++) if (row[c]! > row[best]!) best = c;
  return best;
}

/** Declared values as features, the mean over the views of each sample. */
export function features(input: EvaluationInput, values: readonly string[]): Map<string, Rows> {
  const views = viewsPerSample(input.data, input.dataset);
  const all = atOnce(
    evaluationOf(
      input,
      values.map((name) => ({ role: 'value', name })),
    ),
  );
  return new Map([...all].map(([name, rows]) => [name, meanOfViews(rows, views)]));
}

export function meanOfViews({ data, width }: Rows, views: number): Rows {
  const result = new Float32Array(data.length / views);
  for (let i = 0; i < result.length; i++) {
    const start = Math.floor(i / width) * views * width + (i % width);
    let sum = 0;
    for (let v = 0; v < views; v++) sum += data[start + v * width]!;
    result[i] = sum / views;
  }
  return { data: result, width };
}

interface Wanted {
  readonly role: 'predict' | 'value';
  readonly name: string;
}

const EVALUATION_BATCH = 64;

/** Stops after each batch; returns the rows by name. */
type Evaluation = Generator<void, Map<string, Rows>, void>;

function atOnce(evaluation: Evaluation): Map<string, Rows> {
  for (;;) {
    const { done, value } = evaluation.next();
    if (done) return value;
  }
}

/** Lets signals and timers be heard between batches. */
async function inTurns(evaluation: Evaluation, signal?: AbortSignal): Promise<Map<string, Rows>> {
  try {
    for (;;) {
      const { done, value } = evaluation.next();
      if (done) return value;
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
  } finally {
    // Ends it where it stands, so that it gives its memory back.
    evaluation.return(new Map());
  }
}

function* evaluationOf(
  { engine, model, parameters, dataset, indices, data }: EvaluationInput,
  wanted: readonly Wanted[],
): Evaluation {
  const values = wanted.filter((w) => w.role === 'value').map((w) => w.name);
  const full = compileEvaluation(model, { values });
  const graph = {
    ...full,
    outputs: full.outputs.filter((o) => wanted.some((w) => w.role === o.role && w.name === o.name)),
  };
  const executor = new Executor(engine, makePlan(graph, engine.target));
  const state = engine.uploadAll(parameters);
  const parts = new Map<string, Float32Array[]>(wanted.map((w) => [w.name, []]));
  const widths = new Map<string, number>();
  try {
    for (const batch of evaluationBatches(dataset, indices, data, EVALUATION_BATCH)) {
      const feeds = engine.uploadAll(inputsOf(model, batch));
      const held = [...feeds.values()];
      try {
        const results = executor.run({
          batch: batch.n,
          feeds,
          state,
          slots: new Map(),
          scalars: finalScalars(model),
        });
        held.push(...results.values());
        for (const { role, name } of wanted) {
          const numbers = Float32Array.from(engine.view(results.get(`${role}:${name}`)!));
          parts.get(name)!.push(numbers);
          widths.set(name, numbers.length / batch.n);
        }
      } finally {
        for (const tensor of held) engine.free(tensor);
      }
      yield;
    }
  } finally {
    for (const tensor of state.values()) engine.free(tensor);
  }
  return new Map(
    wanted.map(({ name }) => [name, { data: joined(parts.get(name)!), width: widths.get(name) ?? 0 }]),
  );
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
