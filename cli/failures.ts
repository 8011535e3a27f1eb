/** @file From a thrown error to what the user reads and what the process returns. A stack trace is never among it. */
import { CommanderError } from 'commander';
import { ModelFormatError } from '../compiler/model/format-error.js';
import { ArtifactError, SourceError } from '../runtime/artifacts/errors.js';
import { CodecError, DataError, DataSaveError } from '../runtime/data/errors.js';
import { PairingError } from '../runtime/evaluation/errors.js';
import { EngineError } from '../runtime/engines/errors.js';
import { FoldError, ResumeError, RunError, RunRecordError } from '../runtime/experiment/errors.js';
import { ParameterFileError, ParameterSaveError } from '../runtime/parameters/errors.js';
import type { Console } from './console.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** Words of the command line that do not fit together, or name what is not there. */
export class UsageError extends Error {}

/** The spec has errors, which have been printed. */
export class SpecFailure extends Error {}

/** A check found differences, which have been printed. */
export class CheckFailure extends Error {}

export interface Failure {
  /** null: everything has been said. */
  readonly message: string | null;
  readonly exit: ExitCode;
}

const KNOWN: readonly (readonly [new (...args: never[]) => Error, ExitCode])[] = [
  [UsageError, EXIT.usage],
  [SourceError, EXIT.usage],
  [DataError, EXIT.data],
  [DataSaveError, EXIT.environment],
  [CodecError, EXIT.environment],
  [ParameterSaveError, EXIT.environment],
  [ParameterFileError, EXIT.data],
  [ModelFormatError, EXIT.data],
  [EngineError, EXIT.environment],
  [ArtifactError, EXIT.environment],
  [FoldError, EXIT.usage],
  [ResumeError, EXIT.usage],
  [PairingError, EXIT.usage],
  [RunRecordError, EXIT.data],
  [RunError, EXIT.environment],
];

/** Says what went wrong, with its place in the code for those who ask, and returns the exit code. */
export function complainOf(error: unknown, console: Console): ExitCode {
  const { message, exit } = failureOf(error);
  if (message !== null) console.complain(`error: ${message}`);
  if (console.environment['ED2LC_TRACE'] && error instanceof Error) console.complain(error.stack ?? '');
  return exit;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof SpecFailure) return { message: null, exit: EXIT.spec };
  // Help and version have been printed, as have usage errors.
  if (error instanceof CommanderError)
    return { message: null, exit: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (error instanceof CheckFailure) return { message: null, exit: EXIT.failed };
  const known = KNOWN.find(([kind]) => error instanceof kind);
  if (known) return { message: (error as Error).message, exit: known[1] };
  if (isSystemError(error))
    return { message: `the system refused: ${error.message}`, exit: EXIT.environment };
  const text = error instanceof Error ? error.message : String(error);
  return {
    message: `internal error: ${text}\nThis is a fault of ed2lc, not of your work; please report it with the command and the spec. ED2LC_TRACE=1 shows where it happened.`,
    exit: EXIT.failed,
  };
}

/** An error of the operating system: disk full, permission denied, too many files. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
