/** @file Batch norm, the learned rectifier and softmax with their gradients. */
import type { Attributes, Operations, Tensor } from '../operations.js';
import { sumTo } from './movement.js';
import { number, plain, type KernelTable } from './kernel.js';

/** TensorFlow normalises images only: other values become images of one pixel. */
function asImage(x: Tensor, channels: number): Tensor {
  if (x.shape.length === 4) return x;
  const size = x.shape.reduce((n, d) => n * d, 1);
  return { ...x, shape: [size / channels, 1, 1, channels] };
}

const batchNorm = (epsilon: number, training: boolean): Attributes => ({
  epsilon,
  is_training: training,
  data_format: 'NHWC',
});

function positive(tf: Operations, x: Tensor): Tensor {
  return tf.run('Greater', [x, tf.float(0)]);
}

export const layers: KernelTable = {
  /** TensorFlow returns the unbiased variance. */
  batch_norm_train: (tf, [x, gamma, beta], attrs) => {
    const image = asImage(x!, gamma!.shape[0]!);
    const nothing = tf.nothing();
    const [y, mean, variance] = tf.runAll(
      'FusedBatchNormV3',
      [image, gamma!, beta!, nothing, nothing],
      6,
      batchNorm(number(attrs, 'epsilon'), true),
    );
    const rows = image.shape[0]! * image.shape[1]! * image.shape[2]!;
    return [{ ...y!, shape: x!.shape }, mean!, tf.run('Mul', [variance!, tf.float((rows - 1) / rows)])];
  },
  batch_norm_apply: (tf, [x, ...parameters], attrs) => {
    const image = asImage(x!, parameters[0]!.shape[0]!);
    const [y] = tf.runAll(
      'FusedBatchNormV3',
      [image, ...parameters],
      6,
      batchNorm(number(attrs, 'epsilon'), false),
    );
    return [{ ...y!, shape: x!.shape }];
  },
  batch_norm_grad: (tf, [dy, x, gamma, mean, variance], attrs) => {
    const epsilon = number(attrs, 'epsilon');
    const channels = gamma!.shape[0]!;
    // cuDNN kept 1 / √(σ² + ε) where the CPU kept σ².
    const spread = tf.gpu ? tf.run('Rsqrt', [tf.run('AddV2', [variance!, tf.float(epsilon)])]) : variance!;
    const [dx, dgamma, dbeta] = tf.runAll(
      'FusedBatchNormGradV3',
      [asImage(dy!, channels), asImage(x!, channels), gamma!, mean!, spread, tf.nothing()],
      5,
      batchNorm(epsilon, true),
    );
    return [{ ...dx!, shape: x!.shape }, dgamma!, dbeta!];
  },
  prelu: (tf, [x, slope]) => [tf.run('SelectV2', [positive(tf, x!), x!, tf.run('Mul', [x!, slope!])])],
  prelu_grad_input: (tf, [dy, x, slope]) => [
    tf.run('SelectV2', [positive(tf, x!), dy!, tf.run('Mul', [dy!, slope!])]),
  ],
  prelu_grad_slope: (tf, [dy, x, slope]) => {
    const negative = tf.run('SelectV2', [positive(tf, x!), tf.float(0), tf.run('Mul', [dy!, x!])]);
    return [sumTo(tf, negative, slope!.shape)];
  },
  softmax: plain('Softmax'),
  log_softmax: plain('LogSoftmax'),
  softmax_cross_entropy: (tf, [logits, target]) => {
    const [loss] = tf.runAll('SoftmaxCrossEntropyWithLogits', [logits!, target!], 2);
    return [loss!];
  },
  /** TensorFlow's own gradient takes targets for granted that sum to 1. */
  softmax_cross_entropy_grad: (tf, [dy, logits, target]) => {
    const total = tf.run('Sum', [target!, tf.ints([-1])], { keep_dims: true });
    const expected = tf.run('Mul', [tf.run('Softmax', [logits!]), total]);
    const each = { ...dy!, shape: [...dy!.shape, 1] };
    return [tf.run('Mul', [tf.run('Sub', [expected, target!]), each])];
  },
};
