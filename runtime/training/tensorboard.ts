/** @file What TensorBoard shows of one training: losses, logged values and speed over the iterations, and the accuracy on those held out. */
import { EventFile } from './event-file.js';
import type { EpochSummary, IterationProgress } from './train.js';
import type { Measured } from './trainer.js';

/** Per curve; each point is the mean of the iterations since the one before. Keeps a file of a long training at some hundred kilobytes. */
const POINTS = 1000;

export class TensorBoardLog {
  #file: EventFile | undefined;
  #failed = false;
  /** Iterations done. */
  #step = 0;
  #since = new Map<string, { sum: number; n: number }>();

  /** The file is made with the first number. `onFailure` is told once when the disk refuses: a training is not lost for its curves. */
  constructor(
    readonly folder: string,
    readonly onFailure: (message: string) => void,
  ) {}

  iteration({ iteration, iterations, measured, imagesPerSecond }: IterationProgress): void {
    this.#open(iteration + 1);
    this.#step = iteration + 1;
    this.#collect({ ...measured, images_per_second: imagesPerSecond });
    if (this.#step % Math.ceil(iterations / POINTS) !== 0 && this.#step !== iterations) return;
    this.#write('iteration', this.#means());
    this.#since = new Map();
  }

  epoch({ measured, imagesPerSecond }: EpochSummary): void {
    this.#write('epoch', { ...measured, images_per_second: imagesPerSecond });
  }

  /** After the training, which had so many iterations. */
  heldOut(iterations: number, accuracy: number): void {
    this.#open(iterations + 1);
    this.#step = iterations;
    this.#write('held_out', { accuracy });
  }

  close(): void {
    this.#attempt(() => this.#file?.close());
    this.#file = undefined;
  }

  /** What an earlier process wrote of this step or later ones did not last. */
  #open(from: number): void {
    if (this.#file) return;
    this.#attempt(() => (this.#file = new EventFile(this.folder, from)));
  }

  #collect(measured: Measured): void {
    for (const [name, value] of Object.entries(measured)) {
      const { sum, n } = this.#since.get(name) ?? { sum: 0, n: 0 };
      this.#since.set(name, { sum: sum + value, n: n + 1 });
    }
  }

  #means(): Measured {
    return Object.fromEntries([...this.#since].map(([name, { sum, n }]) => [name, sum / n]));
  }

  #write(kind: string, measured: Measured): void {
    const named = Object.entries(measured).map(([name, value]) => [`${kind}/${name}`, value]);
    this.#attempt(() => this.#file?.scalars(this.#step, Object.fromEntries(named)));
  }

  #attempt(work: () => void): void {
    if (this.#failed) return;
    try {
      work();
    } catch (error) {
      this.#failed = true;
      this.onFailure(
        `${this.folder} could not be written, and TensorBoard's curves end here: ${(error as Error).message}`,
      );
    }
  }
}
