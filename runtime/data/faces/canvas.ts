/**
 * @file The face-fixed raster on which a face is built before pose: 2x supersampled, that is 80.8 cells per eye
 * distance, with some room around the head for hair, shift and rotation. Fields are Float32Array(columns * rows).
 */

/** Pixels per eye distance in the 128x110 frame, from the scaled SphereFace alignment template. */
export const eyeDistance = 40.4;
export const pitch = 2 * eyeDistance;
export const left = -1.6;
export const top = -1.8;
export const columns = Math.ceil(2 * -left * pitch);
export const rows = Math.ceil((2 - top) * pitch);

export const newField = (): Float32Array => new Float32Array(columns * rows);

export const xOf = (column: number): number => left + (column + 0.5) / pitch;
export const yOf = (row: number): number => top + (row + 0.5) / pitch;

export interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** The cells whose centres may lie in a rectangle of face coordinates; upper bounds are exclusive. */
export function boxOf(fromX: number, toX: number, fromY: number, toY: number): Box {
  return {
    x0: Math.max(1, Math.floor((fromX - left) * pitch)),
    x1: Math.min(columns - 1, Math.ceil((toX - left) * pitch)),
    y0: Math.max(1, Math.floor((fromY - top) * pitch)),
    y1: Math.min(rows - 1, Math.ceil((toY - top) * pitch)),
  };
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smooth(from: number, to: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Adds height * exp(-(dx/rx)^2 - (dy/ry)^2), cut off where it falls under a thousandth. */
export function addGaussian(
  field: Float32Array,
  x: number,
  y: number,
  rx: number,
  ry: number,
  height: number,
): void {
  const { x0, x1, y0, y1 } = boxOf(x - 2.6 * rx, x + 2.6 * rx, y - 2.6 * ry, y + 2.6 * ry);
  const profile = new Float64Array(Math.max(0, x1 - x0));
  for (let i = x0; i < x1; i++) profile[i - x0] = Math.exp(-(((xOf(i) - x) / rx) ** 2));
  for (let j = y0; j < y1; j++) {
    const across = height * Math.exp(-(((yOf(j) - y) / ry) ** 2));
    for (let i = x0, at = j * columns + x0; i < x1; i++, at++) field[at]! += across * profile[i - x0]!;
  }
}

/** Smooth noise from a lattice of values; `u` and `v` in lattice units, repeated beyond its edge. */
export function latticeNoise(values: Float64Array, width: number, u: number, v: number): number {
  const height = values.length / width;
  const iu = Math.floor(u);
  const iv = Math.floor(v);
  const fu = smooth(0, 1, u - iu);
  const fv = smooth(0, 1, v - iv);
  const a = ((iu % width) + width) % width;
  const b = (a + 1) % width;
  const c = (((iv % height) + height) % height) * width;
  const d = ((((iv + 1) % height) + height) % height) * width;
  const upper = values[c + a]! * (1 - fu) + values[c + b]! * fu;
  const lower = values[d + a]! * (1 - fu) + values[d + b]! * fu;
  return upper * (1 - fv) + lower * fv;
}
