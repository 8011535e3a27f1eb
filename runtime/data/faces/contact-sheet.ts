/** @file A picture of a data set for `ed2lc synth` and `ed2lc data inspect`: a row per person, a column per class. */
import { codec } from '../codec.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../dataset.js';
import { DataError } from '../errors.js';

/**
 * PNG of the first image of each (subject, class), in the data set's order; gaps are mid-gray.
 * @param people how many rows at most.
 * @throws DataError for an empty data set.
 */
export async function contactSheet(dataset: Dataset, people = 12): Promise<Buffer> {
  const { height, width, channels, classes, samples, pixels } = dataset;
  const subjects = [...new Set(samples.map((sample) => sample.subject))].slice(0, people);
  if (subjects.length === 0) throw new DataError(`${dataset.name} has no images to show`);
  const stride = classes.length * width * channels;
  const sheet = new Uint8Array(subjects.length * height * stride).fill(127);
  const size = height * width * channels;
  const filled = new Set<string>();
  samples.forEach(({ subject, label }, i) => {
    const row = subjects.indexOf(subject);
    if (row < 0 || filled.has(`${row}/${label}`)) return;
    filled.add(`${row}/${label}`);
    for (let y = 0; y < height; y++)
      sheet.set(
        pixels.subarray(i * size + y * width * channels, i * size + (y + 1) * width * channels),
        (row * height + y) * stride + label * width * channels,
      );
  });
  return codec()(sheet, {
    raw: {
      height: subjects.length * height,
      width: classes.length * width,
      channels: channels === 3 ? 3 : 1,
    },
  })
    .png()
    .toBuffer();
}

/** Writes it as `folder/NAME.png`. @throws DataError if the disk refuses. */
export async function writeSheet(folder: string, dataset: Dataset, people?: number): Promise<void> {
  const file = join(folder, `${dataset.name}.png`);
  const sheet = await contactSheet(dataset, people);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, sheet);
  } catch (error) {
    throw new DataError(`${file} could not be written: ${(error as Error).message}`);
  }
}
