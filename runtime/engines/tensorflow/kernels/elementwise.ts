/** @file Elementwise operations; those of two or three operands broadcast. */
import type { Operations, Tensor } from '../operations.js';
import { number, plain, type Attrs, type Kernel, type KernelTable } from './kernel.js';

/** x where x > 0, else what `other` makes of it; comparing lets a NaN pass, as TensorFlow's own extrema need not. */
const rectifier =
  (other: (tf: Operations, x: Tensor, attrs: Attrs) => Tensor): Kernel =>
  (tf, [x], attrs) => [tf.run('SelectV2', [tf.run('Greater', [x!, tf.float(0)]), x!, other(tf, x!, attrs)])];

const TYPES = { f32: 'float32', i32: 'int32', bool: 'bool' } as const;

export const elementwise: KernelTable = {
  neg: plain('Neg'),
  abs: plain('Abs'),
  square: plain('Square'),
  sqrt: plain('Sqrt'),
  rsqrt: plain('Rsqrt'),
  reciprocal: plain('Reciprocal'),
  exp: plain('Exp'),
  log: plain('Log'),
  relu: plain('Relu'),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  softplus: plain('Softplus'),
  sign: plain('Sign'),
  step: (tf, [x]) => {
    const ones = tf.run('Cast', [tf.run('Greater', [x!, tf.float(0)])], { DstT: 'float32' });
    return [tf.run('SelectV2', [tf.run('IsNan', [x!]), x!, ones])];
  },
  elu: rectifier((tf, x, attrs) => tf.run('Mul', [tf.run('Expm1', [x]), tf.float(number(attrs, 'alpha'))])),
  leaky_relu: rectifier((tf, x, attrs) => tf.run('Mul', [x, tf.float(number(attrs, 'slope'))])),
  clip: (tf, [x], attrs) => [
    tf.run('Minimum', [
      tf.run('Maximum', [x!, tf.float(number(attrs, 'from'))]),
      tf.float(number(attrs, 'to')),
    ]),
  ],
  pow: (tf, [x], attrs) => [tf.run('Pow', [x!, tf.float(number(attrs, 'exponent'))])],
  scale: (tf, [x], attrs) => [tf.run('Mul', [x!, tf.float(number(attrs, 'by'))])],
  cast: (tf, [x], attrs) => [tf.run('Cast', [x!], { DstT: TYPES[attrs['dtype'] as keyof typeof TYPES] })],
  add: plain('AddV2'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('RealDiv'),
  maximum: plain('Maximum'),
  minimum: plain('Minimum'),
  equal: plain('Equal'),
  not_equal: plain('NotEqual'),
  less: plain('Less'),
  less_equal: plain('LessEqual'),
  greater: plain('Greater'),
  greater_equal: plain('GreaterEqual'),
  not: plain('LogicalNot'),
  and: plain('LogicalAnd'),
  or: plain('LogicalOr'),
  select: plain('SelectV2'),
};
