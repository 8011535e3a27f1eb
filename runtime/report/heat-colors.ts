/** @file A map as an image: resized by bilinear interpolation, from dark (0) to light (1) in colours whose lightness rises evenly. */
import { codec } from '../data/codec.js';
import type { HeatMap } from './report-data.js';

/** A map before it is an image. */
export type Map2d = Omit<HeatMap, 'image'>;

/** Inferno of matplotlib at 0, 1/8, … 1. */
const COLORS = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
] as const;

export function colorOf(value: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, value)) * (COLORS.length - 1);
  const below = Math.min(COLORS.length - 2, Math.floor(place));
  const [a, b] = [COLORS[below]!, COLORS[below + 1]!];
  return [0, 1, 2].map((c) => Math.round(a[c]! + (b[c]! - a[c]!) * (place - below))) as [
    number,
    number,
    number,
  ];
}

/** With pixels in the middle of their cells, and edges repeated. */
export function resized(
  { values, height, width }: Pick<Map2d, 'values' | 'height' | 'width'>,
  tall: number,
  wide: number,
): number[] {
  const along = (i: number, from: number, to: number): readonly [number, number, number] => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(place);
    return [low, Math.min(from - 1, low + 1), place - low];
  };
  return Array.from({ length: tall * wide }, (_, i) => {
    const [top, bottom, down] = along(Math.floor(i / wide), height, tall);
    const [left, right, across] = along(i % wide, width, wide);
    const row = (y: number): number =>
      values[y * width + left]! * (1 - across) + values[y * width + right]! * across;
    return row(top) * (1 - down) + row(bottom) * down;
  });
}

/** A PNG, base64. */
export async function heatImage(map: Map2d, height: number, width: number): Promise<string> {
  const pixels = Buffer.from(resized(map, height, width).flatMap(colorOf));
  const png = await codec()(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return png.toString('base64');
}
