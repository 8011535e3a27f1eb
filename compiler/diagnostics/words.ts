/** @file How messages name what a spec declares and what the language brings along. */

const NOUNS: Readonly<Record<string, string>> = {
  file: 'imported file',
  data: 'data block',
  predict: 'prediction',
  train: 'training',
  parametric: 'layer',
  combinator: 'layer',
  reduction: 'function',
  other: 'function',
  init: 'initialisation',
};

/** The noun for a kind of member, item or built-in; most kinds are their own. */
export const nounOf = (kind: string): string => NOUNS[kind] ?? kind;

/** `a group`, `an input`. */
export function aNoun(kind: string): string {
  const noun = nounOf(kind);
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
