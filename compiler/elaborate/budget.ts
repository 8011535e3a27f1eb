/** @file Bounds what a few lines may expand to: nested repetitions grow faster than any machine. */
import type { Span } from '../../grammar/span.js';
import { Reported, type Report } from '../diagnostics/report.js';

/** Calls evaluated and layers applied in one model. ED2L takes about 500, a ResNet-1001 about 20,000. */
const MOST_CALLS = 50_000;

/** Blocks within blocks. */
export const MOST_BLOCKS = 64;

export class Budget {
  #left = MOST_CALLS;

  constructor(readonly report: Report) {}

  /** Fails when `amount` more is too much. */
  spend(span: Span, amount = 1): void {
    if (amount <= this.#left) {
      this.#left -= amount;
      return;
    }
    // Told once; what else would be evaluated is given up silently.
    if (this.#left < 0) throw new Reported();
    this.#left = -1;
    this.report.fail(
      'ED3027',
      span,
      `this model expands to more than ${MOST_CALLS.toLocaleString('en')} calls`,
      { hint: 'repeat less often, or nest fewer repetitions' },
    );
  }
}
