/** @file How a damaged file of this compiler is refused. */

/** Thrown for a file that is not what this compiler wrote. `reasons`: at most five, each with the place in the file. */
export class ModelFormatError extends Error {
  constructor(
    readonly what: string,
    readonly reasons: readonly string[],
  ) {
    super(`not a valid ${what}: ${reasons.join('; ')}`);
  }
}
