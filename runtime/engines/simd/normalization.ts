/** @file Batch norm with its gradient and the rectifier's gradient, as passes of the pool with a little arithmetic per channel between them. */
import { number, type Attrs } from '../kernels/kernel.js';
import { PASS_NAMES, PASSES, type PassName } from './channels.js';
import type { Pool } from './pool.js';

/** Numbers per channel. */
export type PerChannel = ArrayLike<number>;

export interface ChannelHeap {
  /** Memory for a while. */
  readonly withMemory: (bytes: number, use: (at: number) => void) => unknown;
  readonly floats: (at: number, length: number) => Float32Array;
  readonly doubles: (at: number, length: number) => Float64Array;
}

/** Addresses of images. */
interface Images {
  readonly operands: readonly number[];
  readonly result?: number;
  readonly rows: number;
  readonly channels: number;
}

/** Runs one pass; gives the sums over all rows. */
export function passOver(
  pool: Pool,
  heap: ChannelHeap,
  name: PassName,
  { operands: [a, b = 0], result = 0, rows, channels }: Images,
  coefficients: readonly PerChannel[],
): Float64Array[] {
  const { length } = PASSES[name].sums;
  const sums = Array.from({ length }, () => new Float64Array(channels));
  const [given, summed] = [4 * coefficients.length * channels, 8 * length * channels];
  heap.withMemory(given + pool.threads * summed, (memory) => {
    const numbers = heap.floats(memory, coefficients.length * channels);
    const totals = heap.doubles(memory + given, pool.threads * length * channels).fill(0);
    const each = (per: number, visit: (at: number, k: number, channel: number) => void): void => {
      for (let k = 0; k < per; k++)
        for (let c = 0; c < channels; c++) visit(((c >> 2) * per + k) * 4 + (c & 3), k, c);
    };
    each(coefficients.length, (at, k, c) => (numbers[at] = coefficients[k]![c]!));
    const pass = PASS_NAMES.indexOf(name);
    pool.run('pass', [pass, a!, b, result, memory, memory + given, rows, channels]);
    for (let thread = 0; thread < pool.threads; thread++)
      each(length, (at, k, c) => (sums[k]![c]! += totals[thread * length * channels + at]!));
  });
  return sums;
}

/** A tensor's address and its numbers. */
export interface Placed {
  readonly at: number;
  readonly data: Float32Array;
}

export type Layer = (
  pool: Pool,
  heap: ChannelHeap,
  inputs: readonly Placed[],
  outputs: readonly Placed[],
  attrs: Attrs,
) => void;

const inverseDeviations = (variance: PerChannel, attrs: Attrs): Float64Array =>
  Float64Array.from(variance, (v) => 1 / Math.sqrt(v + number(attrs, 'epsilon')));

export const batchNormTrain: Layer = (pool, heap, [x, gamma, beta], [y, mean, variance], attrs) => {
  const channels = gamma!.data.length;
  const rows = x!.data.length / channels;
  const shift = x!.data.slice(0, channels);
  const images = { operands: [x!.at], rows, channels };
  const [sum, squares] = passOver(pool, heap, 'moments', images, [shift]);
  for (let c = 0; c < channels; c++) {
    const m = sum![c]! / rows;
    mean!.data[c] = shift[c]! + m;
    variance!.data[c] = Math.max(0, squares![c]! / rows - m * m);
  }
  const inverse = inverseDeviations(variance!.data, attrs);
  const factor = inverse.map((s, c) => s * gamma!.data[c]!);
  passOver(pool, heap, 'normalize', { ...images, result: y!.at }, [mean!.data, factor, beta!.data]);
};

/** dx = γ/σ (dy - mean(dy) - x̂ mean(dy x̂)) (Ioffe and Szegedy 2015). */
export const batchNormGrad: Layer = (
  pool,
  heap,
  [dy, x, gamma, mean, variance],
  [dx, dgamma, dbeta],
  attrs,
) => {
  const channels = gamma!.data.length;
  const rows = x!.data.length / channels;
  const images = { operands: [dy!.at, x!.at], rows, channels };
  const [sum, products] = passOver(pool, heap, 'normGradientSums', images, [mean!.data]);
  const inverse = inverseDeviations(variance!.data, attrs);
  const a = inverse.map((s, c) => s * gamma!.data[c]!);
  const b = a.map((factor, c) => (-factor * products![c]! * inverse[c]! ** 2) / rows);
  const e = a.map((factor, c) => (-factor * sum![c]!) / rows);
  dbeta!.data.set(sum!);
  dgamma!.data.set(products!.map((p, c) => p * inverse[c]!));
  passOver(pool, heap, 'normGradient', { ...images, result: dx!.at }, [mean!.data, a, b, e]);
};

export const preluGrad: Layer = (pool, heap, [dy, x, slope], [dx, ds]) => {
  const channels = slope!.data.length;
  const images = {
    operands: [dy!.at, x!.at],
    result: dx!.at,
    rows: x!.data.length / channels,
    channels,
  };
  const [sum] = passOver(pool, heap, 'rectifierGradient', images, [slope!.data]);
  ds!.data.set(sum!);
};
