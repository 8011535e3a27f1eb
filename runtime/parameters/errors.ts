/** @file Errors of parameter files. */

/** The file is missing, cut off, or not what it should be. */
export class ParameterFileError extends Error {}

/** The disk refuses to take the file. */
export class ParameterSaveError extends ParameterFileError {}
