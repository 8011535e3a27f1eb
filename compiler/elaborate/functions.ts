/** @file Functions of one tensor; without their tensor they are layers. */
import { formatType, type Dim } from '../graph/graph.js';
import { outputSize } from '../ops/convolution.js';
import type { Arguments } from './arguments.js';
import { COUNT, FRACTION, POSITIVE, WHOLE } from '../scalar/ranges.js';
import { axesOf, axisOf } from './axes.js';
import type { ScalarTable } from './numbers.js';
import { padOf } from './padding.js';
import { hasBatch, lastAxis, restOf, Tensors, type Axes } from './tensors.js';
import type { TensorValue } from './values.js';

export interface FunctionContext {
  readonly args: Arguments;
  readonly scalars: ScalarTable;
  /** Tells applications of `dropout` apart. */
  readonly application: string;
}

type Apply = (t: Tensors, x: TensorValue, context: FunctionContext) => TensorValue;

const simple =
  (op: string): Apply =>
  (t, x) =>
    t.unary(op, x);

export const FUNCTIONS: Readonly<Record<string, Apply>> = {
  relu: simple('relu'),
  sigmoid: simple('sigmoid'),
  tanh: simple('tanh'),
  softplus: simple('softplus'),
  exp: simple('exp'),
  log: simple('log'),
  sqrt: simple('sqrt'),
  square: simple('square'),
  abs: simple('abs'),
  leaky_relu: (t, x, { args, scalars }) => {
    const slope = args.number('slope');
    if (slope.kind === 'fixed') return t.emit('leaky_relu', [x], { slope: args.fixed('slope') });
    const negative = t.unary('relu', t.unary('neg', x));
    return t.sub(t.unary('relu', x), t.scale(negative, scalars.coefficient(slope)));
  },
  elu: (t, x, { args }) => t.emit('elu', [x], { alpha: args.fixed('alpha', POSITIVE) }),
  clip: (t, x, { args, scalars }) => {
    const [from, to] = [args.number('from'), args.number('to')];
    if (from.kind === 'fixed' && to.kind === 'fixed') {
      const ends = { from: args.fixed('from'), to: args.fixed('to') };
      if (ends.from > ends.to)
        args.report.fail(
          'ED3009',
          args.spanOf('to'),
          `\`clip\` ends at ${ends.to}, which is below its start ${ends.from}`,
        );
      return t.emit('clip', [x], ends);
    }
    const raised = t.binary('maximum', x, t.constant(scalars.coefficient(from)));
    return t.binary('minimum', raised, t.constant(scalars.coefficient(to)));
  },
  softmax: (t, x, { args }) => alongLast(t, x, axisOf(args, x), (y) => t.unary('softmax', y)),
  log_softmax: (t, x, { args }) => alongLast(t, x, axisOf(args, x), (y) => t.unary('log_softmax', y)),
  normalize: (t, x, { args }) => normalize(t, x, axesOf(args, x), args.fixed('epsilon', POSITIVE)),
  max_pool: pool('max_pool'),
  avg_pool: pool('avg_pool'),
  global_avg_pool: (t, x) => {
    needImage(t, x);
    return t.mean(x, [1, 2]);
  },
  flatten: (t, x) =>
    t.reshape(x, [...(hasBatch(x) ? ['batch' as const] : []), restOf(x).reduce((n, d) => n * d, 1)]),
  reshape: (t, x, { args }) => {
    const sizes = args.matched.rest.map((e) => args.fixedOf(e, 'sizes', COUNT));
    return t.reshape(x, [...(hasBatch(x) ? ['batch' as const] : []), ...sizes]);
  },
  resize: (t, x, { args }) => {
    needImage(t, x);
    const method = args.choice('method', ['bilinear', 'nearest']);
    return t.emit('resize', [x], {
      height: args.fixed('height', COUNT),
      width: args.fixed('width', COUNT),
      method,
    });
  },
  slice: (t, x, { args }) => {
    const axis = axisOf(args, x);
    const [from, to] = [args.fixed('from', WHOLE), args.fixed('to', COUNT)];
    const size = x.type.shape[axis] as number;
    if (from >= to || to > size) {
      args.report.fail(
        'ED3009',
        args.span,
        `\`slice\` takes elements ${from} to ${to} of an axis that has ${size}`,
        {
          hint: `\`from\` is below \`to\`, which is at most ${size}; element \`to\` itself is left out`,
        },
      );
    }
    return t.emit('slice', [x], { axis, from, to });
  },
  spread: (t, x, { args }) => {
    if (restOf(x).length !== 1 || !hasBatch(x)) {
      t.report.fail(
        'ED3015',
        t.span,
        `\`spread\` needs a vector per sample, \`f32[batch, n]\`, and gets \`${formatType(x.type)}\``,
        { hint: 'put `flatten()` before it' },
      );
    }
    const channels = x.type.shape[1]!;
    const pixel = t.reshape(x, ['batch', 1, 1, channels]);
    return t.emit('broadcast_to', [pixel], {
      shape: ['batch', args.fixed('height', COUNT), args.fixed('width', COUNT), channels],
    });
  },
  dropout: (t, x, { args, scalars, application }) => {
    const rate = args.number('rate');
    if (rate.kind === 'fixed') args.fixed('rate', FRACTION);
    return t.emit('dropout', [x], { rate: scalars.coefficient(rate), application });
  },
};

/** x / √(max(Σ x², ε)) along some axes: unit length, and no division by zero. */
export function normalize(t: Tensors, x: TensorValue, axes: Axes, epsilon: number): TensorValue {
  const squares = t.sum(t.unary('square', x), axes, true);
  return t.emit('mul', [x, t.unary('rsqrt', t.binary('maximum', squares, t.constant(epsilon)))]);
}

/** Applies `f` to the last axis, moving `axis` there and back where it is another. */
function alongLast(
  t: Tensors,
  x: TensorValue,
  axis: number,
  f: (x: TensorValue) => TensorValue,
): TensorValue {
  const last = lastAxis(x);
  if (axis === last) return f(x);
  const perm = x.type.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  return t.emit('transpose', [f(t.emit('transpose', [x], { perm }))], { perm });
}

function needImage(t: Tensors, x: TensorValue): void {
  if (hasBatch(x) && restOf(x).length === 3) return;
  t.report.fail(
    'ED3015',
    t.span,
    `\`${t.name}\` needs an image per sample, \`f32[batch, height, width, channels]\`, and gets \`${formatType(x.type)}\``,
    {
      hint: 'put `reshape(height, width, channels)` before it',
    },
  );
}

function pool(op: 'max_pool' | 'avg_pool'): Apply {
  return (t, x, { args }) => {
    needImage(t, x);
    const size = args.pair('size', COUNT);
    const stride = args.word('stride', ['size']) ? size : args.pair('stride', COUNT);
    const padFor = padOf(args, { kernel: size, stride, dilation: [1, 1] });
    const [, height, width] = x.type.shape as readonly [Dim, number, number, number];
    const pad = padFor(height, width);
    const [top, bottom, left, right] = pad;
    if (
      outputSize(height, size[0], top + bottom, stride[0]) < 1 ||
      outputSize(width, size[1], left + right, stride[1]) < 1
    ) {
      t.report.fail(
        'ED3003',
        t.span,
        `\`${op}\` with a window of ${size.join(' by ')} leaves nothing of an image of ${height} by ${width}`,
        {
          hint: 'use a smaller window, fewer such layers, or a larger image',
        },
      );
    }
    if (top * 2 > size[0] || left * 2 > size[1]) {
      t.report.fail(
        'ED3009',
        args.spanOf('pad'),
        `\`pad\` of \`${op}\` is at most half of the window of ${size.join(' by ')}`,
        {
          hint: `write \`pad: ${Math.floor(Math.min(...size) / 2)}\` or less`,
        },
      );
    }
    return t.emit(op, [x], { size, stride, pad: [...pad] });
  };
}
