/** @file Errors of a run: its directory cannot be written, or is not what `eval` needs. */

/** One line for the user. */
export class RunError extends Error {}

/** A run directory is missing, damaged, or its data is no longer what it was. */
export class RunRecordError extends RunError {}

/** A fold was asked for that the data does not have. */
export class FoldError extends RunError {}

/** A run cannot be continued as was asked; another way is named. */
export class ResumeError extends RunError {}
