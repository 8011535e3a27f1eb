/** @file "Did you mean …?": what to say of a name that nothing has. */
import { nearest } from '../../grammar/nearest.js';
import type { Identifier } from '../../grammar/syntax.js';
import type { Details } from './report.js';

const MOST_LISTED = 8;

/** The candidate close to `word`, with the edit that puts it there; else the list of what there is (up to eight). */
export function suggestion(word: Identifier, candidates: Iterable<string>): Pick<Details, 'hint' | 'fix'> {
  const all = new Set(candidates);
  return didYouMean(word, all) ?? (all.size === 0 ? {} : { hint: `known here: ${listed([...all].sort())}` });
}

/** The candidate close to `word`, if there is one; of equally close ones the first in the alphabet. */
export function didYouMean(
  { text, span }: Identifier,
  candidates: Iterable<string>,
): Pick<Details, 'hint' | 'fix'> | undefined {
  const close = nearest(text, candidates);
  return close === undefined
    ? undefined
    : { hint: `did you mean \`${close}\`?`, fix: [{ span, replacement: close }] };
}

/** `a`, `b`, `c`, and an ellipsis behind the eighth. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map((name) => `\`${name}\``);
  return `${shown.join(', ')}${names.length > MOST_LISTED ? ', …' : ''}`;
}
