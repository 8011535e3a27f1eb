/** @file The ranges of numbers: of fixed ones checked when they are read, of scheduled ones in every iteration. */

export interface Range {
  readonly text: string;
  readonly holds: (n: number) => boolean;
}
export const ANY: Range = { text: 'finite', holds: Number.isFinite };
export const COUNT: Range = {
  text: 'a whole number of at least 1',
  holds: (n) => Number.isSafeInteger(n) && n >= 1,
};
/** For counts that are spelt out one by one. */
export const countUpTo = (most: number): Range => ({
  text: `a whole number from 1 to ${most}`,
  holds: (n) => Number.isSafeInteger(n) && n >= 1 && n <= most,
});
export const WHOLE: Range = {
  text: 'a whole number of at least 0',
  holds: (n) => Number.isSafeInteger(n) && n >= 0,
};
export const POSITIVE: Range = { text: 'greater than 0', holds: (n) => n > 0 };
export const NOT_NEGATIVE: Range = { text: 'at least 0', holds: (n) => n >= 0 };
export const FRACTION: Range = { text: 'at least 0 and less than 1', holds: (n) => n >= 0 && n < 1 };
export const SHARE: Range = { text: 'from 0 to 1', holds: (n) => n >= 0 && n <= 1 };

/** Of the numbers an optimizer takes. */
export const OPTIMIZER_RANGES: Readonly<Record<string, Range>> = {
  rate: NOT_NEGATIVE,
  momentum: FRACTION,
  beta1: FRACTION,
  beta2: FRACTION,
  decay: SHARE,
  epsilon: POSITIVE,
  weight_decay: NOT_NEGATIVE,
  bias_rate: NOT_NEGATIVE,
  clip_norm: POSITIVE,
  clamp: POSITIVE,
};
