/** @file A picture of a data set for `ed2lc synth` and `ed2lc data inspect`: a row per person, a column per class. */
import { codec } from '../codec.js';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../dataset.js';
import { DataError, DataSaveError } from '../errors.js';

/**
 * PNG of the first image of each (subject, class), in the data set's order; gaps are mid-gray. Where each image is a person of its own, row n
 * has the n-th image of each class.
 * @param rows at most.
 * @throws DataError for an empty data set.
 */
export async function contactSheet(dataset: Dataset, rows = 12): Promise<Buffer> {
  const { height, width, channels, classes, samples, pixels } = dataset;
  if (samples.length === 0) throw new DataError(`${dataset.name} has no images to show`);
  const cells = cellsOf(dataset, rows);
  const count = 1 + Math.max(...cells.map(({ row }) => row));
  const stride = classes.length * width * channels;
  const sheet = new Uint8Array(count * height * stride).fill(127);
  const size = height * width * channels;
  for (const { row, sample } of cells)
    for (let y = 0; y < height; y++)
      sheet.set(
        pixels.subarray(sample * size + y * width * channels, sample * size + (y + 1) * width * channels),
        (row * height + y) * stride + samples[sample]!.label * width * channels,
      );
  return codec()(sheet, {
    raw: { height: count * height, width: classes.length * width, channels: channels === 3 ? 3 : 1 },
  })
    .png()
    .toBuffer();
}

interface Cell {
  readonly row: number;
  readonly sample: number;
}

/** Which sample stands in which row; its label is its column. */
function cellsOf({ samples, classes }: Dataset, rows: number): Cell[] {
  const subjects = [...new Set(samples.map(({ subject }) => subject))];
  const alone = subjects.length === samples.length;
  const rowOf = new Map(subjects.slice(0, rows).map((subject, row) => [subject, row]));
  const next = classes.map(() => 0);
  const filled = new Set<string>();
  return samples.flatMap(({ subject, label }, sample): Cell[] => {
    const row = alone ? next[label]!++ : (rowOf.get(subject) ?? rows);
    const cell = `${row}/${label}`;
    if (row >= rows || filled.has(cell)) return [];
    filled.add(cell);
    return [{ row, sample }];
  });
}

/** Writes it as `folder/NAME.png`, whole or not at all, and returns that name. @throws DataSaveError if the disk refuses. */
export async function writeSheet(folder: string, dataset: Dataset): Promise<string> {
  const file = join(folder, `${dataset.name}.png`);
  const partial = `${file}.${process.pid}.partial`;
  const sheet = await contactSheet(dataset);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(partial, sheet);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw new DataSaveError(file, error as NodeJS.ErrnoException);
  }
  return file;
}
