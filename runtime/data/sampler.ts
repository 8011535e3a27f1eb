/** @file `balance sampler()`: an epoch of unchanged length in which every class comes equally often. */
import type { Dataset } from './dataset.js';
import type { Random } from './random.js';

/**
 * As many draws as `indices` has, spread evenly over the classes present (a rest goes to random classes). Within a
 * class every sample comes before any comes again.
 */
export function balanced(dataset: Pick<Dataset, 'samples'>, indices: Int32Array, from: Random): Int32Array {
  const byClass = new Map<number, number[]>();
  for (const i of indices) {
    const { label } = dataset.samples[i]!;
    const members = byClass.get(label);
    if (members) members.push(i);
    else byClass.set(label, [i]);
  }
  const labels = from.shuffle([...byClass.keys()].sort((a, b) => a - b));
  const result = new Int32Array(indices.length);
  let at = 0;
  for (const [rank, label] of labels.entries()) {
    const members = byClass.get(label)!;
    const share =
      Math.floor(indices.length / labels.length) + (rank < indices.length % labels.length ? 1 : 0);
    for (let k = 0; k < share; k++) {
      if (k % members.length === 0) from.shuffle(members);
      result[at++] = members[k % members.length]!;
    }
  }
  return result;
}
