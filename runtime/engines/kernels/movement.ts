/** @file Kernels that reduce along axes or move elements. */
import { reader } from './elementwise.js';
import { number, numbers, sizeOf, type Kernel, type KernelTable, type View } from './kernel.js';

/** Folds along `axes`: result position of element i by strides, so that every element is read once and in order. */
function fold(initial: number, step: (a: number, b: number) => number): Kernel {
  return ([x], [y], attrs) => {
    const axes = numbers(attrs, 'axes');
    const kept = x!.shape.map((d, k) => (axes.includes(k) ? 1 : d));
    foldTo(x!.data, x!.shape, kept, y!.data, initial, step);
  };
}

function foldTo(
  from: ArrayLike<number>,
  shape: readonly number[],
  kept: readonly number[],
  to: { [i: number]: number; readonly length: number; fill(value: number): unknown },
  initial: number,
  step: (a: number, b: number) => number,
): void {
  to.fill(initial);
  const firstReduced = kept.findIndex((d, k) => d !== shape[k]);
  const lastReduced = kept.findLastIndex((d, k) => d !== shape[k]);
  const reduced = kept.slice(firstReduced, lastReduced + 1);
  if (firstReduced < 0 || reduced.every((d, i) => d === 1 || shape[firstReduced + i] === 1)) {
    // One run of reduced axes: [outer, run, inner].
    const inner = firstReduced < 0 ? 1 : sizeOf(shape.slice(lastReduced + 1));
    const run = firstReduced < 0 ? 1 : sizeOf(shape.slice(firstReduced, lastReduced + 1));
    const outer = from.length / (inner * run);
    // In double precision, since a sum may have millions of terms.
    const partial = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      partial.fill(initial);
      for (let r = 0; r < run; r++) {
        const base = (o * run + r) * inner;
        for (let i = 0; i < inner; i++) partial[i] = step(partial[i]!, from[base + i]!);
      }
      for (let i = 0; i < inner; i++) to[o * inner + i] = partial[i]!;
    }
    return;
  }
  const strides: number[] = [];
  let stride = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    strides[k] = kept[k] === 1 ? 0 : stride;
    stride *= kept[k]!;
  }
  const index = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < from.length; i++) {
    to[at] = step(to[at]!, from[i]!);
    for (let k = shape.length - 1; k >= 0; k--) {
      at += strides[k]!;
      if (++index[k]! < shape[k]!) break;
      at -= strides[k]! * shape[k]!;
      index[k] = 0;
    }
  }
}

const add = (a: number, b: number): number => a + b;

/** [n, height, width, c] → [c, height, width, n], pixel by pixel in tiles that the processor's cache holds. */
function exchangeEnds({ data: from, shape }: View, { data: to }: View): void {
  const [n, height, width, channels] = shape as [number, number, number, number];
  const pixels = height * width;
  const tile = 16;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c0 = 0; c0 < channels; c0 += tile) {
      const c1 = Math.min(channels, c0 + tile);
      for (let n0 = 0; n0 < n; n0 += tile) {
        const n1 = Math.min(n, n0 + tile);
        for (let c = c0; c < c1; c++) {
          const base = (c * pixels + pixel) * n;
          for (let i = n0; i < n1; i++) to[base + i] = from[(i * pixels + pixel) * channels + c]!;
        }
      }
    }
  }
}

export const movement: KernelTable = {
  sum: fold(0, add),
  max: fold(-Infinity, Math.max),
  min: fold(Infinity, Math.min),
  sum_to: ([x], [y]) => {
    const lead = x!.shape.length - y!.shape.length;
    const kept = x!.shape.map((d, k) => (k < lead || (y!.shape[k - lead] === 1 && d !== 1) ? 1 : d));
    foldTo(x!.data, x!.shape, kept, y!.data, 0, add);
  },
  argmax: ([x], [y], attrs) => {
    const axis = number(attrs, 'axis');
    const inner = sizeOf(x!.shape.slice(axis + 1));
    const run = x!.shape[axis]!;
    const { data } = x!;
    for (let cell = 0; cell < y!.data.length; cell++) {
      const base = Math.floor(cell / inner) * run * inner + (cell % inner);
      let best = 0;
      for (let r = 1; r < run; r++) if (data[base + r * inner]! > data[base + best * inner]!) best = r;
      y!.data[cell] = best;
    }
  },
  broadcast_to: ([x], [y]) => {
    const read = reader(x!, y!.shape);
    const to = y!.data;
    for (let i = 0; i < to.length; i++) to[i] = read(i);
  },
  slice: ([x], [y], attrs) => {
    const axis = number(attrs, 'axis');
    const inner = sizeOf(x!.shape.slice(axis + 1));
    const size = x!.shape[axis]!;
    const run = y!.shape[axis]! * inner;
    const outer = sizeOf(x!.shape.slice(0, axis));
    const start = number(attrs, 'from') * inner;
    for (let o = 0; o < outer; o++) {
      const from = o * size * inner + start;
      y!.data.set(x!.data.subarray(from, from + run), o * run);
    }
  },
  concat: (parts, [y], attrs) => {
    const axis = number(attrs, 'axis');
    const outer = sizeOf(y!.shape.slice(0, axis));
    const row = sizeOf(y!.shape.slice(axis));
    let start = 0;
    for (const { data, shape } of parts) {
      const run = sizeOf(shape.slice(axis));
      for (let o = 0; o < outer; o++) y!.data.set(data.subarray(o * run, (o + 1) * run), o * row + start);
      start += run;
    }
  },
  pad: ([x], [y], attrs) => {
    const before = numbers(attrs, 'before');
    y!.data.fill(0);
    const rank = x!.shape.length;
    const row = x!.shape[rank - 1]!;
    const index = x!.shape.map(() => 0);
    for (let from = 0; from < x!.data.length; from += row) {
      let at = 0;
      for (let k = 0; k < rank; k++) at = at * y!.shape[k]! + index[k]! + before[k]!;
      y!.data.set(x!.data.subarray(from, from + row), at);
      for (let k = rank - 2; k >= 0; k--) {
        if (++index[k]! < x!.shape[k]!) break;
        index[k] = 0;
      }
    }
  },
  transpose: ([x], [y], attrs) => {
    const perm = numbers(attrs, 'perm');
    if (perm.join() === '3,1,2,0') return exchangeEnds(x!, y!);
    const strides = x!.shape.map((_, k) => sizeOf(x!.shape.slice(k + 1)));
    const steps = perm.map((p) => strides[p]!);
    const index = perm.map(() => 0);
    const to = y!.data;
    let from = 0;
    for (let i = 0; i < to.length; i++) {
      to[i] = x!.data[from]!;
      for (let k = perm.length - 1; k >= 0; k--) {
        from += steps[k]!;
        if (++index[k]! < y!.shape[k]!) break;
        from -= steps[k]! * y!.shape[k]!;
        index[k] = 0;
      }
    }
  },
  one_hot: ([x], [y], attrs) => {
    const depth = number(attrs, 'depth');
    y!.data.fill(0);
    x!.data.forEach((index, i) => (y!.data[i * depth + index] = 1));
  },
  ones: (_, [y]) => {
    y!.data.fill(1);
  },
};
