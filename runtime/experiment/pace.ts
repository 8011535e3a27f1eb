/** @file How often a training is saved: rarely enough to cost nothing, often enough to lose little. */
import type { Pause } from '../training/train.js';

/** Seconds since the last one: at the end of an epoch, and within one. */
const EPOCH_SECONDS = 10;
const LONG_SECONDS = 120;
/** Saving takes at most this share of the time. */
const SHARE = 0.02;

export class Pace {
  #last = performance.now();
  /** Seconds that saving took. */
  #cost = 0;

  /** `minutes` between checkpoints, 0 for one after each iteration; default: by the constants above. */
  constructor(readonly minutes?: number) {}

  due({ epochEnded }: Pick<Pause, 'epochEnded'>): boolean {
    const passed = (performance.now() - this.#last) / 1000;
    if (this.minutes !== undefined) return passed >= this.minutes * 60;
    return passed >= Math.max(epochEnded ? EPOCH_SECONDS : LONG_SECONDS, this.#cost / SHARE);
  }

  /** Does it, and knows then what it costs. */
  async save(work: () => Promise<void>): Promise<void> {
    const started = performance.now();
    await work();
    this.#last = performance.now();
    this.#cost = (this.#last - started) / 1000;
  }
}
