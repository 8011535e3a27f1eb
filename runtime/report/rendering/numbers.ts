/** @file Numbers as text, the same on pages, in figures and in their alternatives. */
import type { Interval } from '../../evaluation/bootstrap.js';

/** `72.1`: a share in percent. */
export const percent = (share: number): string => (100 * share).toFixed(1);

/** `68.0 to 75.9` */
export const range = ({ from, to }: Interval): string => `${percent(from)} to ${percent(to)}`;

/** Three digits that count: `13.1`, `0.00214`, `4.1e-7`. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** `1 seed`, `3 seeds` */
export const count = (n: number, what: string, several = `${what}s`): string =>
  `${n} ${n === 1 ? what : several}`;

/** `a, b and c` */
export const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
