/** @file Errors of an engine, told to the user in one line. */

/** The engine cannot be loaded, or cannot hold what it is asked to. */
export class EngineError extends Error {}

/** It lacks an npm package. */
export class PackageMissingError extends EngineError {
  constructor(
    readonly reason: string,
    /** What installs the package. */
    readonly command: string,
  ) {
    super(`${reason}; to install it: ${command}`);
  }
}

/** A loss, or what an update would make of a parameter, is NaN or infinite. Nothing has been updated: the state is that of the iteration before. */
export class NonFiniteError extends Error {
  constructor(
    message: string,
    /** An input of the step is to blame, not what was learned. */
    readonly fromInput: boolean,
  ) {
    super(message);
  }
}
