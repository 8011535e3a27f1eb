/** @file The matrix product and one-hot coding. */
import type { OpRule } from './rule.js';
import type { Dim } from '../graph/graph.js';
import { formatType } from '../graph/graph.js';
import { elements, f32, total } from './shape.js';

export const linear: Readonly<Record<string, OpRule>> = {
  matmul: {
    doc: 'The product of two matrices, each transposed on request.',
    types: ([a, b], attrs) => {
      for (const [operand, type] of [a!, b!].entries()) {
        if (type.shape.length !== 2)
          return { message: 'a matrix has two axes', found: formatType(type), expected: 'two axes', operand };
      }
      const [m, k] = attrs['transposeA'] ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
      const [l, n] = attrs['transposeB'] ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
      if (k !== l)
        return {
          message: `the inner sizes ${k} and ${l} differ`,
          found: formatType(b!),
          expected: `${k} rows`,
          operand: 1,
          axis: 0,
        };
      return [f32([m, n] as Dim[])];
    },
    vjp: ({ node, k, adjoint, emit }) => {
      const [a, b] = node.inputs as [number, number];
      const tA = node.attrs['transposeA'] as boolean;
      const tB = node.attrs['transposeB'] as boolean;
      if (k === 0) {
        return tA
          ? emit('matmul', [b, adjoint], { transposeA: tB, transposeB: true })
          : emit('matmul', [adjoint, b], { transposeA: false, transposeB: !tB });
      }
      return tB
        ? emit('matmul', [adjoint, a], { transposeA: true, transposeB: tA })
        : emit('matmul', [a, adjoint], { transposeA: !tA, transposeB: false });
    },
    flops: ([a], outputs, attrs, batch) => {
      const inner = a!.shape[attrs['transposeA'] ? 0 : 1]!;
      return 2 * total(outputs, batch) * (inner === 'batch' ? batch : inner);
    },
  },
  batch_matmul: {
    doc: 'One product of matrices per first index; only in graphs made for an engine.',
    types: ([a, b]) => [f32([a!.shape[0]!, a!.shape[1]!, b!.shape[2]!])],
    vjp: { none: 'it stands only in graphs made for an engine' },
    flops: ([a], outputs, _, batch) => 2 * total(outputs, batch) * (a!.shape[2] as number),
  },
  one_hot: {
    doc: 'A row per sample with 1 at the class index and 0 elsewhere.',
    types: ([x], attrs) => {
      if (x!.dtype !== 'i32')
        return { message: 'one_hot needs class indices', found: formatType(x!), expected: 'i32', operand: 0 };
      return [f32([...x!.shape, attrs['depth'] as number])];
    },
    vjp: { none: 'a class index has no derivative' },
    flops: (_, [y], __, batch) => elements(y!, batch),
  },
};
