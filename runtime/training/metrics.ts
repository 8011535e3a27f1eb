/** @file Metrics as JSON lines: one object per line, appended as they happen, so that a killed run keeps what it had. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { EpochSummary, IterationProgress } from './train.js';

export class MetricsFile {
  readonly #file: number;
  #failed = false;

  /** `onFailure` is told once when the disk refuses: a training is not lost for its metrics. Throws the file system's error. */
  constructor(
    readonly path: string,
    readonly onFailure: (message: string) => void,
  ) {
    this.#file = openSync(path, 'a');
  }

  /** What stands in every line of one training, then its own numbers. */
  iteration(
    place: Readonly<Record<string, number>>,
    { epoch, iteration, measured, imagesPerSecond }: IterationProgress,
  ): void {
    this.#write({
      ...place,
      epoch: epoch + 1,
      iteration: iteration + 1,
      ...measured,
      images_per_second: rounded(imagesPerSecond),
    });
  }

  epoch(place: Readonly<Record<string, number>>, { epoch, measured, imagesPerSecond }: EpochSummary): void {
    const means = Object.fromEntries(
      Object.entries(measured).map(([name, value]) => [`mean_${name}`, value]),
    );
    this.#write({ ...place, epoch: epoch + 1, ...means, images_per_second: rounded(imagesPerSecond) });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(entry: object): void {
    if (this.#failed) return;
    try {
      writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      this.#failed = true;
      this.onFailure(`${this.path} could not be written, and ends here: ${(error as Error).message}`);
    }
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
