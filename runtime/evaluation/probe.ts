/**
 * @file Linear probes: how much of something a linear classifier finds in features. Multinomial logistic regression with an L2 penalty
 * on standardised features, by full-batch gradient steps with momentum (Nesterov 1983) and a step size from the curvature bound.
 */
import type { Rows } from './predict.js';

export interface ProbeData {
  readonly rows: Rows;
  /** Class index per row. */
  readonly labels: ArrayLike<number>;
}

export interface ProbeOptions {
  readonly classes: number;
  /** Weight of |W|²/2 against the mean log-loss (default: 1e-3). */
  readonly penalty?: number;
  /** Default: 300. */
  readonly steps?: number;
}

/** Predicted class per row of `test`, by a probe fitted on `train`. Deterministic. */
export function probe(train: ProbeData, test: Rows, { classes, penalty = 1e-3, steps = 300 }: ProbeOptions): Int32Array {
  const scale = standardisation(train.rows);
  const x = standardise(train.rows, scale);
  const n = train.labels.length;
  const d = x.width + 1;
  let weights = new Float64Array(d * classes);
  let ahead = weights.slice();
  const rate = 1 / (0.5 * meanSquareNorm(x) + penalty);
  for (let step = 0; step < steps; step++) {
    const gradient = gradientAt(x, train.labels, ahead, classes, penalty, n);
    const next = ahead.map((w, i) => w - rate * gradient[i]!);
    const momentum = step / (step + 3);
    ahead = next.map((w, i) => w + momentum * (w - weights[i]!));
    weights = next;
  }
  return classify(standardise(test, scale), weights, classes);
}

interface Scale {
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

/** Features that never change are left out (inverse 0). */
function standardisation({ data, width }: Rows): Scale {
  const n = data.length / width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += data[i]! / n;
  for (let i = 0; i < data.length; i++) square[i % width]! += (data[i]! - mean[i % width]!) ** 2 / n;
  return { mean, inverse: square.map((v) => (v > 1e-12 ? 1 / Math.sqrt(v) : 0)) };
}

function standardise({ data, width }: Rows, { mean, inverse }: Scale): Rows {
  return { width, data: data.map((v, i) => (v - mean[i % width]!) * inverse[i % width]!) };
}

/** The bound on the curvature: half the largest eigenvalue of the second moments, here by power iteration on them. */
function meanSquareNorm({ data, width }: Rows): number {
  const n = data.length / width;
  let v = new Float64Array(width + 1).fill(1);
  let value = 1;
  for (let iteration = 0; iteration < 20; iteration++) {
    const next = new Float64Array(width + 1);
    for (let r = 0; r < n; r++) {
      let dot = v[width]!;
      for (let j = 0; j < width; j++) dot += data[r * width + j]! * v[j]!;
      for (let j = 0; j < width; j++) next[j]! += (dot * data[r * width + j]!) / n;
      next[width]! += dot / n;
    }
    value = Math.sqrt(next.reduce((s, x) => s + x * x, 0));
    v = next.map((x) => x / value);
  }
  // Power iteration approaches from below.
  return 1.1 * value;
}

/** Scores of one row; the last weight of each class is its bias. */
function scores({ data, width }: Rows, row: number, weights: Float64Array, classes: number, into: Float64Array): void {
  into.set(weights.subarray(width * classes));
  for (let j = 0; j < width; j++) {
    const value = data[row * width + j]!;
    const base = j * classes;
    for (let c = 0; c < classes; c++) into[c]! += value * weights[base + c]!;
  }
}

function gradientAt(x: Rows, labels: ArrayLike<number>, weights: Float64Array, classes: number, penalty: number, n: number): Float64Array {
  const { data, width } = x;
  const gradient = new Float64Array(weights.length);
  const z = new Float64Array(classes);
  for (let r = 0; r < n; r++) {
    scores(x, r, weights, classes, z);
    const top = z.reduce((a, b) => Math.max(a, b));
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += z[c] = Math.exp(z[c]! - top);
    for (let c = 0; c < classes; c++) z[c] = (z[c]! / sum - (labels[r] === c ? 1 : 0)) / n;
    for (let j = 0; j < width; j++) {
      const value = data[r * width + j]!;
      const base = j * classes;
      for (let c = 0; c < classes; c++) gradient[base + c]! += value * z[c]!;
    }
    for (let c = 0; c < classes; c++) gradient[width * classes + c]! += z[c]!;
  }
  for (let i = 0; i < width * classes; i++) gradient[i]! += penalty * weights[i]!;
  return gradient;
}

function classify(x: Rows, weights: Float64Array, classes: number): Int32Array {
  const z = new Float64Array(classes);
  return Int32Array.from({ length: x.data.length / x.width }, (_, r) => {
    scores(x, r, weights, classes, z);
    let best = 0;
    for (let c = 1; c < classes; c++) if (z[c]! > z[best]!) best = c;
    return best;
  });
}
