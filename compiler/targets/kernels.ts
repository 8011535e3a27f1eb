/** @file Kernel rules that the targets share: calls of tfjs kernels, of this project's own kernels, and what the executor does itself. */
import type { Attrs, Node } from '../graph/graph.js';
import type { KernelRule } from './target.js';

/** Operations with a kernel of this project (runtime/engines/kernels), on every engine. */
const OWN_KERNELS: readonly string[] = [
  // elementwise
  'neg', 'abs', 'square', 'sqrt', 'rsqrt', 'reciprocal', 'exp', 'log', 'relu', 'sigmoid', 'tanh', 'softplus', 'step', 'sign',
  'elu', 'leaky_relu', 'clip', 'pow', 'not', 'cast', 'scale',
  'add', 'sub', 'mul', 'div', 'maximum', 'minimum',
  'equal', 'not_equal', 'less', 'less_equal', 'greater', 'greater_equal', 'and', 'or', 'select',
  // reductions and movement
  'sum', 'max', 'min', 'argmax', 'sum_to', 'broadcast_to', 'slice', 'concat', 'pad', 'transpose', 'one_hot', 'ones',
  // layers
  'batch_norm_train', 'batch_norm_grad', 'batch_norm_apply', 'prelu', 'prelu_grad_input', 'prelu_grad_slope', 'prelu_grad',
  'softmax', 'log_softmax', 'softmax_cross_entropy', 'softmax_cross_entropy_grad',
  'conv2d_grad_input', 'conv2d_grad_kernel', 'depthwise_conv2d', 'depthwise_conv2d_grad_input', 'depthwise_conv2d_grad_kernel',
  'adjoint_kernel', 'max_pool', 'max_pool_grad', 'avg_pool', 'avg_pool_grad', 'resize', 'resize_grad',
  // updates
  'sgd_update', 'adam_update', 'rmsprop_update', 'running_update',
]; // prettier-ignore

/** The kernel of this project. */
export const own: KernelRule = (node) => ({
  kernel: `ed2l.${node.op}`,
  names: node.inputs.map((_, i) => String(i)),
  attrs: node.attrs,
});

const itself =
  (kernel: string): KernelRule =>
  (node) => ({ kernel, names: node.inputs.map((_, i) => String(i)), attrs: node.attrs });

/** A tfjs kernel without attributes. */
export const tfjs =
  (kernel: string, ...names: readonly string[]): KernelRule =>
  () => ({ kernel, names, attrs: {} });

export const SHARED: Readonly<Record<string, KernelRule>> = {
  ...Object.fromEntries(OWN_KERNELS.map((op) => [op, own])),
  input: itself('@input'),
  label: itself('@label'),
  parameter: itself('@state'),
  statistic: itself('@state'),
  slot: itself('@state'),
  constant: itself('@scalar'),
  scalar: itself('@scalar'),
  dropout_mask: itself('@dropout_mask'),
  reshape: itself('@alias'),
  conv2d,
  batch_conv2d: conv2d,
  batch_matmul: () => ({
    kernel: 'BatchMatMul',
    names: ['a', 'b'],
    attrs: { transposeA: false, transposeB: false },
  }),
  matmul: (node) => ({
    kernel: 'BatchMatMul',
    names: ['a', 'b'],
    attrs: {
      transposeA: node.attrs['transposeA'] as boolean,
      transposeB: node.attrs['transposeB'] as boolean,
    },
  }),
};

function conv2d(node: Node): ReturnType<KernelRule> {
  return { kernel: 'Conv2D', names: ['x', 'filter'], attrs: convAttrs(node.attrs) };
}

/** Strides, dilations and explicit padding as tfjs kernels write them. */
function convAttrs(attrs: Attrs): ReturnType<KernelRule>['attrs'] {
  const [top, bottom, left, right] = attrs['pad'] as readonly [number, number, number, number];
  return {
    strides: attrs['stride']!,
    dilations: attrs['dilation']!,
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    dataFormat: 'NHWC',
    dimRoundingMode: 'floor',
  };
}
