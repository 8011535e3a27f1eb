/** @file A classifier with one hidden layer of tanh units (smooth, so that L-BFGS applies) and an L2 penalty: a probe of what is there, but not linearly. */
import { random } from '../data/random.js';
import type { Engine, Tensor } from '../engines/engine.js';
import { minimise, type Objective } from './lbfgs.js';
import type { Rows } from './predict.js';
import { Design, highest, logLoss } from './regression.js';

export interface HiddenShape {
  readonly classes: number;
  readonly hidden: number;
  /** Of which the features are a rotation; as many as there are, if nothing is said. */
  readonly inputs?: number;
}

export interface HiddenOptions extends HiddenShape {
  /** Weight of |W|²/2 of both layers, biases left out, against the mean log-loss. */
  readonly penalty: number;
}

/** What more steps add, people left out do not confirm. */
const ITERATIONS = 100;

/** Weights [width + 1, hidden] and then [hidden + 1, classes], biases last in each; deterministic. Not convex: near some minimum. */
export function fitHidden(engine: Engine, x: Rows, labels: Int32Array, options: HiddenOptions): Float64Array {
  const design = new Design(engine, x, options.hidden);
  try {
    return minimise(hiddenLoss(design, labels, x.width, options), freshWeights(x.width, options), {
      iterations: ITERATIONS,
      tolerance: 1e-4,
    });
  } finally {
    design.close();
  }
}

/** Normal, of variance 1 / inputs; biases 0. */
export function freshWeights(width: number, { hidden, classes, inputs = width }: HiddenShape): Float64Array {
  const from = random('hidden probe', width, hidden, classes);
  const weights = new Float64Array((width + 1) * hidden + (hidden + 1) * classes);
  for (let i = 0; i < width * hidden; i++) weights[i] = from.normal(0, 1 / Math.sqrt(inputs));
  const second = (width + 1) * hidden;
  for (let i = 0; i < hidden * classes; i++) weights[second + i] = from.normal(0, 1 / Math.sqrt(hidden));
  return weights;
}

/** `design`: the features, for products with `hidden` columns. All but the softmax of the few classes is done by the engine. */
export function hiddenLoss(
  design: Design,
  labels: Int32Array,
  width: number,
  { classes, hidden, penalty }: HiddenOptions,
): Objective {
  const n = labels.length;
  const split = (width + 1) * hidden;
  return (weights, gradient) => {
    const on = new Scratch(design.engine);
    try {
      const layer = forward(on, design, weights, n, { classes, hidden });
      const loss = logLoss(layer.scores, labels, classes);
      const errors = layer.scores.map((v) => v / n);
      const there = on.upload(errors, [n, classes]);
      gradient.set(on.download(on.product(layer.units, there, 'transposeA', [hidden, classes])), split);
      const biases = gradient.subarray(split + hidden * classes).fill(0);
      errors.forEach((error, i) => (biases[i % classes]! += error));
      // Before the tanh: what arrives, times 1 - tanh².
      const after = on.product(there, layer.second, 'transposeB', [n, hidden]);
      const lost = on.times(on.times(after, layer.units), layer.units);
      gradient.set(design.pull(on.run('Sub', { a: after, b: lost }, after.shape)));
      return (
        loss + penalise(weights, gradient, penalty, [0, width * hidden], [split, split + hidden * classes])
      );
    } finally {
      on.close();
    }
  };
}

/** Adds to the gradient, and returns, what the weights of these ranges cost. */
function penalise(
  weights: Float64Array,
  gradient: Float64Array,
  penalty: number,
  ...ranges: readonly (readonly [from: number, to: number])[]
): number {
  let loss = 0;
  for (const [from, to] of ranges)
    for (let i = from; i < to; i++) {
      loss += (penalty / 2) * weights[i]! ** 2;
      gradient[i]! += penalty * weights[i]!;
    }
  return loss;
}

interface Forward {
  /** [1, n, hidden], and the weights behind them, [1, hidden, classes]. */
  readonly units: Tensor;
  readonly second: Tensor;
  readonly scores: Float32Array;
}

function forward(
  on: Scratch,
  design: Design,
  weights: Float64Array,
  n: number,
  { classes, hidden }: HiddenShape,
): Forward {
  const biases = weights.length - classes;
  const split = biases - hidden * classes;
  const before = on.keep(design.scoresThere(weights.subarray(0, split)));
  const units = on.run('Tanh', { x: before }, before.shape);
  const second = on.upload(Float32Array.from(weights.subarray(split, biases)), [hidden, classes]);
  const scores = on.download(on.product(units, second, 'neither', [n, classes]));
  return { units, second, scores: scores.map((v, i) => v + weights[biases + (i % classes)]!) };
}

/** Tensors on an engine that are freed together. */
class Scratch {
  readonly #tensors: Tensor[] = [];

  constructor(private readonly engine: Engine) {}

  keep(tensor: Tensor): Tensor {
    this.#tensors.push(tensor);
    return tensor;
  }

  upload(numbers: Float32Array, shape: readonly number[]): Tensor {
    return this.keep(this.engine.upload(numbers, [1, ...shape]));
  }

  download(tensor: Tensor): Float32Array {
    return this.engine.download(tensor) as Float32Array;
  }

  run(kernel: string, inputs: Record<string, Tensor>, shape: readonly number[], attrs = {}): Tensor {
    return this.keep(this.engine.run(kernel, inputs, attrs, { shape, dtype: 'f32' }));
  }

  times(a: Tensor, b: Tensor): Tensor {
    return this.run('Multiply', { a, b }, a.shape);
  }

  product(
    a: Tensor,
    b: Tensor,
    turned: 'transposeA' | 'transposeB' | 'neither',
    shape: readonly number[],
  ): Tensor {
    const attrs = { transposeA: turned === 'transposeA', transposeB: turned === 'transposeB' };
    return this.run('BatchMatMul', { a, b }, [1, ...shape], attrs);
  }

  close(): void {
    for (const tensor of this.#tensors) this.engine.free(tensor);
  }
}

/** The class with the highest score per row; ties go to the lowest. */
export function classifyHidden(
  engine: Engine,
  x: Rows,
  weights: Float64Array,
  shape: HiddenShape,
): Int32Array {
  const design = new Design(engine, x, shape.hidden);
  const on = new Scratch(engine);
  try {
    return highest(forward(on, design, weights, x.data.length / x.width, shape).scores, shape.classes);
  } finally {
    on.close();
    design.close();
  }
}
