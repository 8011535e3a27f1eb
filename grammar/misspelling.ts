/** @file Words that are almost words of the language, where one is due. */
import { is, type Context } from './contexts.js';
import { place, type Diagnosis, type Failure } from './failure.js';
import { nearest } from './nearest.js';
import * as t from './tokens.js';
import { tokenTypeNamed } from './tokens.js';

export function misspelling(failure: Failure): Diagnosis | undefined {
  const { start, at, context, previous } = failure;
  return (
    (at <= start + 1 ? begins(failure, start, context.starters) : undefined) ??
    expectedWord(failure) ??
    (previous !== undefined && at <= start + 1 ? continues(failure, previous) : undefined)
  );
}

/** The element's first word is almost one that begins an element. */
function begins(failure: Failure, index: number, words: readonly string[]): Diagnosis | undefined {
  const { tokens, at } = failure;
  if (!is(tokens[index], t.Ident) || is(tokens[index + 1], t.Equals, t.Comma, t.Dot)) return undefined;
  if (at > index && is(tokens[at], t.Equals, t.Comma)) return undefined;
  return correction(failure, index, words, index);
}

/** The word found is almost one of those expected here; or a block's `return` is misspelt and was taken for a name. */
function expectedWord(failure: Failure): Diagnosis | undefined {
  const { tokens, start, at, expected, rules } = failure;
  const words = expected.flatMap((name) => {
    const pattern = tokenTypeNamed(name)?.PATTERN;
    return typeof pattern === 'string' && /^[a-z]/.test(pattern) ? [pattern] : [];
  });
  if (rules.at(-1) === 'step') words.push('repeat', 'every');
  if (rules.at(-1) === 'stage') words.push('on');
  if (at > start && is(tokens[at], t.Ident)) {
    const found = correction(failure, at, words, start);
    if (found !== undefined) return found;
  }
  const name = is(tokens[at - 1], t.Ident) && expected.includes('Equals') && rules.includes('blockBody');
  return name ? correction(failure, at - 1, ['return'], start) : undefined;
}

/** The element is what is left of the one before, which a misspelt word cut off or turned into a setting. */
function continues(failure: Failure, previous: number): Diagnosis | undefined {
  const { tokens, start, context } = failure;
  if (is(tokens[start], t.Ident) && !is(tokens[start + 1], t.Equals)) {
    const found = correction(failure, start, context.clauses, previous);
    if (found !== undefined) return found;
  }
  const words = wordsBefore(failure, context);
  return is(tokens[previous], t.Ident) ? correction(failure, previous, words, previous) : undefined;
}

/** Which words could have begun the element before, given how this one begins. */
function wordsBefore({ tokens, start, previous }: Failure, context: Context): readonly string[] {
  if (context.name === 'train') {
    if (is(tokens[start], t.Using)) return ['minimize'];
    if (is(tokens[start], t.LeftBrace)) return ['step'];
    if (is(tokens[start], t.From)) return ['start'];
  }
  if (context.name === 'experiment') {
    if (is(tokens[start], t.On, t.Reset, t.Remap)) return ['train', 'pretrain', 'test'];
    if (is(tokens[start], t.With)) return ['model', 'train', 'pretrain'];
    if (is(tokens[start], t.Equals) && start === previous! + 2) return ['with'];
  }
  return [];
}

function correction(
  failure: Failure,
  index: number,
  words: readonly string[],
  restart: number,
): Diagnosis | undefined {
  const token = failure.tokens[index];
  const word = token === undefined ? undefined : nearest(token.image, words);
  if (token === undefined || word === undefined || word === token.image) return undefined;
  const span = place(failure, index);
  return {
    problem: {
      code: 'ED1002',
      severity: 'error',
      message: `\`${token.image}\` is not a word of the language here; did you mean \`${word}\`?`,
      span,
      hint: `write \`${word}\``,
      fix: [{ span, replacement: word }],
    },
    correct: { index, word, restart },
  };
}
