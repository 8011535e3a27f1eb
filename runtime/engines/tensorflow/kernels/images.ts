/** @file Convolutions, pooling and resizing with their gradients; images are [n, height, width, channels]. */
import type { Attributes, Operations, Tensor } from '../operations.js';
import { pad } from './movement.js';
import { number, numbers, type Attrs, type Kernel, type KernelTable } from './kernel.js';

function convolution(attrs: Attrs): Attributes {
  const [pads, stride, dilation] = ['pad', 'stride', 'dilation'].map((name) => numbers(attrs, name));
  return {
    strides: [1, ...stride!, 1],
    dilations: [1, ...dilation!, 1],
    padding: 'EXPLICIT',
    explicit_paddings: [0, 0, ...pads!, 0, 0],
    data_format: 'NHWC',
  };
}

/** (x, kernel) */
const forward =
  (op: string): Kernel =>
  (tf, inputs, attrs) => [tf.run(op, inputs, convolution(attrs))];

/** (dy, kernel) */
const towardsImage =
  (op: string): Kernel =>
  (tf, [dy, kernel], attrs) => [
    tf.run(op, [tf.ints(numbers(attrs, 'shape')), kernel!, dy!], convolution(attrs)),
  ];

/** (x, dy) */
const towardsKernel =
  (op: string): Kernel =>
  (tf, [x, dy], attrs) => [tf.run(op, [x!, tf.ints(numbers(attrs, 'shape')), dy!], convolution(attrs))];

/** A kernel for the operands that TensorFlow's takes. */
const where =
  (takes: (attrs: Attrs, tf: Operations) => boolean, kernel: Kernel): Kernel =>
  (tf, inputs, attrs) =>
    takes(attrs, tf) ? kernel(tf, inputs, attrs) : undefined;

/** TensorFlow's gradients of a dilated convolution are for GPUs only. */
const isPlain = (attrs: Attrs, { gpu }: Operations): boolean =>
  gpu || numbers(attrs, 'dilation').every((d) => d === 1);

const isDepthwise = (attrs: Attrs): boolean => {
  const [down, across] = numbers(attrs, 'stride');
  return down === across && numbers(attrs, 'dilation').every((d) => d === 1);
};

/** TensorFlow would count the padding as part of the average. */
const isInside = (attrs: Attrs): boolean => numbers(attrs, 'pad').every((side) => side === 0);

const pool = (attrs: Attrs): Attributes => ({
  ksize: [1, ...numbers(attrs, 'size'), 1],
  strides: [1, ...numbers(attrs, 'stride'), 1],
  padding: 'VALID',
  data_format: 'NHWC',
});

/** What lies outside of the image never wins. */
function surrounded(tf: Operations, x: Tensor, attrs: Attrs): Tensor {
  const [top, bottom, left, right] = numbers(attrs, 'pad') as [number, number, number, number];
  if (top + bottom + left + right === 0) return x;
  return pad(
    tf,
    x,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    -Infinity,
  );
}

const isBilinear = (attrs: Attrs): boolean => attrs['method'] === 'bilinear';
const CENTRES = { align_corners: false, half_pixel_centers: true };

export const images: KernelTable = {
  conv2d: forward('Conv2D'),
  conv2d_grad_input: where(isPlain, towardsImage('Conv2DBackpropInput')),
  conv2d_grad_kernel: where(isPlain, towardsKernel('Conv2DBackpropFilter')),
  depthwise_conv2d: where(isDepthwise, forward('DepthwiseConv2dNative')),
  depthwise_conv2d_grad_input: where(isDepthwise, towardsImage('DepthwiseConv2dNativeBackpropInput')),
  depthwise_conv2d_grad_kernel: where(isDepthwise, towardsKernel('DepthwiseConv2dNativeBackpropFilter')),
  max_pool: (tf, [x], attrs) => {
    const whole = surrounded(tf, x!, attrs);
    const y = tf.run('MaxPool', [whole], pool(attrs));
    // TensorFlow takes no NaN for the largest.
    const broken = tf.run('Cast', [tf.run('IsNan', [whole])], { DstT: 'float32' });
    const isBroken = tf.run('Greater', [tf.run('MaxPool', [broken], pool(attrs)), tf.float(0)]);
    return [tf.run('SelectV2', [isBroken, tf.float(NaN), y])];
  },
  max_pool_grad: (tf, [dy, x, y], attrs) => {
    const whole = surrounded(tf, x!, attrs);
    const dx = tf.run('MaxPoolGrad', [whole, y!, dy!], pool(attrs));
    if (whole === x) return [dx];
    const [top, , left] = numbers(attrs, 'pad') as [number, number, number, number];
    return [tf.run('Slice', [dx, tf.ints([0, top, left, 0]), tf.ints(x!.shape)])];
  },
  avg_pool: where(isInside, (tf, [x], attrs) => [tf.run('AvgPool', [x!], pool(attrs))]),
  avg_pool_grad: where(isInside, (tf, [dy], attrs) => [
    tf.run('AvgPoolGrad', [tf.ints(numbers(attrs, 'shape')), dy!], pool(attrs)),
  ]),
  resize: (tf, [x], attrs) => [
    tf.run(
      isBilinear(attrs) ? 'ResizeBilinear' : 'ResizeNearestNeighbor',
      [x!, tf.ints([number(attrs, 'height'), number(attrs, 'width')])],
      CENTRES,
    ),
  ],
  resize_grad: (tf, [dy], attrs) => {
    const shape = numbers(attrs, 'shape');
    if (!isBilinear(attrs))
      return [tf.run('ResizeNearestNeighborGrad', [dy!, tf.ints(shape.slice(1, 3))], CENTRES)];
    // Only the shape of the image counts.
    const image = tf.run('Fill', [tf.ints(shape), tf.float(0)]);
    return [tf.run('ResizeBilinearGrad', [dy!, image], CENTRES)];
  },
};
