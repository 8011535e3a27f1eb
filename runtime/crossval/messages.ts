/** @file What a process that trains one task and the one that started it tell each other. */

export interface Place {
  /** All from 1. */
  readonly stage: number;
  readonly stages: number;
  readonly epoch: number;
  readonly epochs: number;
}

/** From the one that trains. */
export type Report =
  | { readonly kind: 'at'; readonly place: Place }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'taken'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

export type Ended = Exclude<Report, { kind: 'at' | 'note' }>;

/** Set for it: without a channel to the other, that one is gone. */
export const WORKER_VARIABLE = 'ED2LC_WORKER';

/** To it: save and end. */
export const STOP = 'stop';
