/** @file Softmax regression with an L2 penalty on an engine's matrix products. */
import type { Engine, Tensor } from '../engines/engine.js';
import { minimise, type Objective } from './lbfgs.js';
import type { Rows } from './predict.js';

/** Weights [width + 1, classes] of the least penalised loss; the last row is the bias. */
export function fit(
  engine: Engine,
  x: Rows,
  labels: Int32Array,
  classes: number,
  penalty: number,
  start?: Float64Array,
): Float64Array {
  const design = new Design(engine, x, classes);
  try {
    return minimise(
      penalisedLoss(design, labels, penalty),
      start ?? new Float64Array((x.width + 1) * classes),
      {
        iterations: 300,
        tolerance: 1e-4,
      },
    );
  } finally {
    design.close();
  }
}

/** Mean log-loss + penalty |W|²/2, without the bias in the penalty. */
export function penalisedLoss(design: Design, labels: Int32Array, penalty: number): Objective {
  const { classes } = design;
  const n = labels.length;
  return (weights, gradient) => {
    const errors = design.scores(weights);
    let loss = logLoss(errors, labels, classes);
    gradient.set(design.pull(errors));
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= n;
    for (let i = 0; i < weights.length - classes; i++) {
      loss += (penalty / 2) * weights[i]! ** 2;
      gradient[i]! += penalty * weights[i]!;
    }
    return loss;
  };
}

/** Returns the mean of -log p of the labels, and turns the scores into p - y. */
export function logLoss(z: Float32Array, labels: Int32Array, classes: number): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes;
    const end = start + classes;
    let top = -Infinity;
    for (let i = start; i < end; i++) top = Math.max(top, z[i]!);
    const target = z[start + labels[row]!]! - top;
    let sum = 0;
    for (let i = start; i < end; i++) sum += z[i] = Math.exp(z[i]! - top);
    for (let i = start; i < end; i++) z[i]! /= sum;
    z[start + labels[row]!]! -= 1;
    loss += Math.log(sum) - target;
  }
  return loss / labels.length;
}

/** The features with a column of ones, on an engine that multiplies fast: X W and Xᵀ E. */
export class Design {
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
    const uploaded = engine.uploadAll([
      ['x', { data: x, shape: [1, rows, columns] }],
      ['transposed', { data: transposed, shape: [1, columns, rows] }],
    ]);
    this.#x = uploaded.get('x')!;
    this.#transposed = uploaded.get('transposed')!;
  }

  scores(weights: Float64Array): Float32Array {
    return this.#downloaded(this.scoresThere(weights));
  }

  /** The same, left on the engine: the caller's to free. */
  scoresThere(weights: Float64Array): Tensor {
    return this.#product(this.#x, Float32Array.from(weights), this.#columns, this.#rows);
  }

  /** Errors may be on the engine already, [1, rows, classes]; they stay there. */
  pull(errors: Float32Array | Tensor): Float32Array {
    return this.#downloaded(this.#product(this.#transposed, errors, this.#rows, this.#columns));
  }

  close(): void {
    this.engine.free(this.#x);
    this.engine.free(this.#transposed);
  }

  #product(a: Tensor, right: Float32Array | Tensor, inner: number, outer: number): Tensor {
    const own =
      right instanceof Float32Array ? this.engine.upload(right, [1, inner, this.classes]) : undefined;
    const output = { shape: [1, outer, this.classes], dtype: 'f32' } as const;
    try {
      return this.engine.run(
        'BatchMatMul',
        { a, b: own ?? (right as Tensor) },
        { transposeA: false, transposeB: false },
        output,
      );
    } finally {
      if (own) this.engine.free(own);
    }
  }

  #downloaded(tensor: Tensor): Float32Array {
    const numbers = this.engine.download(tensor) as Float32Array;
    this.engine.free(tensor);
    return numbers;
  }
}

/** The class with the highest score per row; ties go to the lowest. */
export function classify(engine: Engine, x: Rows, weights: Float64Array, classes: number): Int32Array {
  const design = new Design(engine, x, classes);
  try {
    return highest(design.scores(weights), classes);
  } finally {
    design.close();
  }
}

/** Of each row; ties go to the lowest. */
export function highest(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    const z = scores.subarray(row * classes, (row + 1) * classes);
    return z.indexOf(z.reduce((a, b) => Math.max(a, b)));
  });
}
