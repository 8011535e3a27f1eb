/** @file Softmax, its logarithm, and cross-entropy with its gradient, row by row in double precision. */
import type { Data, KernelTable, View } from './kernel.js';

/** Calls `each` per row of the last axis with log(Σ eˣ) of that row. */
function rows({ data, shape }: View, each: (start: number, n: number, logSum: number) => void): void {
  const n = shape.at(-1)!;
  for (let start = 0; start < data.length; start += n) each(start, n, logSumExp(data, start, n));
}

function logSumExp(data: Data, start: number, n: number): number {
  let top = -Infinity;
  for (let j = 0; j < n; j++) top = Math.max(top, data[start + j]!);
  let sum = 0;
  for (let j = 0; j < n; j++) sum += Math.exp(data[start + j]! - top);
  return top + Math.log(sum);
}

export const softmax: KernelTable = {
  softmax: ([x], [y]) =>
    rows(x!, (start, n, logSum) => {
      for (let j = start; j < start + n; j++) y!.data[j] = Math.exp(x!.data[j]! - logSum);
    }),
  log_softmax: ([x], [y]) =>
    rows(x!, (start, n, logSum) => {
      for (let j = start; j < start + n; j++) y!.data[j] = x!.data[j]! - logSum;
    }),
  softmax_cross_entropy: ([logits, target], [y]) =>
    rows(logits!, (start, n, logSum) => {
      let loss = 0;
      for (let j = start; j < start + n; j++) loss -= target!.data[j]! * (logits!.data[j]! - logSum);
      y!.data[start / n] = loss;
    }),
  softmax_cross_entropy_grad: ([dy, logits, target], [dx]) =>
    rows(logits!, (start, n, logSum) => {
      let total = 0;
      for (let j = start; j < start + n; j++) total += target!.data[j]!;
      const d = dy!.data[start / n]!;
      for (let j = start; j < start + n; j++)
        dx!.data[j] = d * (total * Math.exp(logits!.data[j]! - logSum) - target!.data[j]!);
    }),
};
