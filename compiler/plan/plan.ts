/** @file The plan: a flat list of kernel calls with explicit frees. Plain JSON data that an executor walks. */
import type { Attr, Dim, DType, Output } from '../graph/graph.js';

/** Attributes of a kernel: those of the operation, and explicit paddings of tfjs kernels. */
export type KernelAttrs = Readonly<Record<string, Attr | readonly (readonly number[])[]>>;

export interface Instruction {
  /**
   * A tfjs kernel (`Conv2D`), a kernel of this project (`ed2l.batch_norm_train`), or what the executor does itself:
   * `@input`, `@label`, `@state`, `@scalar`, `@dropout_mask`, and `@alias` (another shape of the same memory).
   */
  readonly kernel: string;
  /** The kernel's own names for its inputs (`x`, `filter`), or positions, with the values they read. */
  readonly inputs: readonly (readonly [name: string, value: number])[];
  /** `batch` sizes and coefficients are put in when the plan meets a batch. */
  readonly attrs: KernelAttrs;
  readonly outputs: readonly PlannedValue[];
  /** Values whose memory is given back after this instruction. Never fed or state tensors. */
  readonly free: readonly number[];
  /** The operation it came from and the piece it belongs to, for profiles and messages. */
  readonly op: string;
  readonly piece?: string;
  /** The declared value it computes. */
  readonly name?: string;
}

export interface PlannedValue {
  readonly value: number;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

export interface Plan {
  readonly format: 'ed2l-plan';
  readonly version: 1;
  readonly target: string;
  readonly instructions: readonly Instruction[];
  readonly outputs: readonly Output[];
}
