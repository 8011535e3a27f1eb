/** @file What a kernel of this engine is: one operation of the op table, made of TensorFlow's operations. */
import type { Operations, Tensor } from '../operations.js';

/** Attributes with sizes and coefficients as numbers. */
export type Attrs = Readonly<Record<string, unknown>>;

/** What it makes and does not return is given back. undefined: not for these operands; this project's own kernel does it. */
export type Kernel = (tf: Operations, inputs: readonly Tensor[], attrs: Attrs) => Tensor[] | undefined;

export type KernelTable = Readonly<Record<string, Kernel>>;

export const number = (attrs: Attrs, name: string): number => attrs[name] as number;
export const numbers = (attrs: Attrs, name: string): readonly number[] => attrs[name] as readonly number[];

/** An operation of TensorFlow without attributes of its own. */
export const plain =
  (op: string): Kernel =>
  (tf, inputs) => [tf.run(op, inputs)];
