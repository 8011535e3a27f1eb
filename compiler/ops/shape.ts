/** @file Shape arithmetic shared by the op families. */
import { sameShape, type Dim, type Shape, type Type } from '../graph/graph.js';
import type { Problem } from './rule.js';

export const f32 = (shape: Shape): Type => ({ dtype: 'f32', shape });

export function isProblem(x: unknown): x is Problem {
  return typeof x === 'object' && x !== null && 'message' in x;
}

/** Numpy broadcasting: sizes align from the right; equal, or one of them 1. */
export function broadcast(a: Shape, b: Shape): Shape | Problem {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      return {
        message: `the sizes ${x} and ${y} of axis ${i} do not match`,
        found: `[${b.join(', ')}]`,
        expected: `[${a.join(', ')}]`,
        operand: 1,
        axis: i,
      };
    }
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** Number of elements for `batch` samples. */
export function elements(type: Type, batch: number): number {
  return type.shape.reduce<number>((n, d) => n * (d === 'batch' ? batch : d), 1);
}

export const total = (types: readonly Type[], batch: number): number =>
  types.reduce((n, t) => n + elements(t, batch), 0);

/** The shape after reducing `axes`, kept as 1 or dropped. */
export function reduced(shape: Shape, axes: readonly number[], keep: boolean): Dim[] {
  return keep ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));
}

/** Why operand `k` has not the shape that it must have, or undefined. */
export function otherShape(found: Type, expected: Shape, operand: number): Problem | undefined {
  return sameShape(found.shape, expected)
    ? undefined
    : {
        message: `operand ${operand} has another shape`,
        found: `[${found.shape.join(', ')}]`,
        expected: `[${expected.join(', ')}]`,
        operand,
      };
}
