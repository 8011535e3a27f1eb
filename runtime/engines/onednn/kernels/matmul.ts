/** @file Products of matrices, with either operand transposed, of whole batches, and with a bias added. */
import { broadcast_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { ARG } from '../dnnl.js';
import type { Layout } from '../layouts.js';
import { hasNumbers, isFloat, sizeOf, type NativeKernels } from './kernel.js';

interface Product {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** A number per column. */
  readonly bias?: TensorInfo;
}

export function product(
  backend: OneDnnBackend,
  { a, b, transposeA, transposeB, bias }: Product,
): TensorInfo | undefined {
  const operands = bias ? [a, b, bias] : [a, b];
  if (!isFloat(...operands) || !hasNumbers(...operands)) return undefined;
  const { dnnl, layouts } = backend;
  const left = matrices(backend, a.shape, transposeA);
  const right = matrices(backend, b.shape, transposeB);
  const leading = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const batches = sizeOf(leading);
  // The library repeats one matrix for all of a batch, tfjs more.
  if ([left, right].some(({ dims }) => dims[0] !== 1 && dims[0] !== batches)) return undefined;
  const [rows, columns] = [left.dims[1]!, right.dims[2]!];
  const result = layouts.rows([batches, rows, columns]);
  const offsets = bias && layouts.rows([1, 1, columns]);
  const primitive = backend.prepared(`matmul ${left.id} ${right.id} ${offsets?.id}`, () =>
    backend.primitive(
      dnnl.matmul({
        a: left.description,
        b: right.description,
        result: result.description,
        ...(offsets && { bias: offsets.description }),
      }),
      [
        [ARG.src, left],
        [ARG.weights, right],
        ...(offsets ? [[ARG.bias, offsets] as const] : []),
        [ARG.dst, result],
      ],
    ),
  );
  const at = [backend.in(a, left), backend.in(b, right)];
  if (bias && offsets) at.push(backend.in(bias, offsets));
  const made = backend.make([...leading, rows, columns], result);
  primitive.run(...at, made.at);
  return made.info;
}

/** [batch, rows, columns] of what is multiplied; a transposed matrix is the same memory, read across. */
function matrices({ layouts }: OneDnnBackend, shape: readonly number[], transposed: boolean): Layout {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const batches = sizeOf(shape.slice(0, -2));
  return transposed
    ? layouts.strided([batches, columns, rows], [rows * columns, 1, columns])
    : layouts.strided([batches, rows, columns], [rows * columns, columns, 1]);
}

export const matmul: NativeKernels = {
  BatchMatMul: ({ inputs, attrs, backend }) =>
    product(backend, {
      a: inputs['a']!,
      b: inputs['b']!,
      transposeA: attrs['transposeA'] as boolean,
      transposeB: attrs['transposeB'] as boolean,
    }),
};
