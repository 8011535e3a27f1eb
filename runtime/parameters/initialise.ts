/** @file The first values of parameters, statistics and moments. Each draws from a stream of its own, so that adding one changes no other. */
import type { InitIR, ModelIR } from '../../compiler/model/ir.js';
import { random } from '../data/random.js';

export interface Stored {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters and statistics by path. */
export type Parameters = ReadonlyMap<string, Stored>;

export function initialise(model: ModelIR, seed: number): Parameters {
  const result = new Map<string, Stored>();
  for (const group of model.groups) {
    for (const { path, shape, init } of group.parameters)
      result.set(path, { shape, data: draw(init, sizeOf(shape), path, seed) });
    for (const { path, shape, initial } of group.statistics)
      result.set(path, { shape, data: new Float32Array(sizeOf(shape)).fill(initial) });
  }
  return result;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

function draw(init: InitIR, size: number, path: string, seed: number): Float32Array {
  if (init.kind === 'constant') return new Float32Array(size).fill(init.value);
  const { uniform } = random('parameter', seed, path);
  if (init.kind === 'xavier') {
    // Glorot and Bengio 2010, eq. 16.
    const limit = Math.sqrt(6 / (init.fanIn + init.fanOut));
    return Float32Array.from({ length: size }, () => uniform(-limit, limit));
  }
  // He et al. 2015, eq. 14, with the slope of the rectifier.
  const sd = init.kind === 'gaussian' ? init.sd : Math.sqrt(2 / ((1 + init.slope ** 2) * init.fanIn));
  return Float32Array.from(
    { length: size },
    () => sd * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
