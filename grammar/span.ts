/** @file Where something stands in a source text. */

/** A half-open range of UTF-16 offsets (0-based) in the source called `source`. */
export interface Span {
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** The smallest span that covers both; they must lie in the same source. */
export function spanOf(first: Span, last: Span): Span {
  return {
    source: first.source,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}
