/** @file Errors of an engine, told to the user in one line. */

/** The engine cannot be loaded, or cannot hold what it is asked to. */
export class EngineError extends Error {}
