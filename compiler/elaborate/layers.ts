/** @file The layers with parameters: what each creates at its first application and the operations it stands for. */
import type { NodePlace } from '../graph/builder.js';
import { formatType, type Attrs, type Dim } from '../graph/graph.js';
import { outputSize } from '../ops/convolution.js';
import type { InitIR } from '../model/ir.js';
import * as C from '../scalar/coefficient.js';
import type { Arguments } from './arguments.js';
import { COUNT, NOT_NEGATIVE, POSITIVE, SHARE, WHOLE } from '../scalar/ranges.js';
import { normalize } from './functions.js';
import { initOf } from './inits.js';
import { padOf, type Extent, type Pad } from './padding.js';
import type { ParameterPlace, ParameterTable } from './parameters.js';
import { Tensors, hasBatch, restOf, type Axes } from './tensors.js';
import type { ApplyContext, LayerValue, TensorValue } from './values.js';

/** Everything a layer needs when it is applied. */
interface Applied {
  readonly t: Tensors;
  readonly x: TensorValue;
  readonly parameters: ParameterTable;
  readonly at: ParameterPlace;
}

type Build = (args: Arguments) => (applied: Applied) => TensorValue;

const LAYERS: Readonly<Record<string, Build>> = {
  dense,
  cosine_dense: cosineDense,
  conv,
  depthwise_conv: depthwiseConv,
  conv_transpose: convTranspose,
  batch_norm: batchNorm,
  instance_norm: (args) => layerNormOver(args, (x) => x.type.shape.map((_, i) => i).slice(1, -1)),
  layer_norm: (args) => layerNormOver(args, (x) => x.type.shape.map((_, i) => i).slice(1)),
  prelu,
};

/** A layer whose parameters live at `piece`. The arguments are read, and checked, now. */
export function parametricLayer(args: Arguments, piece: string, parameters: ParameterTable): LayerValue {
  const run = LAYERS[args.name]!(args);
  return {
    kind: 'layer',
    name: args.name,
    inputs: 1,
    apply: ([x], at: ApplyContext) => {
      const { application } = at;
      if (!application) {
        return parameters.report.fail(
          'ED3017',
          args.span,
          `\`${args.name}\` gets a tensor while its group is only declared`,
          { hint: 'leave the tensor out of the group, and apply the group in a value: `y = name(x)`' },
        );
      }
      const place: NodePlace = { group: application.group, piece, application: application.number };
      const t = new Tensors(parameters.builder, parameters.report, args.span, args.name, place);
      const output = run({ t, x: x!, parameters, at: { application, piece, place, span: at.span } });
      application.taps.record(piece, output);
      return output;
    },
  };
}

function tensorOf(
  { t, parameters, at }: Applied,
  role: 'kernel' | 'bias' | 'gamma' | 'beta' | 'slope',
  shape: number[],
  init: InitIR,
): TensorValue {
  return t.tensor(parameters.parameter(at, role, shape, init));
}

const constant = (value: number): InitIR => ({ kind: 'constant', value });

function withBias(applied: Applied, y: TensorValue, bias: boolean): TensorValue {
  const channels = y.type.shape.at(-1) as number;
  return bias ? applied.t.add(y, tensorOf(applied, 'bias', [channels], constant(0))) : y;
}

/** Reports a tensor of another rank than the layer reads. */
function needRank({ t, x }: Applied, rank: number, what: string, hint: string): void {
  if (hasBatch(x) && restOf(x).length === rank) return;
  t.report.fail('ED3015', t.span, `\`${t.name}\` needs ${what}, and gets \`${formatType(x.type)}\``, {
    hint,
  });
}

const VECTOR = [
  'a vector per sample, `f32[batch, n]`',
  'put `flatten()` or `global_avg_pool()` before it',
] as const;
const IMAGE = [
  'an image per sample, `f32[batch, height, width, channels]`',
  'put `reshape(height, width, channels)` before it',
] as const;

function dense(args: Arguments): ReturnType<Build> {
  const units = args.fixed('units', COUNT);
  const bias = args.boolean('bias');
  const init = initOf(args, 'init');
  return (applied) => {
    const { t, x } = applied;
    needRank(applied, 1, ...VECTOR);
    const features = x.type.shape[1] as number;
    const kernel = tensorOf(applied, 'kernel', [features, units], init(features, units));
    return withBias(applied, t.emit('matmul', [x, kernel], { transposeA: false, transposeB: false }), bias);
  };
}

/** Cosines between the input and each column of the kernel (NormFace, Wang et al. 2017); `weights`: only the kernel is normalised. */
function cosineDense(args: Arguments): ReturnType<Build> {
  const units = args.fixed('units', COUNT);
  const both = args.choice('normalize', ['both', 'weights']) === 'both';
  const init = initOf(args, 'init');
  return (applied) => {
    const { t, x } = applied;
    needRank(applied, 1, ...VECTOR);
    const features = x.type.shape[1] as number;
    const kernel = tensorOf(applied, 'kernel', [features, units], init(features, units));
    const directions = normalize(t, kernel, [0], 1e-12);
    const rows = both ? normalize(t, x, [1], 1e-12) : x;
    return t.emit('matmul', [rows, directions], { transposeA: false, transposeB: false });
  };
}

/** The window of a convolution on an image of the size at hand. */
interface Window extends Extent {
  readonly pad: Pad;
}

function windowOf(args: Arguments): (applied: Applied) => Window {
  const extent: Extent = {
    kernel: args.pair('kernel', COUNT),
    stride: args.pair('stride', COUNT),
    dilation: args.pair('dilation', COUNT),
  };
  const pad = padOf(args, extent);
  return (applied) => {
    needRank(applied, 3, ...IMAGE);
    const [, height, width] = applied.x.type.shape as readonly [Dim, number, number];
    const window: Window = { ...extent, pad: pad(height, width) };
    needRoom(applied, window);
    return window;
  };
}

const convAttrs = ({
  stride,
  dilation,
  pad,
}: Window): { stride: number[]; dilation: number[]; pad: number[] } => ({
  stride: [...stride],
  dilation: [...dilation],
  pad: [...pad],
});

/** Reports a result without rows or columns. */
function needRoom({ t, x }: Applied, w: Window): void {
  const [height, width] = x.type.shape.slice(1) as [number, number];
  const out = [
    outputSize(height, w.kernel[0], w.pad[0] + w.pad[1], w.stride[0], w.dilation[0]),
    outputSize(width, w.kernel[1], w.pad[2] + w.pad[3], w.stride[1], w.dilation[1]),
  ];
  if (out.every((n) => n >= 1)) return;
  t.report.fail(
    'ED3003',
    t.span,
    `\`${t.name}\` with a kernel of ${w.kernel.join(' by ')} leaves nothing of an image of ${height} by ${width}`,
    {
      hint: 'use a smaller kernel or stride, fewer such layers, or a larger image',
    },
  );
}

function conv(args: Arguments): ReturnType<Build> {
  const filters = args.fixed('filters', COUNT);
  const window = windowOf(args);
  const bias = args.boolean('bias');
  const init = initOf(args, 'init');
  return (applied) => {
    const { t, x } = applied;
    const w = window(applied);
    const channels = x.type.shape[3] as number;
    const area = w.kernel[0] * w.kernel[1];
    const kernel = tensorOf(
      applied,
      'kernel',
      [...w.kernel, channels, filters],
      init(channels * area, filters * area),
    );
    return withBias(applied, t.emit('conv2d', [x, kernel], convAttrs(w)), bias);
  };
}

function depthwiseConv(args: Arguments): ReturnType<Build> {
  const window = windowOf(args);
  const bias = args.boolean('bias');
  const init = initOf(args, 'init');
  return (applied) => {
    const { t, x } = applied;
    const w = window(applied);
    const area = w.kernel[0] * w.kernel[1];
    const kernel = tensorOf(applied, 'kernel', [...w.kernel, x.type.shape[3] as number, 1], init(area, area));
    return withBias(applied, t.emit('depthwise_conv2d', [x, kernel], convAttrs(w)), bias);
  };
}

/** The adjoint of a convolution as a layer (Dumoulin and Visin 2016): sizes (in - 1) stride - 2 pad + kernel. */
function convTranspose(args: Arguments): ReturnType<Build> {
  const filters = args.fixed('filters', COUNT);
  const kernelSize = args.pair('kernel', COUNT);
  const stride = args.pair('stride', COUNT);
  const [rows, columns] = args.pair('pad', WHOLE);
  const bias = args.boolean('bias');
  const init = initOf(args, 'init');
  return (applied) => {
    const { t, x } = applied;
    needRank(applied, 3, ...IMAGE);
    const [, height, width, channels] = x.type.shape as readonly [Dim, number, number, number];
    const out = [
      (height - 1) * stride[0] - 2 * rows + kernelSize[0],
      (width - 1) * stride[1] - 2 * columns + kernelSize[1],
    ];
    if (out.some((n) => n < 1)) {
      t.report.fail(
        'ED3003',
        t.span,
        `\`conv_transpose\` leaves nothing of an image of ${height} by ${width}`,
        {
          hint: 'use a smaller `pad`',
        },
      );
    }
    const area = kernelSize[0] * kernelSize[1];
    const kernel = tensorOf(
      applied,
      'kernel',
      [...kernelSize, filters, channels],
      init(channels * area, filters * area),
    );
    const y = t.emit('conv2d_grad_input', [x, kernel], {
      stride,
      pad: [rows, rows, columns, columns],
      dilation: [1, 1],
      shape: ['batch', out[0]!, out[1]!, filters],
    });
    return withBias(applied, y, bias);
  };
}

function batchNorm(args: Arguments): ReturnType<Build> {
  const momentum = args.fixed('momentum', SHARE);
  const epsilon = args.fixed('epsilon', POSITIVE);
  const affine = args.boolean('affine');
  // Only the exception is an attribute: printed graphs stay short.
  const evaluate: Attrs =
    args.choice('evaluate', ['running', 'batch']) === 'batch' ? { evaluate: 'batch' } : {};
  return (applied) => {
    const { t, x, parameters, at } = applied;
    if (!hasBatch(x) || x.type.shape.length < 2) needRank(applied, 1, ...VECTOR);
    const channels = x.type.shape.at(-1) as number;
    const ones = (): TensorValue => t.emit('ones', [], { shape: [channels] });
    const gamma = affine ? tensorOf(applied, 'gamma', [channels], constant(1)) : ones();
    const beta = affine
      ? tensorOf(applied, 'beta', [channels], constant(0))
      : t.emit('scale', [ones()], { by: C.ZERO });
    const mean = t.tensor(parameters.statistic(at, 'mean', [channels]));
    const variance = t.tensor(parameters.statistic(at, 'variance', [channels]));
    return t.emit('batch_norm', [x, gamma, beta, mean, variance], { epsilon, momentum, ...evaluate });
  };
}

/** (x - μ) / √(σ² + ε) over some axes of each sample, then γ and β per channel (Ba et al. 2016; Ulyanov et al. 2016). */
function layerNormOver(args: Arguments, axesOf: (x: TensorValue) => Axes): ReturnType<Build> {
  const epsilon = args.fixed('epsilon', POSITIVE);
  const affine = args.name === 'layer_norm' || args.boolean('affine');
  return (applied) => {
    const { t, x } = applied;
    if (args.name === 'instance_norm') needRank(applied, 3, ...IMAGE);
    const axes = axesOf(x);
    const centred = t.sub(x, t.mean(x, axes, true));
    const variance = t.mean(t.unary('square', centred), axes, true);
    const normal = t.mul(centred, t.unary('rsqrt', t.add(variance, t.constant(epsilon))));
    if (!affine) return normal;
    const channels = x.type.shape.at(-1) as number;
    const gamma = tensorOf(applied, 'gamma', [channels], constant(1));
    return t.add(t.mul(normal, gamma), tensorOf(applied, 'beta', [channels], constant(0)));
  };
}

function prelu(args: Arguments): ReturnType<Build> {
  const slope = args.fixed('slope', NOT_NEGATIVE);
  const shared = args.boolean('shared');
  return (applied) => {
    const { t, x } = applied;
    const channels = x.type.shape.at(-1) as number;
    return t.emit('prelu', [x, tensorOf(applied, 'slope', [shared ? 1 : channels], constant(slope))]);
  };
}
