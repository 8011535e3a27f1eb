/** @file The network written by hand with tfjs's core operations and its tape, batch norm with a gradient of its own. */
import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../../../runtime/index.js';
import type { Participant } from '../../participant.js';
import { BATCH_NORM, type Problem } from '../../problem.js';
import { useEngine } from './backend.js';
import { routedParticipant, type Network, type Variable } from './routed.js';

export async function coreParticipant(engine: Engine, problem: Problem): Promise<Participant> {
  await useEngine(engine);
  return routedParticipant(engine, problem, coreNetwork(problem));
}

function coreNetwork({ numbers, model, weights }: Problem): Network {
  const parameters = new Map<string, Variable>();
  const statistics = new Map<string, tf.Variable>();
  for (const group of model.groups) {
    for (const { path, shape } of group.parameters)
      parameters.set(path, {
        variable: tf.variable(tf.tensor(weights.get(path)!.data, [...shape]), true),
        shape,
      });
    for (const { path, shape } of group.statistics)
      statistics.set(path, tf.variable(tf.tensor(weights.get(path)!.data, [...shape]), false));
  }
  const at = <T extends tf.Tensor>(path: string): T => parameters.get(path)!.variable as tf.Tensor as T;

  const unit = (x: tf.Tensor4D, path: string, training: boolean, stride = 1): tf.Tensor4D => {
    const y = tf.conv2d(x, at<tf.Tensor4D>(`${path}.conv.kernel`), stride, 1);
    const [gamma, beta] = [
      at<tf.Tensor1D>(`${path}.batch_norm.gamma`),
      at<tf.Tensor1D>(`${path}.batch_norm.beta`),
    ];
    const mean = statistics.get(`${path}.batch_norm.mean`)!;
    const variance = statistics.get(`${path}.batch_norm.variance`)!;
    const normal = training
      ? batchNorm(y, gamma, beta, mean, variance)
      : tf.batchNorm4d(
          y,
          mean as tf.Tensor as tf.Tensor1D,
          variance as tf.Tensor as tf.Tensor1D,
          beta,
          gamma,
          BATCH_NORM.epsilon,
        );
    return tf.prelu(normal, at(`${path}.prelu.slope`));
  };

  const stage = (x: tf.Tensor4D, path: string, units: number, training: boolean): tf.Tensor4D => {
    let y = unit(x, `${path}.down`, training, 2);
    for (let i = 1; i <= 2 * units; i += 2) {
      const first = unit(y, `${path}.unit${i === 1 ? '' : `_${i}`}`, training);
      y = tf.add(unit(first, `${path}.unit_${i + 1}`, training), y);
    }
    return y;
  };

  const base = (face: tf.Tensor4D, training: boolean): tf.Tensor4D =>
    [1, numbers.middle, numbers.last].reduce(
      (x, units, i) => stage(x, `base.stage${i === 0 ? '' : `_${i + 1}`}`, units, training),
      face,
    );

  const branch = (shared: tf.Tensor4D, path: string, training: boolean): tf.Tensor2D => {
    const flat = tf.reshape(stage(shared, `${path}.stage`, 1, training), [
      shared.shape[0],
      -1,
    ]) as tf.Tensor2D;
    return tf.add(tf.matMul(flat, at<tf.Tensor2D>(`${path}.dense.kernel`)), at(`${path}.dense.bias`));
  };

  return {
    about: 'tfjs core',
    parameters,
    features(face) {
      const shared = base(face, true);
      return [branch(shared, 'distiller', true), branch(shared, 'dispelling', true)];
    },
    distilled: (face) => branch(base(face, false), 'distiller', false),
    toFirstWeights() {
      const all = [
        ...[...parameters].map(([path, { variable }]) => [path, variable] as const),
        ...statistics,
      ];
      for (const [path, variable] of all) variable.assign(tf.tensor(weights.get(path)!.data, variable.shape));
    },
  };
}

/**
 * Over the batch's own mean and variance, and through them. The tape would take some twenty operations for the gradient;
 * it is a·dy + b·x + c with three numbers per channel.
 */
function batchNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  runningMean: tf.Variable,
  runningVariance: tf.Variable,
): tf.Tensor4D {
  const count = x.size / x.shape[3];
  const over = [0, 1, 2];
  const normalise = tf.customGrad((...inputs) => {
    const [y, scale, shift, save] = inputs as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      (tensors: tf.Tensor[]) => void,
    ];
    const { mean, variance } = tf.moments(y, over) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
    move(runningMean, mean);
    move(runningVariance, tf.mul(variance, count / (count - 1)));
    save([y, scale, mean, variance]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [x_, gamma_, mean_, variance_] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const inverse = tf.rsqrt(tf.add(variance_, BATCH_NORM.epsilon));
      const shiftGradient = tf.sum(dy, over);
      const scaleGradient = tf.mul(
        tf.sub(tf.sum(tf.mul(dy, x_), over), tf.mul(mean_, shiftGradient)),
        inverse,
      );
      const a = tf.mul(gamma_, inverse);
      const b = tf.neg(tf.div(tf.mul(tf.mul(a, inverse), scaleGradient), count));
      const c = tf.neg(tf.add(tf.div(tf.mul(a, shiftGradient), count), tf.mul(b, mean_)));
      return [tf.add(tf.add(tf.mul(dy, a), tf.mul(x_, b)), c), scaleGradient, shiftGradient];
    };
    return { value: tf.batchNorm4d(y, mean, variance, shift, scale, BATCH_NORM.epsilon), gradFunc };
  });
  return normalise(x, gamma, beta) as tf.Tensor4D;
}

function move(running: tf.Variable, value: tf.Tensor): void {
  running.assign(tf.add(tf.mul(running, 1 - BATCH_NORM.momentum), tf.mul(value, BATCH_NORM.momentum)));
}
