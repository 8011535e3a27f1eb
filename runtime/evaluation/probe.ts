/**
 * @file Probes: how much of something a fresh classifier finds in features (Alain and Bengio 2017). Softmax regression, or a network with one
 * hidden layer, with an L2 penalty on standardised features, fitted by L-BFGS; the penalty is the one that does best on training people left out.
 */
import type { Engine } from '../engines/engine.js';
import type { Rows } from './predict.js';
import { classifyHidden, fitHidden } from './hidden-layer.js';
import { spanOf, type Span } from './span.js';
import { classify, fit } from './regression.js';

export interface ProbeData {
  readonly rows: Rows;
  /** Class index per row. */
  readonly labels: ArrayLike<number>;
  /** What must not be split when the penalty is chosen (people, say); one name per row. */
  readonly units: readonly string[];
}

export interface ProbeOptions {
  /** Where the matrix products run. */
  readonly engine: Engine;
  readonly classes: number;
  /** Weights of |W|²/2 against the mean log-loss to choose from, in any order. */
  readonly penalties?: readonly number[];
  /** Units of a hidden layer (default: none, a linear probe). */
  readonly hidden?: number;
}

export interface ProbeResult {
  /** Class per test row. */
  readonly predicted: Int32Array;
  readonly penalty: number;
}

const PENALTIES = [1, 0.1, 0.01, 1e-3, 1e-4];
/** Stronger ones leave a hidden layer nothing. */
const HIDDEN_PENALTIES = [0.03, 0.01, 3e-3, 1e-3];
/** One unit in four is left out while the penalty is chosen. */
const LEFT_OUT = 4;

/** Deterministic. `test` has the features of `train`. With a single unit nothing can be left out: the strongest penalty is taken. */
export function probe(
  train: ProbeData,
  test: Rows,
  { engine, classes, hidden = 0, penalties = hidden > 0 ? HIDDEN_PENALTIES : PENALTIES }: ProbeOptions,
): ProbeResult {
  const scale = standardisation(train.rows);
  const { width } = train.rows;
  const kind = hidden > 0 ? withHiddenLayer(engine, classes, hidden, width) : linear(engine, classes);
  const { rows, project } = spanned(standardise(train.rows, scale), train.labels.length);
  const labels = Int32Array.from(train.labels);
  const penalty =
    penalties.length === 1 ? penalties[0]! : choosePenalty(kind, rows, labels, train.units, penalties);
  const weights = kind.fit(rows, labels, penalty);
  return { predicted: kind.classify(project(standardise(test, scale)), weights), penalty };
}

/** Where they are this many times more than rows, features are fitted in the span of the rows. */
const WIDE = 2;

const spanned = (rows: Rows, n: number): Span =>
  rows.width >= WIDE * n ? spanOf(rows) : { rows, project: (others) => others };

/** A kind of classifier. */
interface Kind {
  readonly fit: (rows: Rows, labels: Int32Array, penalty: number, start?: Float64Array) => Float64Array;
  readonly classify: (rows: Rows, weights: Float64Array) => Int32Array;
}

const linear = (engine: Engine, classes: number): Kind => ({
  fit: (rows, labels, penalty, start) => fit(engine, rows, labels, classes, penalty, start),
  classify: (rows, weights) => classify(engine, rows, weights, classes),
});

/** Always from the same fresh weights: those that a stronger penalty has made small are a bad start. */
const withHiddenLayer = (engine: Engine, classes: number, hidden: number, inputs: number): Kind => ({
  fit: (rows, labels, penalty) => fitHidden(engine, rows, labels, { classes, hidden, penalty, inputs }),
  classify: (rows, weights) => classifyHidden(engine, rows, weights, { classes, hidden }),
});

function choosePenalty(
  kind: Kind,
  rows: Rows,
  labels: Int32Array,
  units: readonly string[],
  penalties: readonly number[],
): number {
  const order = [...new Set(units)].sort();
  if (order.length < 2) return Math.max(...penalties);
  const held = new Set(order.filter((_, i) => i % LEFT_OUT === 0));
  const kept = units.flatMap((unit, i) => (held.has(unit) ? [] : [i]));
  const left = units.flatMap((unit, i) => (held.has(unit) ? [i] : []));
  const [x, y, other, truth] = [
    select(rows, kept),
    pick(labels, kept),
    select(rows, left),
    pick(labels, left),
  ];
  // From strong to weak, each linear fit starting from the one before; ties go to the stronger.
  let best = { penalty: NaN, hits: -1 };
  let weights: Float64Array | undefined;
  for (const penalty of penalties.toSorted((a, b) => b - a)) {
    weights = kind.fit(x, y, penalty, weights);
    const hits = kind.classify(other, weights).reduce((n, c, i) => n + Number(c === truth[i]), 0);
    if (hits > best.hits) best = { penalty, hits };
  }
  return best.penalty;
}

const pick = (labels: Int32Array, which: readonly number[]): Int32Array =>
  Int32Array.from(which, (i) => labels[i]!);

function select({ data, width }: Rows, which: readonly number[]): Rows {
  const result = new Float32Array(which.length * width);
  which.forEach((row, i) => result.set(data.subarray(row * width, (row + 1) * width), i * width));
  return { data: result, width };
}

interface Scale {
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

/** Features that never change are left out (inverse 0). */
function standardisation({ data, width }: Rows): Scale {
  const n = data.length / width;
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += data[i]! / n;
  for (let i = 0; i < data.length; i++) variance[i % width]! += (data[i]! - mean[i % width]!) ** 2 / n;
  return { mean, inverse: variance.map((v) => (v > 1e-12 ? 1 / Math.sqrt(v) : 0)) };
}

function standardise({ data, width }: Rows, { mean, inverse }: Scale): Rows {
  return { width, data: data.map((v, i) => (v - mean[i % width]!) * inverse[i % width]!) };
}
