/** @file Elementwise kernels: in the layout of their largest operand, with smaller ones repeated along it. */
import { broadcast_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG, DnnlError, QUERY, type BinaryAlgorithm, type EltwiseAlgorithm } from '../dnnl.js';
import type { Layout } from '../layouts.js';
import type { Primitive } from '../primitive.js';
import { hasNumbers, isFloat, sizeOf, type Call, type NativeKernel, type NativeKernels } from './kernel.js';

/** The layout of an elementwise kernel: the one the tensor lies in, or all its numbers in a row. */
function layoutOf(backend: OneDnnBackend, x: TensorInfo): Layout {
  return backend.dataOf(x.dataId).layout ?? backend.layouts.flat(sizeOf(x.shape));
}

export function eltwise(
  backend: OneDnnBackend,
  algorithm: EltwiseAlgorithm,
  x: TensorInfo,
  alpha = 0,
  beta = 0,
): TensorInfo | undefined {
  if (!isFloat(x) || !hasNumbers(x)) return undefined;
  const layout = layoutOf(backend, x);
  const primitive = backend.prepared(`${algorithm} ${layout.id} ${alpha} ${beta}`, () =>
    backend.primitive(backend.dnnl.eltwise(algorithm, layout.description, alpha, beta), [
      [ARG.src, layout],
      [ARG.dst, layout],
    ]),
  );
  const from = backend.in(x, layout);
  const y = backend.make(x.shape, layout);
  primitive.run(from, y.at);
  return y.info;
}

const unary =
  (
    algorithm: EltwiseAlgorithm,
    numbers: (attrs: Call['attrs']) => readonly number[] = () => [],
  ): NativeKernel =>
  ({ inputs, attrs, backend }) =>
    eltwise(backend, algorithm, inputs['x'] ?? inputs['0']!, ...numbers(attrs));

/** A number per channel as it goes with such an image: row-major ones beside channels in blocks are left to the library's slow reference. */
function perChannel(backend: OneDnnBackend, image: Layout, channels: number): Layout {
  const { dnnl, layouts } = backend;
  const plain = layouts.perChannel(channels, image.dims.length);
  if (image.isPlain) return plain;
  return backend.prepared(`per channel ${image.id}`, () => {
    // The one primitive that tells.
    const descriptor = dnnl.prelu(image.description, dnnl.describe(plain.dims));
    return layouts.chosen(dnnl.layoutIn(descriptor, QUERY.weights), plain);
  });
}

/** How the operands and the result lie in memory, and what the primitive is told of it. */
interface Fit {
  readonly first: Layout;
  readonly second: Layout;
  readonly told: readonly [first: Layout, second: Layout];
}

/** Undefined where the library would have to repeat what it cannot. */
function fit(
  backend: OneDnnBackend,
  a: TensorInfo,
  b: TensorInfo,
  shape: readonly number[],
): Fit | undefined {
  const { layouts } = backend;
  const [whole, other] = [sizeOf(shape), sizeOf(b.shape)];
  if (sizeOf(a.shape) !== whole) return undefined;
  const as = (first: Layout, second: Layout): Fit => ({ first, second, told: [first, second] });
  const chosen =
    backend.dataOf(a.dataId).layout ?? (other === whole ? backend.dataOf(b.dataId).layout : undefined);
  if (other === whole) {
    const layout = chosen && chosen.dims.length === shape.length ? chosen : layouts.flat(whole);
    return as(layout, layout);
  }
  // One number for all: their order does not matter, but padding has to stay 0.
  if (other === 1) {
    const flat = layouts.flat(whole);
    const first = chosen && chosen.bytes === flat.bytes ? chosen : flat;
    return { first, second: layouts.flat(1), told: [flat, layouts.flat(1)] };
  }
  if (!chosen) {
    const rank = Math.max(1, shape.length);
    const padded = [...Array.from({ length: rank - b.shape.length }, () => 1), ...b.shape];
    return as(layouts.rows(shape.length === 0 ? [1] : shape), layouts.rows(padded));
  }
  return other === shape.at(-1) && other === b.shape.at(-1)
    ? as(chosen, perChannel(backend, chosen, other))
    : undefined;
}

export function binary(
  backend: OneDnnBackend,
  algorithm: BinaryAlgorithm,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo | undefined {
  if (!isFloat(a, b) || !hasNumbers(a, b)) return undefined;
  const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const swaps = sizeOf(a.shape) !== sizeOf(shape) && !['sub', 'div'].includes(algorithm);
  const [first, second] = swaps ? [b, a] : [a, b];
  const fitted = fit(backend, first, second, shape);
  if (!fitted) return undefined;
  const primitive = binaryPrimitive(backend, algorithm, fitted.told);
  if (!primitive) return undefined;
  const [from, by] = [backend.in(first, fitted.first), backend.in(second, fitted.second)];
  const result = backend.make(shape, fitted.first);
  primitive.run(from, by, result.at);
  return result.info;
}

/** `null` where the library has none. */
function binaryPrimitive(
  backend: OneDnnBackend,
  algorithm: BinaryAlgorithm,
  [a, b]: readonly [Layout, Layout],
): Primitive | null {
  return backend.prepared(`${algorithm} ${a.id} ${b.id}`, () => {
    try {
      return backend.primitive(backend.dnnl.binary(algorithm, a.description, b.description, a.description), [
        [ARG.src, a],
        [ARG.src1, b],
        [ARG.dst, a],
      ]);
    } catch (error) {
      if (error instanceof DnnlError && error.unimplemented) return null;
      throw error;
    }
  });
}

const of =
  (algorithm: BinaryAlgorithm): NativeKernel =>
  ({ inputs, backend }) =>
    binary(backend, algorithm, inputs['a'] ?? inputs['0']!, inputs['b'] ?? inputs['1']!);

export const elementwise: NativeKernels = {
  Add: of('add'),
  Sub: of('sub'),
  Multiply: of('mul'),
  RealDiv: of('div'),
  // The library's own relu loses NaN; elu with 0 in place of its slope keeps it.
  Relu: unary('elu', () => [0]),
  Square: unary('square'),
  Abs: unary('abs'),
  Sqrt: unary('sqrt'),
  Tanh: unary('tanh'),
  Sigmoid: unary('logistic'),
  Exp: unary('exp'),
  Neg: unary('linear', () => [-1, 0]),
  LeakyRelu: unary('relu', ({ alpha }) => [alpha as number]),
  Elu: unary('elu', () => [1]),
  AddN: ({ inputs, backend }) => {
    const [first, ...rest] = Object.values(inputs) as [TensorInfo, ...TensorInfo[]];
    if (rest.length === 0 || !isFloat(first, ...rest)) return undefined;
    return rest.reduce<TensorInfo | undefined>((sum, next, i) => {
      const result = sum && binary(backend, 'add', sum, next);
      if (sum && i > 0) backend.disposeData(sum.dataId);
      return result;
    }, first);
  },
  'ed2l.scale': ({ inputs, attrs, backend }) => {
    const by = backend.makeTensorInfo([], 'float32', Float32Array.of(attrs['by'] as number));
    const result = binary(backend, 'mul', inputs['0']!, by);
    backend.disposeData(by.dataId);
    return result;
  },
};
