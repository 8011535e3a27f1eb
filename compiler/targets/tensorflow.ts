/**
 * @file The tensorflow target: nothing is rewritten, since TensorFlow has kernels for both gradients of a convolution, for batch norm and
 * its gradient, and for the optimizers' updates (runtime/engines/tensorflow/kernels). Operations without a kernel there run on the host.
 */
import { own, SHARED } from './kernels.js';
import type { Target } from './target.js';

export const tensorflow: Target = {
  name: 'tensorflow',
  legalize: {},
  kernels: { ...SHARED, conv2d: own, matmul: own },
};
