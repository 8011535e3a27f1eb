/** @file The one error of the data part: data missing, unreadable or unfit for the spec. */

/** Shown to the user without a stack trace; the command line exits with 4. */
export class DataError extends Error {
  readonly code = 'data';
  override readonly name = 'DataError';
}
