/** @file The first values of parameters, statistics and moments. Each draws from a stream of its own, so that adding one changes no other. */
import type { InitIR, ModelIR } from '../../compiler/model/ir.js';
import { random } from '../data/random.js';
import { fillNormal } from './normals.js';

export interface Stored {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters and statistics by path. */
export type Parameters = ReadonlyMap<string, Stored>;

/** `wanted`: only what has one of these paths, with the same values. */
export function initialise(model: ModelIR, seed: number, wanted?: ReadonlySet<string>): Parameters {
  const isWanted = ({ path }: { readonly path: string }): boolean => wanted?.has(path) ?? true;
  const result = new Map<string, Stored>();
  for (const group of model.groups) {
    for (const { path, shape, init } of group.parameters.filter(isWanted))
      result.set(path, { shape, data: draw(init, sizeOf(shape), path, seed) });
    for (const { path, shape, initial } of group.statistics.filter(isWanted))
      result.set(path, { shape, data: new Float32Array(sizeOf(shape)).fill(initial) });
  }
  return result;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

function draw(init: InitIR, size: number, path: string, seed: number): Float32Array {
  const values = new Float32Array(size);
  if (init.kind === 'constant') return values.fill(init.value);
  const { uniform, bits } = random('parameter', seed, path);
  if (init.kind === 'xavier') {
    // Glorot and Bengio 2010, eq. 16.
    const limit = Math.sqrt(6 / (init.fanIn + init.fanOut));
    for (let i = 0; i < size; i++) values[i] = uniform(-limit, limit);
    return values;
  }
  // He et al. 2015, eq. 14, with the slope of the rectifier.
  const sd = init.kind === 'gaussian' ? init.sd : Math.sqrt(2 / ((1 + init.slope ** 2) * init.fanIn));
  fillNormal(values, sd, bits);
  return values;
}
