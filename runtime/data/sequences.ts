/** @file Images that are judged together. */
import type { Dataset } from './dataset.js';
import { DataError } from './errors.js';

/** Positions in `indices` by sequence, in the order in which the sequences begin. */
export function bySequence({ samples }: Pick<Dataset, 'samples'>, indices: Int32Array): number[][] {
  const found = new Map<string, number[]>();
  indices.forEach((sample, position) => {
    const { sequence } = samples[sample]!;
    const own = found.get(sequence);
    if (own) own.push(position);
    else found.set(sequence, [position]);
  });
  return [...found.values()];
}

/** @throws DataError for a sequence of two classes: one decision cannot be right for both. */
export function checkSequences({ name, samples, classes }: Dataset): void {
  const first = new Map<string, (typeof samples)[number]>();
  for (const sample of samples) {
    const before = first.get(sample.sequence);
    if (!before) first.set(sample.sequence, sample);
    else if (before.label !== sample.label)
      throw new DataError(
        `${name}: the sequence ${sample.sequence} is judged as one, and shows ${classes[before.label]} (${before.id}) and ` +
          `${classes[sample.label]} (${sample.id}): write \`score image()\`, or choose \`frames\` of one class`,
      );
  }
}
