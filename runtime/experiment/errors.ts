/** @file Errors of a run: its directory cannot be written, or is not what `eval` needs. */

/** One line for the user. */
export class RunError extends Error {}
