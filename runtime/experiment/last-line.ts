/** @file The last line of a run's metrics, and what it says of where the training stands. */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from '../training/trainer.js';

export interface Place {
  /** Both from 0. */
  readonly stage: number;
  readonly epoch: number;
}

/** A line of an iteration lies in its epoch, one without stands at the end of it. */
export const livePlace = ({ stage, epoch, iteration }: Measured): Place => ({
  stage: (stage ?? 1) - 1,
  epoch: (epoch ?? 1) - (iteration === undefined ? 0 : 1),
});

/** By the last line of a directory that is being written; undefined before there is one. `epochs`: of each stage. */
export async function lastPlace(
  directory: string,
  epochs: readonly number[],
): Promise<{ epoch: number; epochs: number } | undefined> {
  const { line } = await lastLine(join(directory, 'metrics.jsonl'));
  if (!line) return undefined;
  const { stage, epoch } = livePlace(line);
  return { epoch, epochs: epochs[stage] ?? 0 };
}

const TAIL_BYTES = 16_384;

/** The last whole line, and when it was written. */
export async function lastLine(path: string): Promise<{ line?: Measured; modified?: Date }> {
  const modified = await stat(path).then(
    ({ mtime }) => mtime,
    () => undefined,
  );
  if (!modified) return {};
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8').split('\n').slice(0, -1);
    const line = lines.at(-1);
    return line === undefined ? { modified } : { modified, line: JSON.parse(line) as Measured };
  } catch {
    // A line cut off in the middle tells nothing.
    return { modified };
  } finally {
    await file.close();
  }
}
