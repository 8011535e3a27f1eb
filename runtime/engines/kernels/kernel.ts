/** @file What a kernel of this project is: plain loops over typed arrays, the same on every engine. */

export type Data = Float32Array | Int32Array | Uint8Array;

export interface View {
  readonly data: Data;
  readonly shape: readonly number[];
}

/** Attributes with sizes and coefficients as numbers. */
export type Attrs = Readonly<Record<string, unknown>>;

/** Fills the outputs, whose memory holds anything before. */
export type Kernel = (inputs: readonly View[], outputs: readonly View[], attrs: Attrs) => void;

export type KernelTable = Readonly<Record<string, Kernel>>;

export const number = (attrs: Attrs, name: string): number => attrs[name] as number;
export const numbers = (attrs: Attrs, name: string): readonly number[] => attrs[name] as readonly number[];

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
