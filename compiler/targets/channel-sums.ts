/**
 * @file Sums over all pixels of a channel, for engines whose products are fast and whose reductions are not: the sum over the
 * pixels of each image is a product with a row of ones, and only those sums, one
 * row per image, are added up in double precision.
 */
import type { Dim } from '../graph/graph.js';
import type { LegalizationRule } from './target.js';

type Context = Parameters<LegalizationRule>[0];
type Image = readonly [Dim, number, number, number];

const isImage = ({ builder }: Context, x: number): boolean =>
  builder.type(x).shape.length === 4 && builder.type(x).shape[0] === 'batch';

/** [batch, height, width, channels] → [channels] */
function channelSum({ builder, emit }: Context, x: number): number {
  const [batch, height, width, channels] = builder.type(x).shape as Image;
  const pixels = emit('reshape', [x], { shape: [batch, height * width, channels] });
  const ones = emit('ones', [], { shape: [batch, 1, height * width] });
  return emit('sum', [emit('batch_matmul', [ones, pixels])], { axes: [0, 1], keep: false });
}

export const sumTo: LegalizationRule = (context) => {
  const { node, inputs, builder } = context;
  const [x] = inputs as [number];
  const shape = node.attrs['shape'] as readonly Dim[];
  if (!isImage(context, x) || shape.length !== 1 || shape[0] !== builder.type(x).shape[3]) return undefined;
  return [channelSum(context, x)];
};
