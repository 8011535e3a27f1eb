/** @file How each operation of an evaluation graph is said in TensorFlow operations. One that is missing here cannot be exported. */
import { integers, text, typeAttr } from './graph-def.js';
import { ExportError, type Writer } from './writer.js';

type Rule = (writer: Writer) => string;

const FORMAT = { data_format: text('NHWC') };

const same =
  (op: string): Rule =>
  ({ add, inputs }) =>
    add(op, inputs);

/** [1, y, x, 1], the order of strides and windows for images. */
const overImage = ([y, x]: readonly number[]) => integers([1, y!, x!, 1]);
const numbers = ({ attrs }: Writer, name: string): readonly number[] => attrs[name] as readonly number[];

/** EXPLICIT paddings in pairs for all four axes, or VALID for none. */
function padding(w: Writer): Readonly<Record<string, ReturnType<typeof text>>> {
  const [top, bottom, left, right] = numbers(w, 'pad') as [number, number, number, number];
  if (top + bottom + left + right === 0) return { padding: text('VALID') };
  return { padding: text('EXPLICIT'), explicit_paddings: integers([0, 0, top, bottom, left, right, 0, 0]) };
}

const convolution =
  (op: string): Rule =>
  (w) =>
    w.add(op, w.inputs, {
      ...FORMAT,
      ...padding(w),
      strides: overImage(numbers(w, 'stride')),
      dilations: overImage(numbers(w, 'dilation')),
    });

/** Windows without padding; a padded image is padded before, with what cannot win or is divided out. */
function pool(w: Writer, op: string, x: string): string {
  return w.add(op, [x], {
    ...FORMAT,
    padding: text('VALID'),
    strides: overImage(numbers(w, 'stride')),
    ksize: overImage(numbers(w, 'size')),
  });
}

function padded(w: Writer, x: string, filler: number): string {
  const [top, bottom, left, right] = numbers(w, 'pad');
  if (top! + bottom! + left! + right! === 0) return x;
  const amounts = w.constant([0, 0, top!, bottom!, left!, right!, 0, 0], [4, 2], 'i32');
  return w.add('PadV2', [x, amounts, w.constant([filler], [])]);
}

/** The lowest finite number: padding that never wins. */
const LOWEST = -3.4028234663852886e38;

const averagePool: Rule = (w) => {
  const sum = pool(w, 'AvgPool', padded(w, w.inputs[0]!, 0));
  if (numbers(w, 'pad').every((n) => n === 0)) return sum;
  const [, height, width] = w.shape(0) as readonly number[];
  const ones = w.constant(
    Array.from({ length: height! * width! }, () => 1),
    [1, height!, width!, 1],
  );
  return w.add('RealDiv', [sum, pool(w, 'AvgPool', padded(w, ones, 0))]);
};

const reduction =
  (op: string): Rule =>
  (w) => {
    const axes = numbers(w, 'axes');
    return w.add(op, [w.inputs[0]!, w.constant(axes, [axes.length], 'i32')], {
      keep_dims: { b: w.attrs['keep'] === true },
    });
  };

const filled = (w: Writer, value: number): string => {
  const shape = w.outputShape;
  const one = w.constant([value], []);
  return shape.length === 0 ? one : w.add('BroadcastTo', [one, w.dynamicShape(shape)]);
};

export const OPERATIONS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    Object.entries({
      neg: 'Neg',
      abs: 'Abs',
      square: 'Square',
      sqrt: 'Sqrt',
      rsqrt: 'Rsqrt',
      exp: 'Exp',
      log: 'Log',
      relu: 'Relu',
      sigmoid: 'Sigmoid',
      tanh: 'Tanh',
      softplus: 'Softplus',
      sign: 'Sign',
      reciprocal: 'Reciprocal',
      prelu: 'Prelu',
      softmax: 'Softmax',
      log_softmax: 'LogSoftmax',
      add: 'AddV2',
      sub: 'Sub',
      mul: 'Mul',
      div: 'RealDiv',
      maximum: 'Maximum',
      minimum: 'Minimum',
      equal: 'Equal',
      not_equal: 'NotEqual',
      less: 'Less',
      less_equal: 'LessEqual',
      greater: 'Greater',
      greater_equal: 'GreaterEqual',
      and: 'LogicalAnd',
      or: 'LogicalOr',
      not: 'LogicalNot',
      select: 'SelectV2',
    }).map(([op, name]) => [op, same(name)]),
  ),
  constant: (w) => w.constant([w.number('value')], []),
  scalar: (w) => w.constant([w.number('by')], []),
  ones: (w) => filled(w, 1),
  scale: (w) => w.add('Mul', [w.inputs[0]!, w.constant([w.number('by')], [])]),
  step: (w) =>
    w.add('Cast', [w.add('Greater', [w.inputs[0]!, w.constant([0], [])])], {
      SrcT: typeAttr('bool'),
      DstT: typeAttr('f32'),
    }),
  /** tfjs knows the exponential rectifier with slope 1 only: α(e^min(x,0) - 1) + max(x, 0). */
  elu: (w) => {
    const [x] = w.inputs;
    const below = w.add('Sub', [
      w.add('Exp', [w.add('Minimum', [x!, w.constant([0], [])])]),
      w.constant([1], []),
    ]);
    return w.add('AddV2', [w.add('Mul', [below, w.constant([w.number('alpha')], [])]), w.add('Relu', [x!])]);
  },
  leaky_relu: (w) => w.add('LeakyRelu', w.inputs, { alpha: { f: w.number('slope') } }),
  clip: (w) =>
    w.add('Minimum', [
      w.add('Maximum', [w.inputs[0]!, w.constant([w.number('from')], [])]),
      w.constant([w.number('to')], []),
    ]),
  pow: (w) => w.add('Pow', [w.inputs[0]!, w.constant([w.number('exponent')], [])]),
  cast: (w) => w.add('Cast', w.inputs, { DstT: typeAttr(w.attrs['dtype'] as 'f32') }),
  sum: reduction('Sum'),
  max: reduction('Max'),
  min: reduction('Min'),
  argmax: (w) => w.add('ArgMax', [w.inputs[0]!, w.constant([w.number('axis')], [], 'i32')]),
  /** One axis may be open, and only the batch is. */
  reshape: (w) =>
    w.add('Reshape', [
      w.inputs[0]!,
      w.constant(
        w.outputShape.map((d) => (d === 'batch' ? -1 : d)),
        [w.outputShape.length],
        'i32',
      ),
    ]),
  broadcast_to: (w) => w.add('BroadcastTo', [w.inputs[0]!, w.dynamicShape(w.outputShape)]),
  transpose: (w) =>
    w.add('Transpose', [w.inputs[0]!, w.constant(numbers(w, 'perm'), [numbers(w, 'perm').length], 'i32')]),
  slice: (w) => {
    const shape = w.shape(0);
    const axis = w.number('axis');
    const from = shape.map((_, i) => (i === axis ? w.number('from') : 0));
    const size = shape.map((_, i) => (i === axis ? w.number('to') - w.number('from') : -1));
    return w.add('Slice', [
      w.inputs[0]!,
      w.constant(from, [from.length], 'i32'),
      w.constant(size, [size.length], 'i32'),
    ]);
  },
  concat: (w) =>
    w.add('ConcatV2', [...w.inputs, w.constant([w.number('axis')], [], 'i32')], {
      N: { i: String(w.inputs.length) },
    }),
  pad: (w) => {
    const after = numbers(w, 'after');
    const pairs = numbers(w, 'before').flatMap((before, i) => [before, after[i]!]);
    return w.add('PadV2', [w.inputs[0]!, w.constant(pairs, [after.length, 2], 'i32'), w.constant([0], [])]);
  },
  matmul: (w) =>
    w.add('MatMul', w.inputs, {
      transpose_a: { b: w.attrs['transposeA'] === true },
      transpose_b: { b: w.attrs['transposeB'] === true },
    }),
  conv2d: convolution('Conv2D'),
  depthwise_conv2d: convolution('DepthwiseConv2dNative'),
  conv2d_grad_input: (w) => {
    if (numbers(w, 'dilation').some((d) => d !== 1))
      throw new ExportError('a GraphModel has no transposed convolution with dilation');
    const [dy, kernel] = w.inputs;
    const attrs = { ...FORMAT, ...padding(w), strides: overImage(numbers(w, 'stride')) };
    return w.add('Conv2DBackpropInput', [w.dynamicShape(w.outputShape), kernel!, dy!], attrs);
  },
  max_pool: (w) => pool(w, 'MaxPool', padded(w, w.inputs[0]!, LOWEST)),
  avg_pool: averagePool,
  resize: (w) => {
    const size = w.constant([w.number('height'), w.number('width')], [2], 'i32');
    const op = w.attrs['method'] === 'nearest' ? 'ResizeNearestNeighbor' : 'ResizeBilinear';
    return w.add(op, [w.inputs[0]!, size], { half_pixel_centers: { b: true }, align_corners: { b: false } });
  },
  batch_norm_apply: (w) =>
    w.add('FusedBatchNormV3', w.inputs, {
      ...FORMAT,
      epsilon: { f: w.number('epsilon') },
      is_training: { b: false },
    }),
  /** `evaluate: batch`: γ (x - μ) / √(σ² + ε) + β with the mean and variance of the batch at hand. */
  batch_norm_train: (w) => {
    const [x, gamma, beta] = w.inputs as [string, string, string];
    const axes = w.constant(
      w
        .shape(0)
        .map((_, i) => i)
        .slice(0, -1),
      [w.shape(0).length - 1],
      'i32',
    );
    const mean = (of: string): string => w.add('Mean', [of, axes], { keep_dims: { b: true } });
    const centred = w.add('Sub', [x, mean(x)]);
    const variance = mean(w.add('Square', [centred]));
    const deviation = w.add('Rsqrt', [w.add('AddV2', [variance, w.constant([w.number('epsilon')], [])])]);
    return w.add('AddV2', [w.add('Mul', [w.add('Mul', [centred, deviation]), gamma]), beta]);
  },
};
