/** @file The plan: a flat list of tfjs kernel calls with explicit frees. Plain JSON data that an executor walks. */
import type { Attr, Dim, DType, Output } from '../graph/graph.js';

export interface Instruction {
  /** The tfjs kernel, `Conv2D`; or a leaf the executor supplies: `@input`, `@label`, `@state`, `@constant`, `@scalar`, `@ones`, `@dropout_mask`. */
  readonly kernel: string;
  /** The kernel's own input names, in order: `{x: 3, filter: 4}`; kernels with a list of inputs use `0`, `1`, …. */
  readonly inputs: Readonly<Record<string, number>>;
  /** The kernel's own attributes; `batch` dims and coefficients are resolved when the plan meets a batch. */
  readonly attrs: Readonly<Record<string, Attr | readonly (readonly number[])[] | null>>;
  readonly outputs: readonly { readonly value: number; readonly dtype: DType; readonly shape: readonly Dim[] }[];
  /** Values whose last use this was. Never a fed or state tensor. */
  readonly free: readonly number[];
  /** The operation it came from, for profiles and error messages. */
  readonly op: string;
}

export interface Plan {
  readonly format: 'ed2l-plan';
  readonly version: 1;
  readonly target: string;
  readonly instructions: readonly Instruction[];
  readonly outputs: readonly Output[];
}
