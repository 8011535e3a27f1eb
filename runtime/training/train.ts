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
import type { Selection } from './selection.js';
import type { Sums, TrainingState } from './state.js';
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
  /** Goes on where another training of the same stage, samples and seed stood; what follows is what would have followed there. */
  readonly from?: TrainingState;
  /** Asked after each epoch; the parameters of the best one are then the result. */
  readonly selection?: Selection;
  /** Between iterations, where all can be saved; the training waits. */
  readonly onPause?: (pause: Pause) => Promise<void>;
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
  /** The metric of `selection`. */
  readonly selected?: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

export interface Pause {
  /** A copy of what is now; costs what copying all parameters and moments costs. */
  readonly state: () => TrainingState;
  readonly epochEnded: boolean;
}

export interface Trained {
  /** The last; with a `selection`, those of the best epoch, if there was one. */
  readonly parameters: Parameters;
  /** Where it ended: what `from` takes. */
  readonly state: TrainingState;
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
  const { engine, model, stage, dataset, indices, data, signal, from, selection } = options;
  selection?.restore(from?.best ?? null);
  const seed = options.seed ?? stage.stage.seed;
  const source = new BatchSource(dataset, indices, data, { batch: stage.stage.batch, seed });
  const parameters = from?.parameters ?? options.parameters ?? initialise(model, seed);
  const trainer = new Trainer(engine, model, stage, parameters, seed, from?.steps);
  const { epochs } = stage.stage;
  const iterations = epochs * source.batchesPerEpoch;
  const started = performance.now();
  const secondsNow = (): number => (from?.seconds ?? 0) + (performance.now() - started) / 1000;
  const means = new Means(from?.sums);
  const history: Measured[] = [...(from?.history ?? [])];
  let { epoch, batch: done, iteration, images } = from ?? BEGINNING;
  let secondsLeft = NaN;
  const state = (): TrainingState => ({
    iteration,
    epoch,
    batch: done,
    parameters: trainer.parameters(),
    steps: trainer.steps(),
    sums: means.sums(),
    history: [...history],
    best: selection?.best ?? null,
    images,
    seconds: secondsNow(),
  });
  try {
    training: while (epoch < epochs) {
      const epochStarted = performance.now();
      let epochImages = 0;
      for (const batch of source.iterate(epoch, done)) {
        if (signal?.aborted) break training;
        const moment = { epoch, iteration, progress: iteration / iterations, history };
        const measured = trainer.iterate(batch, moment, options.profile);
        means.add(measured, batch.n);
        iteration++;
        done++;
        images += batch.n;
        epochImages += batch.n;
        const elapsed = secondsNow();
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
        if (done < source.batchesPerEpoch) await options.onPause?.({ state, epochEnded: false });
      }
      const measured = means.values();
      history.push(measured);
      const selected = await selection?.consider(epoch, trainer.parameters());
      options.onEpoch?.({
        epoch,
        epochs,
        measured,
        ...(selected !== undefined && { selected }),
        imagesPerSecond: epochImages / ((performance.now() - epochStarted) / 1000),
        secondsLeft,
      });
      epoch++;
      done = 0;
      means.clear();
      await options.onPause?.({ state, epochEnded: true });
    }
    return ended(state(), { interrupted: iteration < iterations });
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    return ended(state(), { interrupted: false, failure: error });
  } finally {
    trainer.close();
  }
}

const BEGINNING = { epoch: 0, batch: 0, iteration: 0, images: 0 } as const;

const ended = (state: TrainingState, how: Pick<Trained, 'interrupted' | 'failure'>): Trained => ({
  parameters: state.best?.parameters ?? state.parameters,
  state,
  iterations: state.iteration,
  seconds: state.seconds,
  last: state.history.at(-1) ?? {},
  ...how,
});

/** Running means weighted by samples. */
class Means {
  readonly #sums: Map<string, Sums[string]>;

  constructor(sums: Sums = {}) {
    this.#sums = new Map(Object.entries(sums));
  }

  sums(): Sums {
    return Object.fromEntries(this.#sums);
  }

  clear(): void {
    this.#sums.clear();
  }

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
