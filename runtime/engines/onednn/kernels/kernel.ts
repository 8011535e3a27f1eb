/** @file What a native kernel is, and how it falls back to the tfjs `cpu` kernel of the same name where the library has nothing for its operands. */
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';

export interface Call {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: Readonly<NamedAttrMap>;
  readonly backend: OneDnnBackend;
}

/** `undefined`: not for these operands; the next one does it. */
export type NativeKernel = (call: Call) => TensorInfo | TensorInfo[] | undefined;

export type NativeKernels = Readonly<Record<string, NativeKernel>>;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const isFloat = (...tensors: readonly TensorInfo[]): boolean =>
  tensors.every(({ dtype }) => dtype === 'float32');

/** No operand is empty: the library refuses those, and there is nothing to compute. */
export const hasNumbers = (...tensors: readonly TensorInfo[]): boolean =>
  tensors.every(({ shape }) => sizeOf(shape) > 0);

export const numbersOf = (attrs: Readonly<NamedAttrMap>, name: string): readonly number[] =>
  attrs[name] as unknown as readonly number[];
