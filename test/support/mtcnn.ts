/** @file MTCNN for tests: small networks of random weights, and a forward in plain loops over images with width first, as the weights were learned. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, type Tensor, type Weights } from '../../runtime/detection/weights.js';
import { layersOf, tensorsOf, type NetName, type Widths } from '../../runtime/detection/widths.js';
import { randomFrom } from './random-graph.js';

export const SMALL: Widths = { pnet: [2, 3, 4], rnet: [3, 2, 4, 5], onet: [2, 3, 2, 4, 6] };

export function randomWeights(seed: number, widths: Widths = SMALL): Weights {
  const random = randomFrom(seed);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of tensorsOf(widths)) {
    const inputs = shape.slice(0, -1).reduce((n, d) => n * d, 1);
    const values = Float32Array.from(
      { length: inputs * shape.at(-1)! },
      () => (2 * random() - 1) * Math.sqrt(3 / inputs),
    );
    tensors.set(name, { shape, values });
  }
  return { widths, tensors, hash: `random ${seed}` };
}

/** As a manifest and its shard. */
export function writeWeights(folder: string, { tensors }: Weights): void {
  mkdirSync(folder, { recursive: true });
  const weights = [...tensors].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  writeFileSync(join(folder, MANIFEST), JSON.stringify([{ paths: ['shard1'], weights }]));
  const bytes = [...tensors.values()].map(({ values }) => new Uint8Array(values.buffer));
  writeFileSync(join(folder, 'shard1'), Buffer.concat(bytes));
}

/** Channels last; the first axis is what the layout says. */
interface Image {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly at: (row: number, column: number, channel: number) => number;
}

const image = (rows: number, columns: number, channels: number, values: Float64Array): Image => ({
  rows,
  columns,
  channels,
  at: (i, j, c) => values[(i * columns + j) * channels + c]!,
});

function convolve(x: Image, { shape, values }: Tensor, bias: Float32Array): Image {
  const [kh, kw, channels, filters] = shape as [number, number, number, number];
  const [rows, columns] = [x.rows - kh + 1, x.columns - kw + 1];
  const y = new Float64Array(rows * columns * filters);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let f = 0; f < filters; f++) {
        let sum = bias[f]!;
        for (let a = 0; a < kh; a++)
          for (let b = 0; b < kw; b++)
            for (let c = 0; c < channels; c++)
              sum += x.at(i + a, j + b, c) * values[((a * kw + b) * channels + c) * filters + f]!;
        y[(i * columns + j) * filters + f] = sum;
      }
  return image(rows, columns, filters, y);
}

const rectified = (x: Image, slopes: Float32Array): Image => ({
  ...x,
  at: (i, j, c) => (x.at(i, j, c) > 0 ? 1 : slopes[c]!) * x.at(i, j, c),
});

/** Caffe's: the number of windows is rounded up, the last ones see what there is. */
function pooled(x: Image, size: number): Image {
  const count = (n: number): number => Math.ceil((n - size) / 2) + 1;
  const [rows, columns] = [count(x.rows), count(x.columns)];
  const y = new Float64Array(rows * columns * x.channels).fill(-Infinity);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let c = 0; c < x.channels; c++)
        for (let a = 2 * i; a < Math.min(x.rows, 2 * i + size); a++)
          for (let b = 2 * j; b < Math.min(x.columns, 2 * j + size); b++)
            y[(i * columns + j) * x.channels + c] = Math.max(
              y[(i * columns + j) * x.channels + c]!,
              x.at(a, b, c),
            );
  return image(rows, columns, x.channels, y);
}

const flat = (x: Image): Float64Array => {
  const y = new Float64Array(x.rows * x.columns * x.channels);
  for (let i = 0, k = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) for (let c = 0; c < x.channels; c++) y[k++] = x.at(i, j, c);
  return y;
};

const POOLS = { pnet: [2], rnet: [3, 3], onet: [3, 3, 2] } as const;

/** Raw heads side by side, for one image [height, width, 3]: for each window of the first network, row by row, or one row. */
export function slowForward(
  net: NetName,
  { tensors, widths }: Weights,
  pixels: Float32Array,
  height: number,
  width: number,
): number[][] {
  const { body, heads } = layersOf(net, widths);
  const of = (name: string): Tensor => tensors.get(name)!;
  let x: Image = {
    rows: width,
    columns: height,
    channels: 3,
    at: (i, j, c) => pixels[(j * width + i) * 3 + c]!,
  };
  for (const [i, { kind, name, slopes }] of body.entries()) {
    const kernel = of(`${name}/weights`);
    // What is flattened is an image of one pixel.
    const own = kind === 'dense' ? image(1, 1, x.rows * x.columns * x.channels, flat(x)) : x;
    const weights = kind === 'dense' ? { ...kernel, shape: [1, 1, ...kernel.shape] } : kernel;
    x = rectified(convolve(own, weights, of(`${name}/bias`).values), of(slopes!).values);
    x = image(x.rows, x.columns, x.channels, flat(x));
    const size = POOLS[net][i];
    if (size) x = pooled(x, size);
  }
  const outputs = heads.map(({ name }) => {
    const { shape, values } = of(`${name}/weights`);
    return convolve(x, { shape: [1, 1, ...shape.slice(-2)], values }, of(`${name}/bias`).values);
  });
  const rows: number[][] = [];
  // Back to rows of the image.
  for (let j = 0; j < x.columns; j++)
    for (let i = 0; i < x.rows; i++)
      rows.push(outputs.flatMap((y) => Array.from({ length: y.channels }, (_, c) => y.at(i, j, c))));
  return rows;
}
