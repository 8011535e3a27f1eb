/** @file What `ed2lc explain` and docs/diagnostics.md know about one diagnostic code. */
import { format } from '../../grammar/format/format.js';

export interface CodeText {
  readonly code: string;
  /** A noun phrase or a short clause, as it stands in the table of all codes. */
  readonly title: string;
  /** Why this is so, in a few plain sentences of Markdown. */
  readonly explanation: string;
  /** A short spec that draws this diagnostic; absent where no spec does. */
  readonly wrong?: string;
  /** The same spec, repaired: it draws nothing. */
  readonly right?: string;
  /** Files that both specs import, by path. */
  readonly others?: Readonly<Record<string, string>>;
}

/** An example as it is shown: laid out, unless it cannot be read. */
export const shownExample = (spec: string): string => format(spec, 'example').text ?? spec;
