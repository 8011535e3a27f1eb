/** @file The order in which people read names: 2 before 10. */

const collator = new Intl.Collator('en', { numeric: true });

/** Equal for the collator means by code unit, so the order is total. */
export const naturally = (a: string, b: string): number =>
  collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
