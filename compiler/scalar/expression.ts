/** @file Scheduled numbers: expressions over `epoch`, `iteration` and `progress`, evaluated once per iteration. */

export type ScalarFunction =
  | '+'
  | '-'
  | '*'
  | '/'
  | '^'
  | 'neg'
  | 'exp'
  | 'log'
  | 'cos'
  | 'sin'
  | 'min'
  | 'max'
  | 'linear'
  | 'cosine'
  | 'exponential'
  | 'staircase'
  | 'piecewise';

export type ScalarExpr =
  /** A fixed number, as exact rational text (`7/20`). */
  | { readonly kind: 'fixed'; readonly value: string }
  | { readonly kind: 'variable'; readonly name: 'epoch' | 'iteration' | 'progress' }
  /** A scheduled hyper or an opaque sum, defined in the model's `scalars`. */
  | { readonly kind: 'scalar'; readonly name: string }
  /** Arguments of schedules: linear(from, to, start, end), cosine(from, to), exponential(from, factor, every), staircase(from, factor, at…), piecewise(p0, v0, p1, v1, …). */
  | { readonly kind: 'call'; readonly name: ScalarFunction; readonly arguments: readonly ScalarExpr[] }
  /** `from`, times `factor` (exact, as text) each time more than `patience` epochs in a row brought no lower mean of the loss. */
  | {
      readonly kind: 'plateau';
      readonly from: ScalarExpr;
      readonly loss: string;
      readonly factor: string;
      readonly patience: number;
    };

/** Where training stands: `epoch` and `iteration` from 0, `progress` 0 at the first and 1 after the last iteration of the stage. */
export interface Moment {
  readonly epoch: number;
  readonly iteration: number;
  readonly progress: number;
  /** The means of what was measured in each epoch of the stage that is done; absent: of none. */
  readonly history?: readonly Readonly<Record<string, number>>[];
}
