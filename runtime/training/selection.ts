/** @file `select best(…)`: keeps the parameters of the epoch in which a metric was best. */
import type { Parameters } from '../parameters/initialise.js';

/** The best epoch so far: what a training that goes on must be given again. */
export interface Best {
  /** From 0. */
  readonly epoch: number;
  readonly value: number;
  /** And statistics, as they were at its end. */
  readonly parameters: Parameters;
}

export class Selection {
  #best: Best | null = null;

  constructor(
    /** The value of the metric for such parameters. */
    readonly measure: (parameters: Parameters) => number | Promise<number>,
    readonly better: 'higher' | 'lower',
  ) {}

  get best(): Best | null {
    return this.#best;
  }

  /** Where an earlier part of the same training stood. */
  restore(best: Best | null): void {
    this.#best = best;
  }

  /** After an epoch, from 0: the value of its metric. Of equal ones the first stays the best; one that is not finite never is. */
  async consider(epoch: number, parameters: Parameters): Promise<number> {
    const value = await this.measure(parameters);
    const before = this.#best?.value;
    const isBetter = before === undefined || (this.better === 'higher' ? value > before : value < before);
    if (isBetter && Number.isFinite(value)) this.#best = { epoch, value, parameters };
    return value;
  }
}
