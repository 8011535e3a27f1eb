/** @file The words of a TensorFlow graph definition, as far as a tfjs GraphModel needs them. */
import type { DType } from '../graph/graph.js';

/** Attribute values in the JSON form of protocol buffers: texts are base64, whole numbers are text. */
export type AttrValue =
  | { readonly type: string }
  | { readonly b: boolean }
  | { readonly i: string }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly list: { readonly i: readonly string[] } }
  | { readonly tensor: TensorAttr }
  | { readonly shape: TensorShape };

export interface TensorShape {
  readonly dim: readonly { readonly size: string }[];
}

interface TensorAttr {
  readonly dtype: string;
  readonly tensorShape: TensorShape;
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export const TF_TYPES: Readonly<Record<DType, string>> = {
  f32: 'DT_FLOAT',
  i32: 'DT_INT32',
  bool: 'DT_BOOL',
};

export const typeAttr = (dtype: DType): AttrValue => ({ type: TF_TYPES[dtype] });
export const text = (value: string): AttrValue => ({ s: btoa(value) });
export const integers = (values: readonly number[]): AttrValue => ({ list: { i: values.map(String) } });
/** -1 for the batch. */
export const shapeOf = (shape: readonly (number | 'batch')[]): TensorShape => ({
  dim: shape.map((d) => ({ size: d === 'batch' ? '-1' : String(d) })),
});
