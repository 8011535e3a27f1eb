/**
 * @file Layers that sum over all pixels of a channel, for engines whose products and plain elementwise kernels are fast and
 * whose reductions are not: the sum over the pixels of each image is a product with a row of ones, and only those sums, one
 * row per image, are added up in double precision.
 */
import type { Dim } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { LegalizationRule } from './target.js';

type Context = Parameters<LegalizationRule>[0];
type Image = readonly [Dim, number, number, number];

const isImage = ({ builder }: Context, x: number): boolean =>
  builder.type(x).shape.length === 4 && builder.type(x).shape[0] === 'batch';

/** With fewer channels, plain loops over the pixels are faster than products with what is broadcast over them. */
const CHANNELS = 16;

const isWideImage = (context: Context, x: number): boolean =>
  isImage(context, x) && (context.builder.type(x).shape[3] as number) >= CHANNELS;

/** [batch, height, width, channels] → [channels] */
function channelSum({ builder, emit }: Context, x: number): number {
  const [batch, height, width, channels] = builder.type(x).shape as Image;
  const pixels = emit('reshape', [x], { shape: [batch, height * width, channels] });
  const ones = emit('ones', [], { shape: [batch, 1, height * width] });
  return emit('sum', [emit('batch_matmul', [ones, pixels])], { axes: [0, 1], keep: false });
}

/** 1 / number of pixels in the batch */
function perPixel({ builder }: Context, x: number): Coefficient {
  const [, height, width] = builder.type(x).shape as Image;
  return C.divide(C.exactly(1, height * width), C.named('batch'));
}

function inverseDeviation({ node, emit }: Context, variance: number): number {
  const epsilon = emit('constant', [], { value: C.fromNumber(node.attrs['epsilon'] as number) });
  return emit('rsqrt', [emit('add', [variance, epsilon])]);
}

export const batchNormTrain: LegalizationRule = (context) => {
  const { inputs, emit } = context;
  const [x, gamma, beta] = inputs as [number, number, number];
  if (!isWideImage(context, x)) return undefined;
  const by = perPixel(context, x);
  const mean = emit('scale', [channelSum(context, x)], { by });
  const centred = emit('sub', [x, mean]);
  const variance = emit('scale', [channelSum(context, emit('square', [centred]))], { by });
  const factor = emit('mul', [gamma, inverseDeviation(context, variance)]);
  return [emit('add', [emit('mul', [centred, factor]), beta]), mean, variance];
};

/** dx = a dy + b (x - μ) + e per channel; x - μ is the forward's own value, shared. */
export const batchNormGrad: LegalizationRule = (context) => {
  const { inputs, emit } = context;
  const [dy, x, gamma, mean, variance] = inputs as [number, number, number, number, number];
  if (!isWideImage(context, x)) return undefined;
  const by = C.negate(perPixel(context, x));
  const inverse = inverseDeviation(context, variance);
  const centred = emit('sub', [x, mean]);
  const sum = channelSum(context, dy);
  const products = channelSum(context, emit('mul', [dy, centred]));
  const dgamma = emit('mul', [products, inverse]);
  const a = emit('mul', [gamma, inverse]);
  const b = emit('scale', [emit('mul', [a, emit('mul', [inverse, dgamma])])], { by });
  const e = emit('scale', [emit('mul', [a, sum])], { by });
  const dx = emit('add', [emit('add', [emit('mul', [dy, a]), emit('mul', [centred, b])]), e]);
  return [dx, dgamma, sum];
};

/** dy × (slope + (1 - slope) step(x)) */
export const preluGradInput: LegalizationRule = ({ inputs, emit }) => {
  const [dy, x, slope] = inputs as [number, number, number];
  const one = emit('constant', [], { value: C.ONE });
  const gain = emit('mul', [emit('step', [x]), emit('sub', [one, slope])]);
  return [emit('mul', [dy, emit('add', [gain, slope])])];
};

/** Σ dy × min(x, 0) */
export const preluGradSlope: LegalizationRule = (context) => {
  const { inputs, emit, builder } = context;
  const [dy, x, slope] = inputs as [number, number, number];
  if (!isImage(context, x)) return undefined;
  const negative = emit('sub', [x, emit('relu', [x])]);
  const sums = channelSum(context, emit('mul', [dy, negative]));
  const { shape } = builder.type(slope);
  return [shape[0] === builder.type(sums).shape[0] ? sums : emit('sum_to', [sums], { shape })];
};

export const sumTo: LegalizationRule = (context) => {
  const { node, inputs, builder } = context;
  const [x] = inputs as [number];
  const shape = node.attrs['shape'] as readonly Dim[];
  if (!isImage(context, x) || shape.length !== 1 || shape[0] !== builder.type(x).shape[3]) return undefined;
  return [channelSum(context, x)];
};
