/** @file A data set as PNG files in `subject/class` folders, which `source folder(…)` reads back. */
import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import type { Dataset } from '../dataset.js';
import { DataError } from '../errors.js';

/**
 * Writes `dir/subject/class/NN.png`, numbered from 01 within each folder. The files are written beside `dir`, which
 * appears only when all are there.
 * @returns the number of files.
 * @throws DataError if `dir` exists, or the data set came from files whose names cannot be folders.
 */
export async function writeFaces(
  dir: string,
  dataset: Dataset,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<number> {
  const target = resolve(dir);
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (exists) throw new DataError(`${target} exists already; faces are written to a new folder only`);
  const odd = [...dataset.samples.map((sample) => sample.subject), ...dataset.classes].find((name) =>
    /[/\\]|^\.*$/.test(name),
  );
  if (odd !== undefined) throw new DataError(`"${odd}" cannot be the name of a folder`);

  const { height, width, classes, samples, pixels } = dataset;
  const channels = dataset.channels === 3 ? 3 : 1;
  const size = height * width * channels;
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.${randomUUID()}.partial`;
  const numbers = new Map<string, number>();
  try {
    for (const [i, { subject, label }] of samples.entries()) {
      const folder = join(partial, subject, classes[label]!);
      const number = (numbers.get(folder) ?? 0) + 1;
      if (number === 1) await mkdir(folder, { recursive: true });
      numbers.set(folder, number);
      await sharp(pixels.subarray(i * size, (i + 1) * size), { raw: { height, width, channels } })
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .png()
        .toFile(join(folder, `${String(number).padStart(2, '0')}.png`));
      onProgress(i + 1, samples.length);
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return samples.length;
}
