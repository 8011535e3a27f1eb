/** @file How messages speak of tokens: what was found, what was expected. */
import type { IToken } from 'chevrotain';
import { is, isReserved } from './contexts.js';
import * as t from './tokens.js';

/** The token types an expression may begin with, as the parser names them. */
const EXPRESSION = ['NumberLiteral', 'StringLiteral', 'True', 'False', 'Name', 'LeftParen', 'LeftBracket'];
const MOST_ITEMS = 5;

export function found(token: IToken | undefined): string {
  if (token === undefined) return 'the end of the text';
  const image = token.image.length > 30 ? `${token.image.slice(0, 27)}...` : token.image;
  return isReserved(token) && !is(token, t.True, t.False) ? `the word \`${image}\`` : `\`${image}\``;
}

/** `a`, `b` or `c`; at most five items. */
export function oneOf(items: readonly string[]): string {
  const shown = items.length > MOST_ITEMS ? [...items.slice(0, MOST_ITEMS - 1), 'more'] : [...items];
  const last = shown.pop() ?? 'something else';
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`;
}

/** The expected token types in words; those that together begin an expression become one item. */
export function expectation(names: readonly string[], rules: readonly string[]): string {
  const isExpression = EXPRESSION.every((name) => names.includes(name));
  const rest = isExpression ? names.filter((name) => !EXPRESSION.includes(name)) : names;
  const items = rest.map((name) => t.tokenTypeNamed(name)?.LABEL ?? name);
  if (isExpression) items.unshift('an expression');
  const rule = rules.at(-1);
  const listed =
    rule === 'suffix' || rule === 'list' || rule === 'parameters' || rule === 'type' || rule === 'importItem';
  if (listed && names.length === 1 && names[0]!.startsWith('Right')) items.unshift('`,`');
  if (rule === 'block' && names.includes('Equals')) return '`=` or `{` and the body of the block';
  return oneOf([...new Set(items)]);
}
