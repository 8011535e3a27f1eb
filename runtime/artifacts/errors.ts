/** @file The one error of artifacts: a compiled spec is missing, damaged, or cannot be written. */

/** One line for the user. */
export class ArtifactError extends Error {}
