/** @file Errors of compiled specs and their sources, told to the user in one line. */

/** A compiled spec is missing, damaged, or cannot be written. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}

/** A spec exists and cannot be read as text. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
