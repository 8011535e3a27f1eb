/** @file Reductions, moves of elements, and products. */
import type { Operations, Tensor } from '../operations.js';
import { number, numbers, type Kernel, type KernelTable } from './kernel.js';

const reduce =
  (op: string): Kernel =>
  (tf, [x], attrs) => [
    tf.run(op, [x!, tf.ints(numbers(attrs, 'axes'))], { keep_dims: attrs['keep'] === true }),
  ];

/** The sum over the axes that a shape, aligned at its end, has not or has with size 1. */
export function sumTo(tf: Operations, x: Tensor, shape: readonly number[]): Tensor {
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((d, k) => (k < lead || (shape[k - lead] === 1 && d !== 1) ? [k] : []));
  const sum = tf.run('Sum', [x, tf.ints(axes)], { keep_dims: false });
  return tf.run('Reshape', [sum, tf.ints(shape)]);
}

export const movement: KernelTable = {
  sum: reduce('Sum'),
  max: reduce('Max'),
  min: reduce('Min'),
  sum_to: (tf, [x], attrs) => [sumTo(tf, x!, numbers(attrs, 'shape'))],
  argmax: (tf, [x], attrs) => [
    tf.run('ArgMax', [x!, tf.int(number(attrs, 'axis'))], { output_type: 'int32' }),
  ],
  broadcast_to: (tf, [x], attrs) => [tf.run('BroadcastTo', [x!, tf.ints(numbers(attrs, 'shape'))])],
  ones: (tf, _, attrs) => [tf.run('Fill', [tf.ints(numbers(attrs, 'shape')), tf.float(1)])],
  slice: (tf, [x], attrs) => {
    const begin = x!.shape.map((_, k) => (k === attrs['axis'] ? number(attrs, 'from') : 0));
    const size = x!.shape.map((d, k) =>
      k === attrs['axis'] ? number(attrs, 'to') - number(attrs, 'from') : d,
    );
    return [tf.run('Slice', [x!, tf.ints(begin), tf.ints(size)])];
  },
  concat: (tf, parts, attrs) => [
    tf.run('ConcatV2', [...parts, tf.int(number(attrs, 'axis'))], {
      N: parts.length,
      T: parts[0]!.dtype,
      Tidx: 'int32',
    }),
  ],
  pad: (tf, [x], attrs) => {
    const [before, after] = [numbers(attrs, 'before'), numbers(attrs, 'after')];
    return [
      pad(
        tf,
        x!,
        x!.shape.map((_, k) => [before[k]!, after[k]!]),
        0,
      ),
    ];
  },
  transpose: (tf, [x], attrs) => [tf.run('Transpose', [x!, tf.ints(numbers(attrs, 'perm'))])],
  one_hot: (tf, [x], attrs) => [
    tf.run('OneHot', [x!, tf.int(number(attrs, 'depth')), tf.float(1), tf.float(0)]),
  ],
  matmul: (tf, inputs, attrs) => [
    tf.run('MatMul', inputs, {
      transpose_a: attrs['transposeA'] === true,
      transpose_b: attrs['transposeB'] === true,
    }),
  ],
};

/** `sides`: how many before and after, per axis. */
export function pad(
  tf: Operations,
  x: Tensor,
  sides: readonly (readonly [number, number])[],
  value: number,
): Tensor {
  const paddings = tf.upload(Int32Array.from(sides.flat()), [sides.length, 2], 'int32');
  try {
    return tf.run('PadV2', [x, paddings, tf.float(value)]);
  } finally {
    tf.dispose(paddings);
  }
}
