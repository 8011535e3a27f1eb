/**
 * @file Features in the span of the rows learned from: as many numbers as there are rows, with the same products between rows. What an L2 penalty fits
 * lies in that span, so a classifier of many features and few rows is fitted there, in a small part of the time.
 */
import type { Rows } from './predict.js';

export interface Span {
  /** Of the rows it was made from. */
  readonly rows: Rows;
  /** Others of the same features; what is not in the span has no say. */
  readonly project: (rows: Rows) => Rows;
}

/** A pivot below this share of the largest is a row that the others span already. */
const DEPENDENT = 1e-7;

/** The Cholesky factor L of the products between rows: X = L Qᵀ with orthonormal Q, so L is X in the basis Q, and other rows Y are L⁻¹ X Yᵀ. */
export function spanOf(x: Rows): Span {
  const n = x.data.length / x.width;
  const factor = new Float64Array(n * n);
  const least = DEPENDENT * Math.max(...Array.from({ length: n }, (_, i) => dot(x, i, x, i)));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = dot(x, i, x, j);
      for (let k = 0; k < j; k++) rest -= factor[i * n + k]! * factor[j * n + k]!;
      const pivot = factor[j * n + j]!;
      factor[i * n + j] = i === j ? (rest > least ? Math.sqrt(rest) : 0) : pivot === 0 ? 0 : rest / pivot;
    }
  const project = (y: Rows): Rows => {
    const count = y.data.length / y.width;
    const data = new Float32Array(count * n);
    const row = new Float64Array(n);
    for (let r = 0; r < count; r++) {
      for (let j = 0; j < n; j++) {
        let rest = dot(y, r, x, j);
        for (let k = 0; k < j; k++) rest -= row[k]! * factor[j * n + k]!;
        const pivot = factor[j * n + j]!;
        row[j] = pivot === 0 ? 0 : rest / pivot;
      }
      data.set(row, r * n);
    }
    return { data, width: n };
  };
  return { rows: { data: Float32Array.from(factor), width: n }, project };
}

function dot(a: Rows, i: number, b: Rows, j: number): number {
  const { width } = a;
  let sum = 0;
  for (let k = 0; k < width; k++) sum += a.data[i * width + k]! * b.data[j * width + k]!;
  return sum;
}
