/** @file What an expression can mean: a number, a tensor, a label, a layer, a list. */
import type { Span } from '../../grammar/span.js';
import { formatType, type Type, type ValueId } from '../graph/graph.js';
import type { LabelIR } from '../model/ir.js';
import type { ScalarExpr } from '../scalar/expression.js';
import type { Taps } from './pieces.js';

export type Value =
  | { readonly kind: 'number'; readonly number: ScalarExpr }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | TensorValue
  | LabelValue
  | LayerValue
  | { readonly kind: 'list'; readonly items: readonly Value[] };

export interface TensorValue {
  readonly kind: 'tensor';
  readonly id: ValueId;
  readonly type: Type;
  /** Of a value that is directly an application of a group or block: what its pieces computed. */
  readonly taps?: { readonly root: string; readonly of: Taps };
}

export interface LabelValue {
  readonly kind: 'label';
  readonly label: LabelIR;
  /** The class indices, i32[batch]. */
  readonly id: () => ValueId;
}

/** A function of tensors that may hold parameters; its pieces have their paths already. */
export interface LayerValue {
  readonly kind: 'layer';
  /** As it is written, for messages: `conv`, `stage`. */
  readonly name: string;
  readonly inputs: number;
  readonly apply: (inputs: readonly TensorValue[], at: ApplyContext) => TensorValue;
  /** Of a group: the same with its parameters constant for every loss. */
  readonly stopped?: () => LayerValue;
}

/** Where and as what a layer is applied. */
export interface ApplyContext {
  readonly span: Span;
  readonly application: ApplicationInfo | undefined;
}

/** One application of a group: where its nodes belong and where its pieces leave what they compute. */
export interface ApplicationInfo {
  readonly group: string;
  /** 1, 2, … in the order the model's text applies the group. */
  readonly number: number;
  /** The member whose expression applies it and the count within: independent of the order of declarations. */
  readonly key: string;
  readonly taps: Taps;
  /** `stop(group)`: parameters are constants for every loss. */
  readonly stopped: boolean;
}

export function describe(value: Value): string {
  switch (value.kind) {
    case 'number':
      return value.number.kind === 'fixed' ? 'a number' : 'a scheduled number';
    case 'boolean':
      return 'a truth value';
    case 'string':
      return 'a text';
    case 'tensor':
      return `a tensor \`${formatType(value.type)}\``;
    case 'label':
      return 'a label';
    case 'layer':
      return 'a layer';
    case 'list':
      return 'a list';
  }
}
