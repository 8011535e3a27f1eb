/** @file The training loop: epochs and iterations, progress, metrics, and a stop that loses nothing. */
import type { TrainableStage } from '../../compiler/program.js';
import type { DataIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { BatchSource } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { Engine } from '../engines/engine.js';
import type { Profile } from '../engines/executor.js';
import { initialise, type Parameters } from '../parameters/initialise.js';
import { TrainingError } from './errors.js';
import { Trainer, type Measured } from './trainer.js';

export interface TrainOptions {
  readonly engine: Engine;
  readonly model: ModelIR;
  readonly stage: TrainableStage;
  readonly dataset: Dataset;
  /** Samples to train on. */
  readonly indices: Int32Array;
  readonly data: DataIR;
  /** Of initialisation, shuffling, augmentation and dropout; default: the stage's. */
  readonly seed?: number;
  /** Default: initialised from the seed. */
  readonly parameters?: Parameters;
  readonly onIteration?: (progress: IterationProgress) => void;
  readonly onEpoch?: (summary: EpochSummary) => void;
  /** Stops after the iteration at hand. */
  readonly signal?: AbortSignal;
  readonly profile?: Profile;
}

export interface IterationProgress {
  /** From 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Over the whole stage, from 0. */
  readonly iteration: number;
  readonly iterations: number;
  readonly measured: Measured;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

export interface EpochSummary {
  readonly epoch: number;
  readonly epochs: number;
  /** Means over the epoch. */
  readonly measured: Measured;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

export interface Trained {
  readonly parameters: Parameters;
  readonly iterations: number;
  readonly seconds: number;
  /** `signal` ended the training early, or a number stopped being finite (`failure`). */
  readonly interrupted: boolean;
  readonly failure?: TrainingError;
  /** The last epoch's means. */
  readonly last: Measured;
}

/** Throws DataError and EngineError; a number that is not finite ends the training and is returned with what was learned. */
export async function train(options: TrainOptions): Promise<Trained> {
  const { engine, model, stage, dataset, indices, data, signal } = options;
  const seed = options.seed ?? stage.stage.seed;
  const source = new BatchSource(dataset, indices, data, { batch: stage.stage.batch, seed });
  const trainer = new Trainer(engine, model, stage, options.parameters ?? initialise(model, seed), seed);
  const { epochs } = stage.stage;
  const iterations = epochs * source.batchesPerEpoch;
  const started = performance.now();
  let iteration = 0;
  let images = 0;
  let secondsLeft = NaN;
  let last: Measured = {};
  let failure: TrainingError | undefined;
  try {
    training: for (let epoch = 0; epoch < epochs; epoch++) {
      const means = new Means();
      const epochStarted = performance.now();
      let epochImages = 0;
      for (const batch of source.iterate(epoch)) {
        if (signal?.aborted) break training;
        const moment = { epoch, iteration, progress: iteration / iterations };
        const measured = trainer.iterate(batch, moment, options.profile);
        means.add(measured, batch.n);
        iteration++;
        images += batch.n;
        epochImages += batch.n;
        const elapsed = (performance.now() - started) / 1000;
        secondsLeft = (elapsed / iteration) * (iterations - iteration);
        options.onIteration?.({
          epoch,
          epochs,
          iteration: iteration - 1,
          iterations,
          measured,
          imagesPerSecond: images / elapsed,
          secondsLeft,
        });
        // Lets signals and terminals be heard between iterations.
        await new Promise(setImmediate);
      }
      last = means.values();
      options.onEpoch?.({
        epoch,
        epochs,
        measured: last,
        imagesPerSecond: epochImages / ((performance.now() - epochStarted) / 1000),
        secondsLeft,
      });
    }
  } catch (error) {
    if (!(error instanceof TrainingError)) {
      trainer.close();
      throw error;
    }
    failure = error;
  }
  const parameters = trainer.parameters();
  trainer.close();
  return {
    parameters,
    iterations: iteration,
    seconds: (performance.now() - started) / 1000,
    interrupted: signal?.aborted === true && iteration < iterations,
    ...(failure && { failure }),
    last,
  };
}

/** Running means weighted by samples. */
class Means {
  readonly #sums = new Map<string, { sum: number; n: number }>();

  add(measured: Measured, n: number): void {
    for (const [name, value] of Object.entries(measured)) {
      const entry = this.#sums.get(name) ?? { sum: 0, n: 0 };
      this.#sums.set(name, { sum: entry.sum + value * n, n: entry.n + n });
    }
  }

  values(): Measured {
    return Object.fromEntries([...this.#sums].map(([name, { sum, n }]) => [name, sum / n]));
  }
}
