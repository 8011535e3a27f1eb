/** @file Errors of an engine, told to the user in one line. */

/** The engine cannot be loaded, or cannot hold what it is asked to. */
export class EngineError extends Error {}

/** A loss is NaN or infinite. Thrown before anything is updated, so the state is that of the iteration before. */
export class NonFiniteError extends Error {
  constructor(
    /** The declared loss. */
    readonly loss: string,
    /** The first tensor of the step that is not finite: a parameter's path, a value's name, or a piece. */
    readonly tensor: string,
  ) {
    super(`the loss ${loss} is not finite; the first tensor that is not is ${tensor}`);
  }
}
