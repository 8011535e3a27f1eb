/** @file `frames …`: which images of a sequence a data set keeps. */
import type { DataIR } from '../../compiler/model/experiment.js';
import type { Dropped } from './dataset.js';
import { DataError } from './errors.js';
import { Drops, type Entry, type Listing } from './listing.js';
import { naturally } from './natural-order.js';

/**
 * Of n frames, by number or else by name: the first k, the last k, or the k around frame c = floor(n / 2) counted from 0 (middle(3):
 * c - 1, c, c + 1). A sequence with fewer keeps all it has.
 * @throws DataError for data without sequences.
 */
export function chooseFrames(
  { place, entries }: Pick<Listing, 'place' | 'entries'>,
  frames: DataIR['frames'],
): { readonly entries: readonly Entry[]; readonly dropped: readonly Dropped[] } {
  if (frames === null) return { entries, dropped: [] };
  const sequences = new Map<string, Entry[]>();
  for (const entry of entries) {
    const own = sequences.get(entry.sequence);
    if (own) own.push(entry);
    else sequences.set(entry.sequence, [entry]);
  }
  if (sequences.size === entries.length && entries.every((e) => e.sequence === e.id))
    throw new DataError(`${place} names no sequences, of which \`frames ${frames.kind}(…)\` could choose`);
  const kept = new Set<Entry>();
  for (const sequence of sequences.values()) {
    sequence.sort((a, b) =>
      a.frame !== null && b.frame !== null ? a.frame - b.frame : naturally(a.id, b.id),
    );
    const start = firstOf(frames, sequence.length);
    for (const entry of sequence.slice(start, start + frames.count)) kept.add(entry);
  }
  const drops = new Drops();
  for (const entry of entries)
    if (!kept.has(entry)) drops.add(`frames outside ${frames.kind}(${frames.count})`, entry.place);
  return { entries: entries.filter((entry) => kept.has(entry)), dropped: drops.list() };
}

function firstOf({ kind, count }: NonNullable<DataIR['frames']>, n: number): number {
  const last = Math.max(0, n - count);
  if (kind === 'first') return 0;
  if (kind === 'last') return last;
  return Math.min(last, Math.max(0, Math.floor(n / 2) - Math.floor(count / 2)));
}
