/** @file Metrics as JSON lines: one object per line, appended as they happen, so that a killed run keeps what it had. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { RunError } from './errors.js';
import type { EpochSummary, IterationProgress } from '../training/train.js';

export class MetricsFile {
  readonly #file: number;
  #size: number;

  /** Keeps the first `size` bytes (default: none). Throws RunError when the disk refuses, as all methods do. */
  constructor(
    readonly path: string,
    size = 0,
  ) {
    this.#file = this.#attempt(() => openSync(path, 'a'));
    this.#size = this.#attempt(() => Math.min(size, fstatSync(this.#file).size));
    this.cut(this.#size);
  }

  /** In bytes, whole lines. */
  get size(): number {
    return this.#size;
  }

  /** Leaves the first `size` bytes, as a training goes on from there. */
  cut(size: number): void {
    this.#size = Math.min(size, this.#size);
    this.#attempt(() => ftruncateSync(this.#file, this.#size));
  }

  /** To the disk itself. */
  flush(): void {
    this.#attempt(() => fsyncSync(this.#file));
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

  epoch(
    place: Readonly<Record<string, number>>,
    { epoch, measured, selected, imagesPerSecond }: EpochSummary,
  ): void {
    const means = Object.fromEntries(
      Object.entries(measured).map(([name, value]) => [`mean_${name}`, value]),
    );
    this.#write({
      ...place,
      epoch: epoch + 1,
      ...means,
      ...(selected !== undefined && { selected }),
      images_per_second: rounded(imagesPerSecond),
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(entry: object): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    this.#attempt(() => writeFileSync(this.#file, line));
    this.#size += line.length;
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new RunError(`${this.path} could not be written: ${(error as Error).message}`);
    }
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
