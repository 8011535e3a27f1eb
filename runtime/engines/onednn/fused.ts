/**
 * @file One pass over memory that does several elementwise things: a binary primitive with post-ops, over numbers in a row.
 * Long rows go in pieces that the cache holds, so that what one pass has written the next one reads from there.
 */
import type { Block } from './arena.js';
import type { OneDnnBackend } from './backend.js';
import { ARG, type BinaryAlgorithm, type EltwiseAlgorithm, type Pointer, type PostOp } from './dnnl.js';
import type { Layout } from './layouts.js';
import type { Primitive } from './primitive.js';

/** Where numbers begin, or a number for all of them that may be another one each time. */
export type Operand = Pointer | number;

export type Then =
  | readonly [algorithm: BinaryAlgorithm, operand: Operand]
  /** `alpha` and `beta` are part of the compiled code: numbers that stay. */
  | readonly [algorithm: EltwiseAlgorithm, alpha: number, beta: number];

interface Prepared {
  readonly primitive: Primitive;
  /** Where the numbers go, in the order of the operands that are numbers. */
  readonly scalars: readonly Block[];
}

/** Half a MiB: small for the last-level cache, and work enough for what it takes to wake the threads. */
const PIECE = 131_072;
const BYTES = 4n;

/** At most, of a piece. */
export const PIECE_BYTES = 4 * PIECE;

const isNumber = (operand: Operand): operand is number => typeof operand === 'number';
const isBinary = (then: Then): then is readonly [BinaryAlgorithm, Operand] => then.length === 2;

/** Calls `pass` with the start and the length of each piece of a row. */
export function inPieces(length: number, pass: (offset: Pointer, count: number) => void): void {
  for (let start = 0; start < length; start += PIECE)
    pass(BigInt(start) * BYTES, Math.min(PIECE, length - start));
}

/** `algorithm(first, second)` of `count` numbers, and then one thing after the other, written to `result`. */
export function fused(
  backend: OneDnnBackend,
  count: number,
  algorithm: BinaryAlgorithm,
  [first, second]: readonly [Pointer, Operand],
  then: readonly Then[],
  result: Pointer,
): void {
  const operands = [first, second, ...then.filter(isBinary).map(([, operand]) => operand)];
  const steps = then.map((step) => (isBinary(step) ? `${step[0]}${typeof step[1]}` : step.join()));
  const key = `fused ${algorithm} ${count} ${typeof second} ${steps.join(' ')}`;
  const { primitive, scalars } = backend.prepared(key, () =>
    prepare(backend, count, algorithm, second, then, operands.filter(isNumber).length),
  );
  let next = 0;
  const at = operands.map((operand) => {
    if (!isNumber(operand)) return operand;
    const block = scalars[next++]!;
    block.numbers(1)[0] = operand;
    return block.address;
  });
  primitive.run(...at, result);
}

function prepare(
  backend: OneDnnBackend,
  count: number,
  algorithm: BinaryAlgorithm,
  second: Operand,
  then: readonly Then[],
  scalars: number,
): Prepared {
  const { dnnl, layouts } = backend;
  const all = layouts.flat(count);
  const one = layouts.flat(1);
  const layoutOf = (operand: Operand): Layout => (isNumber(operand) ? one : all);
  const posts = then.map((step): PostOp =>
    isBinary(step)
      ? { kind: 'binary', algorithm: step[0], operand: layoutOf(step[1]).description }
      : { kind: 'eltwise', algorithm: step[0], alpha: step[1], beta: step[2] },
  );
  const descriptor = dnnl.binary(
    algorithm,
    all.description,
    layoutOf(second).description,
    all.description,
    posts,
  );
  const primitive = backend.primitive(descriptor, [
    [ARG.src, all],
    [ARG.src1, layoutOf(second)],
    ...then.flatMap((step, i) => (isBinary(step) ? [[dnnl.postOperand(i), layoutOf(step[1])] as const] : [])),
    [ARG.dst, all],
  ]);
  return {
    primitive,
    scalars: Array.from({ length: scalars }, () => backend.blockOf(one)),
  };
}
