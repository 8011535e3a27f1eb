/** @file Sums of large tensors: over all pixels of a channel, over whole axes, and of everything. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG, type ReductionAlgorithm } from '../dnnl.js';
import type { Layout } from '../layouts.js';
import { hasNumbers, isFloat, numbersOf, sizeOf, type NativeKernel, type NativeKernels } from './kernel.js';

/** Below, a plain loop is done before other threads are awake. */
const LEAST = 16_384;

function reduce(
  backend: OneDnnBackend,
  algorithm: ReductionAlgorithm,
  x: TensorInfo,
  [from, to]: readonly [Layout, Layout],
  shape: readonly number[],
): TensorInfo {
  const primitive = backend.prepared(`reduce ${algorithm} ${from.id} ${to.id}`, () =>
    backend.primitive(backend.dnnl.reduction(algorithm, from.description, to.description), [
      [ARG.src, from],
      [ARG.dst, to],
    ]),
  );
  const at = backend.in(x, from);
  const made = backend.make(shape, to);
  primitive.run(at, made.at);
  return made.info;
}

/** Of tensors in row-major order, over some axes. */
const along =
  (algorithm: ReductionAlgorithm): NativeKernel =>
  ({ inputs, attrs, backend }) => {
    const x = inputs['0'] ?? inputs['x']!;
    if (!isFloat(x) || !hasNumbers(x) || sizeOf(x.shape) < LEAST) return undefined;
    const axes = numbersOf(attrs, 'axes');
    const kept = x.shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
    const shape = attrs['keep'] ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
    const { layouts } = backend;
    return reduce(backend, algorithm, x, [layouts.rows(x.shape), layouts.rows(kept)], shape);
  };

/** [batch, height, width, channels] → [channels], in the layout that the image lies in. */
const sumTo: NativeKernel = ({ inputs, attrs, backend }) => {
  const x = inputs['0']!;
  const shape = numbersOf(attrs, 'shape');
  if (x.shape.length !== 4 || shape.length !== 1 || shape[0] !== x.shape[3] || sizeOf(x.shape) < LEAST)
    return undefined;
  const to = backend.layouts.perChannel(shape[0]!, 4);
  return reduce(backend, 'sum', x, [backend.layoutOf(x), to], shape);
};

/** How many partial sums a tensor is split into, for the threads. */
const PARTS = 64;

/** Whether every number is finite: if not, neither is the sum. A sum that overflows is told as not finite. */
export function hasFiniteSum(backend: OneDnnBackend, x: TensorInfo): boolean {
  const size = sizeOf(x.shape);
  if (size < LEAST || size % PARTS !== 0 || !isFloat(x))
    return isFiniteArray(backend.dataOf(x.dataId).values as Float32Array);
  const { layouts } = backend;
  const sums = reduce(
    backend,
    'sum',
    x,
    [layouts.rows([PARTS, size / PARTS]), layouts.rows([PARTS, 1])],
    [PARTS],
  );
  const finite = isFiniteArray(backend.dataOf(sums.dataId).values as Float32Array);
  backend.disposeData(sums.dataId);
  return finite;
}

function isFiniteArray(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}

export const reductions: NativeKernels = {
  'ed2l.sum': along('sum'),
  'ed2l.max': along('max'),
  'ed2l.min': along('min'),
  'ed2l.sum_to': sumTo,
};
