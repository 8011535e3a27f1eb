/** @file Errors of evaluation, apart from its code: whoever only reports them loads nothing else. */

/** Decisions that are not about the same things. One line for the user. */
export class PairingError extends Error {}
