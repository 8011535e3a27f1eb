/** @file The exit codes of `ed2lc` (README, "Commands"): stable, for scripts and schedulers. */

export const EXIT = {
  ok: 0,
  /** A run failed, or a check found differences. */
  failed: 1,
  usage: 2,
  /** The spec has errors. */
  spec: 3,
  /** Data or parameters are missing or invalid. */
  data: 4,
  /** The engine, the disk, or the machine refuses. */
  environment: 5,
  /** Saved and stopped; the same command goes on (EX_TEMPFAIL of sysexits.h, for schedulers). */
  again: 75,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
