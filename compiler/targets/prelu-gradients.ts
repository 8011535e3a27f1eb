/** @file The rectifier's two gradients as one operation, for engines that compute them together. */
import type { LegalizationRule } from './target.js';

const output =
  (index: 0 | 1): LegalizationRule =>
  ({ inputs, builder, emit }) => [builder.producer(emit('prelu_grad', inputs)).outputs[index]!];

export const preluGradients: Readonly<Record<string, LegalizationRule>> = {
  prelu_grad_input: output(0),
  prelu_grad_slope: output(1),
};
