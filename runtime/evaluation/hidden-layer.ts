/** @file A classifier with one hidden layer of tanh units (smooth, so that L-BFGS applies) and an L2 penalty: a probe of what is there, but not linearly. */
import { random } from '../data/random.js';
import type { Engine } from '../engines/engine.js';
import { minimise, type Objective } from './lbfgs.js';
import type { Rows } from './predict.js';
import { Design, highest, logLoss } from './regression.js';

export interface HiddenShape {
  readonly classes: number;
  readonly hidden: number;
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
export function freshWeights(width: number, { hidden, classes }: HiddenShape): Float64Array {
  const from = random('hidden probe', width, hidden, classes);
  const weights = new Float64Array((width + 1) * hidden + (hidden + 1) * classes);
  for (let i = 0; i < width * hidden; i++) weights[i] = from.normal(0, 1 / Math.sqrt(width));
  const second = (width + 1) * hidden;
  for (let i = 0; i < hidden * classes; i++) weights[second + i] = from.normal(0, 1 / Math.sqrt(hidden));
  return weights;
}

/** `design`: the features, for products with `hidden` columns. */
export function hiddenLoss(
  design: Design,
  labels: Int32Array,
  width: number,
  { classes, hidden, penalty }: HiddenOptions,
): Objective {
  const n = labels.length;
  const split = (width + 1) * hidden;
  return (weights, gradient) => {
    const [first, second] = [weights.subarray(0, split), weights.subarray(split)];
    const units = design.scores(first);
    for (let i = 0; i < units.length; i++) units[i] = Math.tanh(units[i]!);
    const errors = outputs(units, second, n, hidden, classes);
    let loss = logLoss(errors, labels, classes);
    const ofSecond = gradient.subarray(split);
    ofSecond.fill(0);
    // The units become what arrives in front of their tanh.
    for (let row = 0; row < n; row++) {
      for (let c = 0; c < classes; c++) ofSecond[hidden * classes + c]! += errors[row * classes + c]! / n;
      for (let h = 0; h < hidden; h++) {
        const unit = units[row * hidden + h]!;
        let back = 0;
        for (let c = 0; c < classes; c++) {
          const error = errors[row * classes + c]! / n;
          ofSecond[h * classes + c]! += unit * error;
          back += error * second[h * classes + c]!;
        }
        units[row * hidden + h] = back * (1 - unit * unit);
      }
    }
    gradient.set(design.pull(units));
    const penalised = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        loss += (penalty / 2) * weights[i]! ** 2;
        gradient[i]! += penalty * weights[i]!;
      }
    };
    penalised(0, width * hidden);
    penalised(split, split + hidden * classes);
    return loss;
  };
}

function outputs(
  units: Float32Array,
  second: Float64Array,
  n: number,
  hidden: number,
  classes: number,
): Float32Array {
  const result = new Float32Array(n * classes);
  for (let row = 0; row < n; row++)
    for (let c = 0; c < classes; c++) {
      let sum = second[hidden * classes + c]!;
      for (let h = 0; h < hidden; h++) sum += units[row * hidden + h]! * second[h * classes + c]!;
      result[row * classes + c] = sum;
    }
  return result;
}

/** The class with the highest score per row; ties go to the lowest. */
export function classifyHidden(
  engine: Engine,
  x: Rows,
  weights: Float64Array,
  { classes, hidden }: HiddenShape,
): Int32Array {
  const design = new Design(engine, x, hidden);
  try {
    const split = (x.width + 1) * hidden;
    const units = design.scores(weights.subarray(0, split)).map(Math.tanh);
    const scores = outputs(units, weights.subarray(split), x.data.length / x.width, hidden, classes);
    return highest(scores, classes);
  } finally {
    design.close();
  }
}
