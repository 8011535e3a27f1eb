/**
 * @file The tfjs `wasm` target: XNNPACK kernels for convolutions, products and plain elementwise operations.
 * It has no fast gradients of convolutions, so these are written as forward convolutions; products with transposed
 * operands are slow there, so the transposition comes first. Convolutions of 3 by 3, batch norm and the rectifier's gradient
 * are kernels of this project (runtime/engines/simd).
 */
import type { Dim } from '../graph/graph.js';
import { convGradInput, convGradKernel } from './conv-gradients.js';
import { sumTo } from './channel-sums.js';
import { own, SHARED, tfjs } from './kernels.js';
import { preluGradients } from './prelu-gradients.js';
import type { KernelRule, LegalizationRule, Target } from './target.js';
import { isWinograd } from './winograd.js';

const matmul: LegalizationRule = ({ node, inputs, emit }) => {
  const tA = node.attrs['transposeA'] as boolean;
  const tB = node.attrs['transposeB'] as boolean;
  if (!tA && !tB) return undefined;
  const turned = (x: number, turn: boolean): number => (turn ? emit('transpose', [x], { perm: [1, 0] }) : x);
  return [
    emit('matmul', [turned(inputs[0]!, tA), turned(inputs[1]!, tB)], {
      transposeA: false,
      transposeB: false,
    }),
  ];
};

const conv2d: KernelRule = (node, inputs) =>
  isWinograd(inputs[1]!.shape, node.attrs) ? own(node, inputs) : SHARED['conv2d']!(node, inputs);

const gradKernel: LegalizationRule = (context) =>
  isWinograd(context.node.attrs['shape'] as readonly Dim[], context.node.attrs)
    ? undefined
    : convGradKernel(context);

/** Per sample, where the tfjs kernel that exchanges batch and channels falls out of the cache: ten times as slow at 56 by 48 by 32. */
const LARGE_IMAGE = 16_384;

const transpose: KernelRule = (node, [x]) => {
  const perm = node.attrs['perm'] as readonly number[];
  const size = x!.shape.reduce<number>((n, d) => (d === 'batch' ? n : n * d), 1);
  if (perm.join() === '3,1,2,0' && size >= LARGE_IMAGE) return own(node, [x!]);
  return { kernel: 'Transpose', names: ['x'], attrs: { perm } };
};

export const wasm: Target = {
  name: 'wasm',
  legalize: {
    matmul,
    conv2d_grad_input: convGradInput,
    conv2d_grad_kernel: gradKernel,
    ...preluGradients,
    sum_to: sumTo,
  },
  kernels: {
    ...SHARED,
    conv2d,
    add: tfjs('Add', 'a', 'b'),
    sub: tfjs('Sub', 'a', 'b'),
    mul: tfjs('Multiply', 'a', 'b'),
    div: tfjs('RealDiv', 'a', 'b'),
    relu: tfjs('Relu', 'x'),
    square: tfjs('Square', 'x'),
    step: () => ({ kernel: 'Step', names: ['x'], attrs: { alpha: 0 } }),
    prelu: tfjs('Prelu', 'x', 'alpha'),
    transpose,
  },
};
