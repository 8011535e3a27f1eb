/**
 * @file Where a training stands between two iterations: everything that decides what the rest of it does. Random numbers are keyed by seed
 * and place, so the place is their state.
 */
import type { Parameters } from '../parameters/initialise.js';
import type { Best } from './selection.js';
import type { Measured } from './trainer.js';

export interface TrainingState {
  /** Iterations done in this stage. */
  readonly iteration: number;
  /** Epochs done. */
  readonly epoch: number;
  /** Batches done of the epoch at hand. */
  readonly batch: number;
  /** And statistics. */
  readonly parameters: Parameters;
  /** By the step's name. */
  readonly steps: Readonly<Record<string, StepState>>;
  /** Of the epoch at hand. */
  readonly sums: Sums;
  /** The means of each whole epoch: what `plateau` looks at. */
  readonly history: readonly Measured[];
  /** The best epoch so far, where the parameters are selected; else null. */
  readonly best: Best | null;
  /** Trained on until now, and how long it took. */
  readonly images: number;
  readonly seconds: number;
}

/** Of one step of the stage. */
export interface StepState {
  /** Updates done. */
  readonly count: number;
  /** The optimizer's moments, by `path/slot`. */
  readonly moments: Parameters;
}

/** Of each measured number, weighted by samples. */
export type Sums = Readonly<Record<string, { readonly sum: number; readonly n: number }>>;
