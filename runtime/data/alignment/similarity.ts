/** @file Shifting, turning and scaling points onto others: the similarity of least squares, which never mirrors. */
import type { Point } from '../../detection/detect.js';

/** z ↦ c z + d, with points as complex numbers x + iy. */
export interface Similarity {
  readonly c: Point;
  readonly d: Point;
}

/** The one that brings `from` nearest to `to`; null where all of `from` are one point. */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity | null {
  const [p, q] = [centre(from), centre(to)];
  let [real, imaginary, square] = [0, 0, 0];
  from.forEach(([fx, fy], i) => {
    const [x, y] = [fx - p[0], fy - p[1]];
    const [u, v] = [to[i]![0] - q[0], to[i]![1] - q[1]];
    real += x * u + y * v;
    imaginary += x * v - y * u;
    square += x * x + y * y;
  });
  const c = [real / square, imaginary / square] as const;
  if (!c.every(Number.isFinite) || Math.hypot(...c) === 0) return null;
  return { c, d: [q[0] - (c[0] * p[0] - c[1] * p[1]), q[1] - (c[0] * p[1] + c[1] * p[0])] };
}

export const map = ({ c, d }: Similarity, [x, y]: Point): Point => [
  c[0] * x - c[1] * y + d[0],
  c[0] * y + c[1] * x + d[1],
];

export function inverse({ c, d }: Similarity): Similarity {
  const square = c[0] ** 2 + c[1] ** 2;
  const back = [c[0] / square, -c[1] / square] as const;
  return { c: back, d: [-(back[0] * d[0] - back[1] * d[1]), -(back[0] * d[1] + back[1] * d[0])] };
}

function centre(points: readonly Point[]): Point {
  const mean = (axis: 0 | 1): number => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  return [mean(0), mean(1)];
}
