/**
 * @file Parts of an image at another size: bilinear where it is enlarged, averaged with a triangle as wide as the pixels it makes where it
 * is made smaller. Own arithmetic, so that every engine finds the same faces.
 */

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3], 0…255. */
  readonly pixels: ArrayLike<number>;
}

/** Edges in pixels; the first pixel reaches from 0 to 1. May lie partly outside of the image. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What lies outside of an image: nothing (what is inside is weighed alone), or black. */
export type Outside = 'nothing' | 'black';

/** For each pixel of a row or column that is made: the first one it reads, and weights. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

function tapsOf(from: number, to: number, size: number, made: number, outside: Outside): Taps {
  const step = (to - from) / made;
  const reach = Math.max(1, step);
  const first = new Int32Array(made);
  const weights = Array.from({ length: made }, (_, i) => {
    const centre = from + (i + 0.5) * step - 0.5;
    const start = Math.ceil(centre - reach);
    const end = Math.floor(centre + reach);
    const begin = Math.max(0, start);
    const own = new Float64Array(Math.max(0, Math.min(size - 1, end) - begin + 1));
    let sum = 0;
    for (let at = start; at <= end; at++) {
      const weight = Math.max(0, 1 - Math.abs(at - centre) / reach);
      const inside = at >= 0 && at < size;
      if (inside) own[at - begin] = weight;
      if (inside || outside === 'black') sum += weight;
    }
    first[i] = begin;
    return sum > 0 ? own.map((weight) => weight / sum) : own;
  });
  return { first, weights };
}

const CHANNELS = 3;

/** Writes [height, width, 3] numbers of 0…255 to `into` from `at` on, with `stride` numbers from row to row. */
export function resample(
  { height, width, pixels }: Picture,
  { left, top, right, bottom }: Region,
  size: { readonly height: number; readonly width: number },
  outside: Outside,
  into: Float32Array,
  at = 0,
  stride = size.width * CHANNELS,
): void {
  const across = tapsOf(left, right, width, size.width, outside);
  const down = tapsOf(top, bottom, height, size.height, outside);
  const row = new Float64Array(size.width * CHANNELS);
  // Rows are narrowed once, when the first result needs them.
  const kept = new Map<number, Float64Array>();
  const narrowed = (y: number): Float64Array => {
    let made = kept.get(y);
    if (!made) {
      made = narrow(pixels, y * width * CHANNELS, across, size.width);
      kept.set(y, made);
    }
    return made;
  };
  for (let i = 0; i < size.height; i++) {
    const start = down.first[i]!;
    const weights = down.weights[i]!;
    row.fill(0);
    weights.forEach((weight, k) => {
      if (weight === 0) return;
      const source = narrowed(start + k);
      for (let x = 0; x < row.length; x++) row[x]! += weight * source[x]!;
    });
    into.set(row, at + i * stride);
    for (const y of kept.keys()) if (y < start) kept.delete(y);
  }
}

function narrow(
  pixels: ArrayLike<number>,
  row: number,
  { first, weights }: Taps,
  width: number,
): Float64Array {
  const made = new Float64Array(width * CHANNELS);
  for (let j = 0; j < width; j++) {
    const own = weights[j]!;
    let [r, g, b] = [0, 0, 0];
    let at = row + first[j]! * CHANNELS;
    for (let k = 0; k < own.length; k++, at += CHANNELS) {
      const weight = own[k]!;
      r += weight * pixels[at]!;
      g += weight * pixels[at + 1]!;
      b += weight * pixels[at + 2]!;
    }
    made[j * CHANNELS] = r;
    made[j * CHANNELS + 1] = g;
    made[j * CHANNELS + 2] = b;
  }
  return made;
}
