/**
 * @file Linear probes: how much of something a linear classifier finds in features (Alain and Bengio 2017). Softmax regression with an L2
 * penalty on standardised features, fitted to convergence by L-BFGS; the penalty is the one that does best on training people left out.
 */
import type { Engine, Tensor } from '../engines/engine.js';
import { minimise } from './lbfgs.js';
import type { Rows } from './predict.js';

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
}

export interface ProbeResult {
  /** Class per test row. */
  readonly predicted: Int32Array;
  readonly penalty: number;
}

const PENALTIES = [1, 0.1, 0.01, 0.001];
/** One unit in four is left out while the penalty is chosen. */
const LEFT_OUT = 4;

/** Deterministic. `test` has the features of `train`. */
export function probe(
  train: ProbeData,
  test: Rows,
  { engine, classes, penalties = PENALTIES }: ProbeOptions,
): ProbeResult {
  const scale = standardisation(train.rows);
  const rows = standardise(train.rows, scale);
  const labels = Int32Array.from(train.labels);
  const penalty =
    penalties.length === 1
      ? penalties[0]!
      : choosePenalty(engine, rows, labels, train.units, classes, penalties);
  const weights = fit(engine, rows, labels, classes, penalty);
  return { predicted: classify(engine, standardise(test, scale), weights, classes), penalty };
}

function choosePenalty(
  engine: Engine,
  rows: Rows,
  labels: Int32Array,
  units: readonly string[],
  classes: number,
  penalties: readonly number[],
): number {
  const order = [...new Set(units)].sort();
  const held = new Set(order.filter((_, i) => i % LEFT_OUT === 0));
  const kept = units.flatMap((unit, i) => (held.has(unit) ? [] : [i]));
  const left = units.flatMap((unit, i) => (held.has(unit) ? [i] : []));
  const [x, y, other, truth] = [
    select(rows, kept),
    pick(labels, kept),
    select(rows, left),
    pick(labels, left),
  ];
  // From strong to weak, each fit starting from the one before; ties go to the stronger.
  let best = { penalty: NaN, hits: -1 };
  let weights: Float64Array | undefined;
  for (const penalty of penalties.toSorted((a, b) => b - a)) {
    weights = fit(engine, x, y, classes, penalty, weights);
    const hits = classify(engine, other, weights, classes).reduce((n, c, i) => n + Number(c === truth[i]), 0);
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

/** Weights [width + 1, classes]; the last row is the bias, without penalty. Mean log-loss + penalty |W|²/2. */
function fit(
  engine: Engine,
  x: Rows,
  labels: Int32Array,
  classes: number,
  penalty: number,
  start?: Float64Array,
): Float64Array {
  const design = new Design(engine, x, classes);
  const n = labels.length;
  const penalised = classes * x.width;
  const objective = (weights: Float64Array, gradient: Float64Array): number => {
    const errors = design.scores(weights);
    let loss = 0;
    for (let row = 0; row < n; row++)
      loss += logLoss(errors.subarray(row * classes, (row + 1) * classes), labels[row]!) / n;
    gradient.set(design.pull(errors));
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= n;
    for (let i = 0; i < penalised; i++) {
      loss += (penalty / 2) * weights[i]! ** 2;
      gradient[i]! += penalty * weights[i]!;
    }
    return loss;
  };
  try {
    return minimise(objective, start ?? new Float64Array(penalised + classes), {
      iterations: 300,
      tolerance: 1e-4,
    });
  } finally {
    design.close();
  }
}

/** Returns -log p of `label` and turns the scores into p - y. */
function logLoss(z: Float32Array, label: number): number {
  const top = z.reduce((a, b) => Math.max(a, b));
  const target = z[label]! - top;
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += z[c] = Math.exp(z[c]! - top);
  for (let c = 0; c < z.length; c++) z[c]! /= sum;
  z[label]! -= 1;
  return Math.log(sum) - target;
}

/** The features with a column of ones, on an engine that multiplies fast: X W and Xᵀ E. */
class Design {
  readonly #rows: number;
  readonly #columns: number;
  readonly #x: Tensor;
  readonly #transposed: Tensor;

  constructor(
    readonly engine: Engine,
    { data, width }: Rows,
    readonly classes: number,
  ) {
    const rows = data.length / width;
    const columns = width + 1;
    const x = new Float32Array(rows * columns).fill(1);
    const transposed = new Float32Array(rows * columns).fill(1);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < width; c++) x[r * columns + c] = transposed[c * rows + r] = data[r * width + c]!;
    }
    this.#rows = rows;
    this.#columns = columns;
    this.#x = engine.upload(x, [1, rows, columns]);
    this.#transposed = engine.upload(transposed, [1, columns, rows]);
  }

  scores(weights: Float64Array): Float32Array {
    return this.#product(this.#x, Float32Array.from(weights), this.#columns, this.#rows);
  }

  pull(errors: Float32Array): Float32Array {
    return this.#product(this.#transposed, errors, this.#rows, this.#columns);
  }

  close(): void {
    this.engine.free(this.#x);
    this.engine.free(this.#transposed);
  }

  #product(a: Tensor, right: Float32Array, inner: number, outer: number): Float32Array {
    const b = this.engine.upload(right, [1, inner, this.classes]);
    const output = { shape: [1, outer, this.classes], dtype: 'f32' } as const;
    const result = this.engine.run('BatchMatMul', { a, b }, { transposeA: false, transposeB: false }, output);
    const numbers = this.engine.download(result) as Float32Array;
    this.engine.free(b);
    this.engine.free(result);
    return numbers;
  }
}

function classify(engine: Engine, x: Rows, weights: Float64Array, classes: number): Int32Array {
  const design = new Design(engine, x, classes);
  const all = design.scores(weights);
  design.close();
  return Int32Array.from({ length: x.data.length / x.width }, (_, row) => {
    const z = all.subarray(row * classes, (row + 1) * classes);
    return z.indexOf(z.reduce((a, b) => Math.max(a, b)));
  });
}
