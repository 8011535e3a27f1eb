/**
 * @file The onednn target: primitives of the system's oneDNN library, which keep the layouts of images between them. Convolutions with
 * both gradients, batch norm with its gradient, the parametric rectifier, products, plain elementwise operations and the optimizers'
 * updates are one kernel each; a rectifier's two gradients come from one.
 */
import { own, SHARED, tfjs } from './kernels.js';
import { preluGradients } from './prelu-gradients.js';
import type { KernelRule, Target } from './target.js';

const leakyRelu: KernelRule = ({ attrs }) => ({
  kernel: 'LeakyRelu',
  names: ['x'],
  attrs: { alpha: attrs['slope']! },
});

export const onednn: Target = {
  name: 'onednn',
  legalize: preluGradients,
  kernels: {
    ...SHARED,
    add: tfjs('Add', 'a', 'b'),
    sub: tfjs('Sub', 'a', 'b'),
    mul: tfjs('Multiply', 'a', 'b'),
    div: tfjs('RealDiv', 'a', 'b'),
    relu: tfjs('Relu', 'x'),
    leaky_relu: leakyRelu,
    square: tfjs('Square', 'x'),
    abs: tfjs('Abs', 'x'),
    sqrt: tfjs('Sqrt', 'x'),
    exp: tfjs('Exp', 'x'),
    tanh: tfjs('Tanh', 'x'),
    sigmoid: tfjs('Sigmoid', 'x'),
    neg: tfjs('Neg', 'x'),
    prelu: tfjs('Prelu', 'x', 'alpha'),
    prelu_grad: own,
  },
};
