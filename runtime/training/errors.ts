/** @file Errors of a training, told to the user in one line. */

/** Training had to stop: a number is not finite. What was learned until then is saved. */
export class TrainingError extends Error {}
