/** @file Which convolutions the wasm engine computes by Winograd's method (runtime/engines/simd): 3 by 3, stride 1, channels in whole vectors. */
import type { Dim } from '../graph/graph.js';

/** What kernels take in 36 planes must leave room for the tensors. */
const MOST_WEIGHTS = 512 * 512;

export function isWinograd(kernel: readonly Dim[], attrs: Readonly<Record<string, unknown>>): boolean {
  const [height, width, channels, filters] = kernel as readonly number[];
  const once = (value: unknown): boolean => (value as readonly number[]).every((n) => n === 1);
  return (
    height === 3 &&
    width === 3 &&
    once(attrs['stride']) &&
    once(attrs['dilation']) &&
    channels! % 8 === 0 &&
    filters! % 8 === 0 &&
    channels! * filters! <= MOST_WEIGHTS
  );
}
