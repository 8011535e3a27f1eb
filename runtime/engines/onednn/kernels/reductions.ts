/**
 * @file Sums of large tensors: over all pixels of a channel, over whole axes, and of everything. Where numbers to be added do not lie
 * side by side, they are averaged by a pooling of one window: the library's reduction is its slow reference there.
 */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG, QUERY, type Pointer } from '../dnnl.js';
import type { Layout } from '../layouts.js';
import type { Primitive } from '../primitive.js';
import {
  hasNumbers,
  isFloat,
  numbersOf,
  sizeOf,
  type Call,
  type NativeKernel,
  type NativeKernels,
} from './kernel.js';

/** Below, a plain loop is done before other threads are awake. */
const LEAST = 16_384;
/** How many partial sums a tensor is split into, for the threads. */
const PARTS = 64;
/** Fewer numbers for each sum: a plain loop over the sums is a plain loop over everything. */
const LEAST_TERMS = 16;

/** `undefined` where the library has only its slow reference. */
function sums(
  backend: OneDnnBackend,
  x: Pointer,
  [from, to]: readonly [Layout, Layout],
  shape: readonly number[],
): TensorInfo | undefined {
  const primitive = backend.prepared(`sum ${from.id} ${to.id}`, () => {
    const made = backend.primitive(backend.dnnl.reduction('sum', from.description, to.description), [
      [ARG.src, from],
      [ARG.dst, to],
    ]);
    return made.implementation.startsWith('ref') ? null : made;
  });
  if (!primitive) return undefined;
  const made = backend.make(shape, to);
  primitive.run(x, made.at);
  return made.info;
}

interface Averages {
  readonly primitive: Primitive;
  readonly to: Layout;
}

/** Of each channel of each image in that layout, [images, channels]; `null` where the library has only its slow reference. */
function averages(backend: OneDnnBackend, from: Layout): Averages | null {
  const { dnnl, layouts } = backend;
  const [images, channels, height, width] = from.dims as [number, number, number, number];
  return backend.prepared(`averages ${from.id}`, () => {
    const any = dnnl.describe([images, channels, 1, 1]);
    const descriptor = dnnl.pooling('avg', { src: from.description, dst: any }, [height, width], {
      strides: [1, 1],
      dilations: [0, 0],
      before: [0, 0],
      after: [0, 0],
    });
    dnnl.forget(any);
    const to = layouts.chosen(dnnl.layoutIn(descriptor, QUERY.dst), layouts.image([images, 1, 1, channels]));
    const primitive = backend.primitive(descriptor, [
      [ARG.src, from],
      [ARG.dst, to],
    ]);
    return primitive.implementation.startsWith('ref') ? null : { primitive, to };
  });
}

/** Over the pixels of each channel, and over as many images in a row as leave `outer`: [outer, channels], as a tensor of that shape. */
function pixelSums(
  backend: OneDnnBackend,
  x: TensorInfo,
  from: Layout,
  outer: number,
  shape: readonly number[],
): TensorInfo | undefined {
  const found = averages(backend, from);
  if (!found) return undefined;
  const [images, channels, height, width] = from.dims as [number, number, number, number];
  const at = backend.in(x, from);
  const averaged = backend.make([images, 1, 1, channels], found.to);
  found.primitive.run(at, averaged.at);
  const result = backend.make(shape, backend.layouts.rows(shape));
  const means = backend.dataOf(averaged.info.dataId).values as Float32Array;
  const sums = backend.dataOf(result.info.dataId).values as Float32Array;
  const parts = images / outer;
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let part = 0; part < parts; part++) sum += means[(o * parts + part) * channels + c]!;
      sums[o * channels + c] = sum * height * width;
    }
  backend.disposeData(averaged.info.dataId);
  return result.info;
}

/** The sizes before, within and after the reduced axes, if these stand side by side. */
function runOf(
  shape: readonly number[],
  axes: readonly number[],
): readonly [number, number, number] | undefined {
  const [first, last] = [Math.min(...axes), Math.max(...axes)];
  if (axes.length === 0 || last - first >= axes.length) return undefined;
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last + 1)), sizeOf(shape.slice(last + 1))];
}

/** Of a tensor in row-major order, over some axes. */
const sum: NativeKernel = ({ inputs, attrs, backend }) => {
  const x = inputs['0']!;
  if (!isFloat(x) || !hasNumbers(x) || sizeOf(x.shape) < LEAST) return undefined;
  const axes = numbersOf(attrs, 'axes');
  const kept = x.shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
  const shape = attrs['keep'] ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const { layouts } = backend;
  const [outer, terms, inner] = runOf(x.shape, axes) ?? [1, 1, 1];
  if (inner === 1 || terms < LEAST_TERMS) {
    const rows = layouts.rows(x.shape);
    return sums(backend, backend.in(x, rows), [rows, layouts.rows(kept)], shape);
  }
  const parts = outer === 1 ? partsOf(terms) : 1;
  return pixelSums(backend, x, layouts.image([outer * parts, terms / parts, 1, inner]), outer, shape);
};

/** The largest power of two that divides it, at most PARTS. */
function partsOf(size: number): number {
  let parts = 1;
  while (parts < PARTS && size % (2 * parts) === 0) parts *= 2;
  return parts;
}

/** [batch, height, width, channels] → [channels], in the layout that the image lies in. */
const sumTo: NativeKernel = ({ inputs, attrs, backend }) => {
  const x = inputs['0']!;
  const shape = numbersOf(attrs, 'shape');
  const perChannel = x.shape.length === 4 && shape.length === 1 && shape[0] === x.shape[3];
  if (!perChannel || !isFloat(x) || sizeOf(x.shape) < LEAST) return undefined;
  return pixelSums(backend, x, backend.layoutOf(x), 1, shape);
};

/** The sum of tfjs, over all axes where it names none. Over the pixels of images that lie in blocks they stay in these. */
function tfjsSum(x: TensorInfo, attrs: Call['attrs'], backend: OneDnnBackend): TensorInfo | undefined {
  const { axis, keepDims } = attrs as { axis?: number | number[]; keepDims?: boolean };
  const axes = util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
  const channels = x.shape[3]!;
  if (x.shape.length === 4 && backend.dataOf(x.dataId).layout && axes.join() === '0,1,2') {
    const shape = keepDims ? [1, 1, 1, channels] : [channels];
    return isFloat(x) && hasNumbers(x) ? pixelSums(backend, x, backend.layoutOf(x), 1, shape) : undefined;
  }
  const call = { inputs: { '0': x }, attrs: { axes, keep: keepDims ?? false }, backend };
  return sum(call as Call) as TensorInfo | undefined;
}

/** Small beside what was averaged: a plain loop divides. */
function tfjsMean(x: TensorInfo, attrs: Call['attrs'], backend: OneDnnBackend): TensorInfo | undefined {
  const total = tfjsSum(x, attrs, backend);
  if (!total) return undefined;
  const numbers = backend.dataOf(total.dataId).values as Float32Array;
  const terms = sizeOf(x.shape) / numbers.length;
  for (let i = 0; i < numbers.length; i++) numbers[i]! /= terms;
  return total;
}

/** Whether every number is finite: if not, neither is the sum. A sum that overflows is told as not finite. */
export function hasFiniteSum(backend: OneDnnBackend, x: TensorInfo): boolean {
  const size = sizeOf(x.shape);
  if (size < LEAST || size % PARTS !== 0 || !isFloat(x))
    return isFiniteArray(backend.dataOf(x.dataId).values as Float32Array);
  const { layouts } = backend;
  const at = backend.in(x, backend.denseLayoutOf(x));
  const partial = sums(backend, at, [layouts.rows([PARTS, size / PARTS]), layouts.rows([PARTS, 1])], [PARTS]);
  if (!partial) return false;
  const finite = isFiniteArray(backend.dataOf(partial.dataId).values as Float32Array);
  backend.disposeData(partial.dataId);
  return finite;
}

function isFiniteArray(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}

export const reductions: NativeKernels = {
  Sum: ({ inputs, attrs, backend }) => tfjsSum(inputs['x']!, attrs, backend),
  Mean: ({ inputs, attrs, backend }) => tfjsMean(inputs['x']!, attrs, backend),
  // No `max` or `min`: the library's lose NaN.
  'ed2l.sum': sum,
  'ed2l.sum_to': sumTo,
};
