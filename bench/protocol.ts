/**
 * @file What the driver and a participant's process say to each other: one JSON object per line, a request on standard input and its
 * answer on standard output. `bench/peers/torch/peer.py` speaks the same.
 */
import type { Losses } from './problem.js';

/** What can be timed. */
export const MEASURES = ['step', 'backward', 'inference'] as const;
export type Measure = (typeof MEASURES)[number];

export type Request =
  /** Probabilities of the first batch at the first weights, to which this goes back, as `gradients` does. */
  | { readonly do: 'predictions' }
  /** Of the first batch at the first weights, written to a safetensors file. */
  | { readonly do: 'gradients'; readonly path: string }
  /** So many whole steps, and their losses. */
  | { readonly do: 'losses'; readonly steps: number }
  | { readonly do: Measure; readonly times: number }
  /** `form`: PyTorch's memory format. */
  | { readonly do: 'kernel'; readonly kernel: number; readonly times: number; readonly form?: string }
  | { readonly do: 'memory' };

export interface Hello {
  readonly about: string;
  readonly threads: number;
  readonly predicted?: number;
  /** Most bytes in memory before there was a network: the program and its libraries. */
  readonly start: number;
}

export interface Answers {
  readonly predictions: { readonly predictions: readonly number[] };
  readonly gradients: Record<string, never>;
  readonly losses: { readonly losses: readonly Losses[] };
  /** Milliseconds of each time. */
  readonly step: { readonly ms: readonly number[] };
  readonly backward: { readonly ms: readonly number[] };
  readonly inference: { readonly ms: readonly number[] };
  readonly kernel: { readonly ms: readonly number[] };
  /** Most bytes in memory so far, and in tensors where they are counted. */
  readonly memory: { readonly peak: number; readonly tensors?: number };
}

/** Instead of an answer. */
export interface Refusal {
  readonly error: string;
}
