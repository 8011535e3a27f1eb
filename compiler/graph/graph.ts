/** @file The graph IR: SSA over tensor operations in topological order (docs/ir.md). Immutable once built. */
import type { Span } from '../../grammar/span.js';
import type { Coefficient } from '../scalar/coefficient.js';

/** A fixed size, or `batch`: the number of samples, known at run time. `batch` stands only in first position. */
export type Dim = number | 'batch';
export type Shape = readonly Dim[];
export type DType = 'f32' | 'i32' | 'bool';

export interface Type {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An index into `Graph.values`. */
export type ValueId = number;

/** Attributes are plain data; `coefficient` values are kept exact. */
export type Attr = number | string | boolean | readonly Dim[] | readonly string[] | Coefficient;
export type Attrs = Readonly<Record<string, Attr>>;

/** Where a node comes from: the user's text, and for a derived node the node it differentiates and the carrier it serves. */
export interface Origin {
  readonly span?: Span;
  /** `source`, or the reason the compiler made it: `vjp of conv2d`, `update`, `legalize batch_norm_train`, … */
  readonly from: string;
  /** Of an adjoint: the carrier, `{l_t: 1, l_p: 10}`. */
  readonly carrier?: string;
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly attrs: Attrs;
  readonly origin: Origin;
  /** Of a node inside an application of a group: the group, the piece's path (`base.stage.down.conv`) and the number of the application. */
  readonly group?: string;
  readonly piece?: string;
  readonly application?: number;
  /** The declared value this node computes, `f_t`. */
  readonly name?: string;
}

/** What a graph hands out, by role and name. */
export interface Output {
  /** `loss` and `value` are read back; `mask` is a mask of the route LOSS.GROUP, until differentiation; `predict` is an inference output; `state` is assigned to the parameter, statistic or slot of that name after the step; `gradient` is for tests and reports. */
  readonly role: 'loss' | 'mask' | 'value' | 'predict' | 'state' | 'gradient';
  readonly name: string;
  readonly value: ValueId;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly values: readonly Type[];
  readonly outputs: readonly Output[];
}

/** `f32[batch, 56, 48, 32]`, `f32[]` */
export function formatType(type: Type): string {
  return `${type.dtype}[${type.shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** The number of elements for a batch of `batch` samples. */
export function sizeOf(shape: Shape, batch: number): number {
  return shape.reduce<number>((n, d) => n * (d === 'batch' ? batch : d), 1);
}
