/** @file One pass over memory that does several elementwise things: a binary primitive with post-ops, over numbers in a row. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from './arena.js';
import type { Made, OneDnnBackend } from './backend.js';
import { ARG, type BinaryAlgorithm, type EltwiseAlgorithm, type PostOp } from './dnnl.js';
import type { Layout } from './layouts.js';
import type { Primitive } from './primitive.js';
import { sizeOf } from './kernels/kernel.js';

/** A tensor, or a number for all of its elements that may be another one each time. */
export type Operand = TensorInfo | number;

export type Then =
  | readonly [algorithm: BinaryAlgorithm, operand: Operand]
  /** `alpha` and `beta` are part of the compiled code: numbers that stay. */
  | readonly [algorithm: EltwiseAlgorithm, alpha: number, beta: number];

interface Prepared {
  readonly primitive: Primitive;
  /** Where the numbers go, in the order of the operands that are numbers. */
  readonly scalars: readonly Block[];
}

const isNumber = (operand: Operand): operand is number => typeof operand === 'number';
const isBinary = (then: Then): then is readonly [BinaryAlgorithm, Operand] => then.length === 2;

/** `algorithm(first, second)`, and then one thing after the other, into a new tensor of that shape. All tensors have its size. */
export function fused(
  backend: OneDnnBackend,
  shape: readonly number[],
  algorithm: BinaryAlgorithm,
  [first, second]: readonly [TensorInfo, Operand],
  then: readonly Then[] = [],
): Made {
  const { layouts } = backend;
  const all = layouts.flat(sizeOf(shape));
  const one = layouts.flat(1);
  const layoutOf = (operand: Operand): Layout => (isNumber(operand) ? one : all);
  const operands = [first, second, ...then.filter(isBinary).map(([, operand]) => operand)];
  const steps = then.map((step) => (isBinary(step) ? `${step[0]}${layoutOf(step[1]).id}` : step.join()));
  const key = `fused ${algorithm} ${all.id} ${layoutOf(second).id} ${steps.join(' ')}`;
  const { primitive, scalars } = backend.prepared(key, (): Prepared => {
    const posts = then.map((step): PostOp =>
      isBinary(step)
        ? { kind: 'binary', algorithm: step[0], operand: layoutOf(step[1]).description }
        : { kind: 'eltwise', algorithm: step[0], alpha: step[1], beta: step[2] },
    );
    const descriptor = backend.dnnl.binary(
      algorithm,
      all.description,
      layoutOf(second).description,
      all.description,
      posts,
    );
    return {
      primitive: backend.primitive(descriptor, [
        [ARG.src, all],
        [ARG.src1, layoutOf(second)],
        ...then.flatMap((step, i) =>
          isBinary(step) ? [[backend.dnnl.postOperand(i), layoutOf(step[1])] as const] : [],
        ),
        [ARG.dst, all],
      ]),
      scalars: operands.filter(isNumber).map(() => backend.allocate(one.bytes)),
    };
  });
  let next = 0;
  const at = operands.map((operand) => {
    if (!isNumber(operand)) return backend.in(operand, all);
    const block = scalars[next++]!;
    block.numbers(1)[0] = operand;
    return block.address;
  });
  const made = backend.make(shape, all);
  primitive.run(...at, made.at);
  return made;
}
