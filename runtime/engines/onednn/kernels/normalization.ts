/** @file Batch norm with its gradient and the parametric rectifier with its: one primitive each, in the layout that the data comes in. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG, QUERY } from '../dnnl.js';
import type { Layout } from '../layouts.js';
import type { Primitive } from '../primitive.js';
import { hasNumbers, isFloat, sizeOf, type Call, type NativeKernels } from './kernel.js';

/** Rank 2 or 4, the last axis being channels; in oneDNN's order they are axis 1. */
const isNormal = ({ shape }: TensorInfo): boolean => shape.length === 2 || shape.length === 4;

function batchNorm(backend: OneDnnBackend, layout: Layout, epsilon: number, given: boolean): Primitive {
  const { dnnl, layouts } = backend;
  return backend.prepared(`batch norm ${layout.id} ${epsilon} ${given}`, () => {
    const channels = layouts.flat(layout.dims[1]!);
    return backend.primitive(dnnl.batchNorm({ data: layout.description, epsilon, given }), [
      [ARG.src, layout],
      [ARG.scale, channels],
      [ARG.shift, channels],
      [ARG.mean, channels],
      [ARG.variance, channels],
      [ARG.dst, layout],
    ]);
  });
}

function batchNormTrain({ inputs, attrs, backend }: Call): TensorInfo[] | undefined {
  const [x, gamma, beta] = [inputs['0']!, inputs['1']!, inputs['2']!];
  if (!isNormal(x) || !hasNumbers(x)) return undefined;
  const layout = backend.layoutOf(x);
  const channels = backend.layouts.flat(layout.dims[1]!);
  const primitive = batchNorm(backend, layout, attrs['epsilon'] as number, false);
  const operands = [backend.in(x, layout), backend.in(gamma, channels), backend.in(beta, channels)];
  const y = backend.make(x.shape, layout);
  const [mean, variance] = [backend.make(gamma.shape, channels), backend.make(gamma.shape, channels)];
  primitive.run(...operands, mean.at, variance.at, y.at);
  return [y.info, mean.info, variance.info];
}

function batchNormApply(
  backend: OneDnnBackend,
  operands: readonly TensorInfo[],
  epsilon: number,
): TensorInfo | undefined {
  const [x, ...perChannel] = operands as [TensorInfo, ...TensorInfo[]];
  if (!isNormal(x) || !hasNumbers(x) || !isFloat(...operands)) return undefined;
  const layout = backend.layoutOf(x);
  const channels = backend.layouts.flat(layout.dims[1]!);
  if (perChannel.some(({ shape }) => sizeOf(shape) !== layout.dims[1])) return undefined;
  const primitive = batchNorm(backend, layout, epsilon, true);
  const at = [backend.in(x, layout), ...perChannel.map((t) => backend.in(t, channels))];
  const y = backend.make(x.shape, layout);
  primitive.run(...at, y.at);
  return y.info;
}

function batchNormGrad({ inputs, attrs, backend }: Call): TensorInfo[] | undefined {
  const [dy, x, gamma, mean, variance] = ['0', '1', '2', '3', '4'].map((name) => inputs[name]!) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  if (!isNormal(x) || !hasNumbers(x)) return undefined;
  const { dnnl, layouts } = backend;
  const layout = backend.layoutOf(x);
  const channels = layouts.flat(layout.dims[1]!);
  const epsilon = attrs['epsilon'] as number;
  // 2.x asks for the shift, and does not use it; 3.x refuses it.
  const unused = dnnl.library.version[0] === 2 ? [gamma] : [];
  const primitive = backend.prepared(`batch norm grad ${layout.id} ${epsilon}`, () => {
    const options = { data: layout.description, epsilon, given: false };
    const forward = dnnl.batchNorm(options);
    const descriptor = dnnl.batchNormGrad(options, forward);
    dnnl.destroy('primitive_desc', forward);
    return backend.primitive(descriptor, [
      [ARG.src, layout],
      [ARG.diffDst, layout],
      [ARG.scale, channels],
      ...unused.map(() => [ARG.shift, channels] as const),
      [ARG.mean, channels],
      [ARG.variance, channels],
      [ARG.diffSrc, layout],
      [ARG.diffScale, channels],
      [ARG.diffShift, channels],
    ]);
  });
  const operands = [
    backend.in(x, layout),
    backend.in(dy, layout),
    ...[gamma, ...unused, mean, variance].map((t) => backend.in(t, channels)),
  ];
  const dx = backend.make(x.shape, layout);
  const [dgamma, dbeta] = [backend.make(gamma.shape, channels), backend.make(gamma.shape, channels)];
  primitive.run(...operands, dx.at, dgamma.at, dbeta.at);
  return [dx.info, dgamma.info, dbeta.info];
}

interface Rectifier {
  readonly forward: Primitive;
  readonly gradient: Primitive;
  readonly slope: Layout;
  readonly gradSlope: Layout;
}

/** With a slope for each channel, or one for all. */
function rectifier(backend: OneDnnBackend, layout: Layout, slopes: number): Rectifier {
  const { dnnl, layouts } = backend;
  return backend.prepared(`prelu ${layout.id} ${slopes}`, () => {
    const plain = layouts.perChannel(slopes, layout.dims.length);
    // Left to the library: with row-major slopes it would fall back to its slow reference.
    const any = dnnl.describe(plain.dims);
    const forward = dnnl.prelu(layout.description, any);
    const gradient = dnnl.preluGrad(layout.description, any, any, forward);
    dnnl.forget(any);
    const slope = layouts.chosen(dnnl.layoutIn(forward, QUERY.weights), plain);
    const gradInput = layouts.chosen(dnnl.layoutIn(gradient, QUERY.weights), plain);
    const gradSlope = layouts.chosen(dnnl.layoutIn(gradient, QUERY.diffWeights), plain);
    return {
      forward: backend.primitive(forward, [
        [ARG.src, layout],
        [ARG.weights, slope],
        [ARG.dst, layout],
      ]),
      gradient: backend.primitive(gradient, [
        [ARG.diffDst, layout],
        [ARG.src, layout],
        [ARG.weights, gradInput],
        [ARG.diffSrc, layout],
        [ARG.diffWeights, gradSlope],
      ]),
      slope,
      gradSlope,
    };
  });
}

/** The number of slopes if they are one for all or one per channel. */
function slopesOf(x: TensorInfo, slope: TensorInfo): number | undefined {
  const size = sizeOf(slope.shape);
  return (size === 1 || size === slope.shape.at(-1)) && (size === 1 || size === x.shape.at(-1))
    ? size
    : undefined;
}

function prelu(backend: OneDnnBackend, x: TensorInfo, slope: TensorInfo): TensorInfo | undefined {
  const slopes = slopesOf(x, slope);
  if (slopes === undefined || !isNormal(x) || !isFloat(x, slope) || !hasNumbers(x)) return undefined;
  const layout = backend.layoutOf(x);
  const { forward, slope: weights } = rectifier(backend, layout, slopes);
  const [from, by] = [backend.in(x, layout), backend.in(slope, weights)];
  const y = backend.make(x.shape, layout);
  forward.run(from, by, y.at);
  return y.info;
}

/** (dy, x, slope) → (dx, dslope) */
function preluGrad({ inputs, backend }: Call): TensorInfo[] | undefined {
  const [dy, x, slope] = [inputs['0']!, inputs['1']!, inputs['2']!];
  const slopes = slopesOf(x, slope);
  if (slopes === undefined || !isNormal(x) || !hasNumbers(x)) return undefined;
  const layout = backend.layoutOf(x);
  const { gradient, slope: weights, gradSlope } = rectifier(backend, layout, slopes);
  const operands = [backend.in(dy, layout), backend.in(x, layout), backend.in(slope, weights)];
  const dx = backend.make(x.shape, layout);
  const dslope = backend.make(slope.shape, gradSlope);
  gradient.run(...operands, dx.at, dslope.at);
  return [dx.info, dslope.info];
}

export const normalization: NativeKernels = {
  'ed2l.batch_norm_train': batchNormTrain,
  'ed2l.batch_norm_grad': batchNormGrad,
  'ed2l.batch_norm_apply': ({ inputs, attrs, backend }) =>
    batchNormApply(
      backend,
      ['0', '1', '2', '3', '4'].map((name) => inputs[name]!),
      attrs['epsilon'] as number,
    ),
  FusedBatchNorm: ({ inputs, attrs, backend }) => {
    const { x, scale, offset, mean, variance } = inputs;
    return scale && offset
      ? batchNormApply(backend, [x!, scale, offset, mean!, variance!], attrs['varianceEpsilon'] as number)
      : undefined;
  },
  Prelu: ({ inputs, backend }) => prelu(backend, inputs['x']!, inputs['alpha']!),
  'ed2l.prelu_grad': preluGrad,
};
