/** @file What `ed2lc explain` knows about one diagnostic code. */

export interface CodeText {
  readonly code: string;
  readonly title: string;
  readonly explanation: string;
  /** A short spec that draws this diagnostic. */
  readonly wrong?: string;
  /** The same spec, repaired. */
  readonly right?: string;
}
