/** @file Features made of features: some rows of all, channels averaged over the image, two kinds side by side; and parameters of which one group has learned nothing. */
import type { ModelIR } from '../../compiler/model/ir.js';
import { initialise, type Parameters } from '../parameters/initialise.js';
import type { Rows } from './predict.js';
import type { FeaturesOf } from './probe-study.js';

/** `indices`: the sample of each row. */
export function rowsOf({ data, width }: Rows, indices: Int32Array): FeaturesOf {
  const place = new Map(Array.from(indices, (sample, row) => [sample, row]));
  return (wanted) => {
    const rows = new Float32Array(wanted.length * width);
    wanted.forEach((sample, i) => {
      const row = place.get(sample)!;
      rows.set(data.subarray(row * width, (row + 1) * width), i * width);
    });
    return { data: rows, width };
  };
}

/** The mean of each channel; channels come last. */
export function pooledChannels({ data, width }: Rows, channels: number): Rows {
  const places = width / channels;
  const result = new Float32Array(data.length / places);
  for (let i = 0; i < data.length; i++) {
    const row = Math.floor(i / width);
    result[row * channels + (i % channels)]! += data[i]! / places;
  }
  return { data: result, width: channels };
}

export function sideBySide(a: Rows, b: Rows): Rows {
  const width = a.width + b.width;
  const data = new Float32Array((a.data.length / a.width) * width);
  for (let row = 0; row * width < data.length; row++) {
    data.set(a.data.subarray(row * a.width, (row + 1) * a.width), row * width);
    data.set(b.data.subarray(row * b.width, (row + 1) * b.width), row * width + a.width);
  }
  return { data, width };
}

/** The trained parameters, those of one group as they were before training: a branch of the same size that has learned nothing. */
export function withUntrained(model: ModelIR, group: string, trained: Parameters, seed: number): Parameters {
  const fresh = initialise(model, seed);
  return new Map(
    [...trained].map(([path, stored]) => [path, path.startsWith(`${group}.`) ? fresh.get(path)! : stored]),
  );
}
