/** @file An image seen through a similarity: bilinear, or averaged over as much as a pixel of the result covers; the edge is repeated beyond the border. */
import type { Picture } from '../../detection/resample.js';
import { inverse, map, type Similarity } from './similarity.js';

/** [height, width, 3], rounded. `to`: from pixels of the image to those of the result. */
export function warp(image: Picture, to: Similarity, height: number, width: number): Uint8Array {
  const from = inverse(to);
  const reach = Math.max(1, Math.hypot(...from.c));
  const pixels = new Uint8Array(height * width * 3);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) sample(image, map(from, [j, i]), reach, pixels, (i * width + j) * 3);
  return pixels;
}

/** A triangle of that half-width around a point; with 1 this is bilinear interpolation. */
function sample(
  { height, width, pixels }: Picture,
  [x, y]: readonly [number, number],
  reach: number,
  into: Uint8Array,
  at: number,
): void {
  let [r, g, b, sum] = [0, 0, 0, 0];
  const [right, bottom] = [Math.floor(x + reach), Math.floor(y + reach)];
  for (let row = Math.ceil(y - reach); row <= bottom; row++) {
    const down = 1 - Math.abs(row - y) / reach;
    const start = Math.min(height - 1, Math.max(0, row)) * width;
    for (let column = Math.ceil(x - reach); column <= right; column++) {
      const weight = down * (1 - Math.abs(column - x) / reach);
      const pixel = (start + Math.min(width - 1, Math.max(0, column))) * 3;
      r += weight * pixels[pixel]!;
      g += weight * pixels[pixel + 1]!;
      b += weight * pixels[pixel + 2]!;
      sum += weight;
    }
  }
  into[at] = Math.round(r / sum);
  into[at + 1] = Math.round(g / sum);
  into[at + 2] = Math.round(b / sum);
}
