/** @file The errors of the data part: data missing, unreadable or unfit for the spec; a disk that refuses; and no codec to read images with. */

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

/** Images or a sheet could not be written. Shown to the user without a stack trace; the command line exits with 5. */
export class DataSaveError extends Error {
  override readonly name = 'DataSaveError';

  /** @param error of the file system. */
  constructor(file: string, error: NodeJS.ErrnoException) {
    const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
    super(`${file} could not be written: ${why}`);
  }
}

/** How to get the image codec, also where an install left optional packages out. */
export const CODEC_COMMAND = 'npm install --include=optional sharp@0.34.5';

/** Shown to the user without a stack trace; the command line exits with 5. */
export class CodecError extends Error {
  constructor(readonly reason: string) {
    super(`${reason}; to install it: ${CODEC_COMMAND}`);
  }
}

const SHOWN = 10;

/** A heading and the first ten of the things it counts, one per line. */
export function withItems(heading: string, items: readonly string[]): string {
  const more = items.length > SHOWN ? [`  and ${items.length - SHOWN} more`] : [];
  return [heading, ...items.slice(0, SHOWN).map((item) => `  ${item}`), ...more].join('\n');
}
