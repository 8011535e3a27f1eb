/** @file The name a writer probably meant. */

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforePrevious[j - 2]! + 1);
      }
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/**
 * The candidate closest to `word`: one that differs only in case, else the one with the fewest edits as long as
 * these are at most a third of the longer word's length. Of equals the first in the alphabet wins, whatever their order; `undefined` when none is close.
 * With two letters one edit is half of the word, so there it has to be the only candidate so close.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestEdits = Infinity;
  const short: string[] = [];
  for (const candidate of new Set(candidates)) {
    if (candidate.toLowerCase() === lower) return candidate;
    const longest = Math.max(word.length, candidate.length);
    const limit = Math.max(Math.floor(longest / 3), longest === 2 ? 1 : 0);
    if (Math.abs(word.length - candidate.length) > limit) continue;
    const edits = distance(lower, candidate.toLowerCase());
    if (edits > limit) continue;
    if (longest === 2) short.push(candidate);
    else if (edits < bestEdits || (edits === bestEdits && candidate < best!)) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best ?? (short.length === 1 ? short[0] : undefined);
}
