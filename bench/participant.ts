/** @file What is measured, seen from inside its own process: one implementation of the network on one engine. */
import type { Parameters } from '../runtime/index.js';
import type { Losses } from './problem.js';

/** Everything is finished when a call returns. */
export interface Participant {
  /** Versions and choices, for the reader of the results. */
  readonly about: string;
  /** Threads that compute. */
  readonly threads: number;
  /** Bytes that the plan of a whole step is predicted to need, where something predicts them. */
  readonly predicted?: number;
  /** Most bytes in tensors at once so far, with copies in other layouts and workspaces, where the engine counts them. */
  tensors?(): number | undefined;
  /** Probabilities of the first batch at the first weights, [batch, classes] flat. */
  predictions(): Float32Array;
  /** Of the first batch at the first weights, by path, in the layouts of the spec. */
  gradients(): Parameters;
  /** Forward, backward and optimizer, on the next batch. */
  step(): Losses;
  /** The same without the optimizer. */
  backward(): void;
  inference(): void;
  /** Runs one of the problem's kernels on the same operands as before. */
  kernel?(index: number): void;
}
