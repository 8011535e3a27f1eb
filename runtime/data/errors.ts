/** @file The one error of the data part: data missing, unreadable or unfit for the spec. */

/** Shown to the user without a stack trace; the command line exits with 4. */
export class DataError extends Error {
  readonly code = 'data';
  override readonly name = 'DataError';

  /** @param items everything the message counts, where it names only the first. */
  constructor(
    message: string,
    readonly items: readonly string[] = [],
  ) {
    super(message);
  }
}

const SHOWN = 10;

/** A heading and the first ten of the things it counts, one per line. */
export function withItems(heading: string, items: readonly string[]): string {
  const more = items.length > SHOWN ? [`  and ${items.length - SHOWN} more`] : [];
  return [heading, ...items.slice(0, SHOWN).map((item) => `  ${item}`), ...more].join('\n');
}
