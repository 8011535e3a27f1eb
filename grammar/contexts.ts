/** @file What may stand in each kind of body, and where its next element begins once one is damaged. */
import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import { nearest } from './nearest.js';
import * as t from './tokens.js';

export interface Context {
  readonly name: 'file' | 'model' | 'train' | 'data' | 'experiment' | 'expression';
  /** The rule of one element. */
  readonly element: 'item' | 'member' | 'trainItem' | 'setting' | 'experimentLine' | 'expression';
  /** In words, for "expected …". */
  readonly noun: string;
  /** Words that begin an element. */
  readonly starters: readonly string[];
  /** Words that continue an element. */
  readonly clauses: readonly string[];
}

export const FILE: Context = {
  name: 'file',
  element: 'item',
  noun: 'a declaration (`import`, `block`, `model`, `data` or `experiment`)',
  starters: ['import', 'block', 'model', 'data', 'experiment'],
  clauses: [],
};

export const MODEL: Context = {
  name: 'model',
  element: 'member',
  noun: 'a member of the model (`group`, `loss`, `train`, a value `name = …`)',
  starters: ['hyper', 'input', 'label', 'noise', 'group', 'loss', 'predict', 'remove', 'train'],
  clauses: ['updates', 'by', 'where', 'avoiding', 'from', 'of', 'as', 'is', 'in', 'and', 'or'],
};

export const TRAIN: Context = {
  name: 'train',
  element: 'trainItem',
  noun: 'a line of the training (`minimize`, `step`, `freeze`, `start`, a setting)',
  starters: ['minimize', 'step', 'freeze', 'start'],
  clauses: ['using', 'for'],
};

export const DATA: Context = {
  name: 'data',
  element: 'setting',
  noun: 'a setting such as `source` or `crops`',
  starters: [],
  clauses: [],
};

export const EXPERIMENT: Context = {
  name: 'experiment',
  element: 'experimentLine',
  noun: 'a line of the experiment (`model`, `pretrain`, `train`, `test`, a setting)',
  starters: ['model', 'pretrain', 'train', 'test'],
  clauses: ['on', 'with', 'reset', 'remap'],
};

export const EXPRESSION: Context = {
  name: 'expression',
  element: 'expression',
  noun: 'an expression',
  starters: [],
  clauses: [],
};

export const is = (token: IToken | undefined, ...types: readonly TokenType[]): boolean =>
  token !== undefined && types.some((type) => tokenMatcher(token, type));

/** A word of the language that can never be a name. */
export const isReserved = (token: IToken | undefined): boolean => is(token, t.Word) && !is(token, t.Name);

const CLOSERS = [t.RightParen, t.RightBracket, t.RightBrace];

/** Whether an operand may end with this token, so that another one beside it begins something new. */
export const endsOperand = (token: IToken | undefined): boolean =>
  is(token, t.Ident, t.All, t.NumberLiteral, t.StringLiteral, t.True, t.False, ...CLOSERS);

/** Whether an expression may begin with this token. */
export const beginsOperand = (token: IToken | undefined): boolean =>
  is(token, t.Name, t.NumberLiteral, t.StringLiteral, t.True, t.False) ||
  is(token, t.LeftParen, t.LeftBracket, t.Minus, t.Not);

/** Whether a top-level declaration certainly begins at `i`, whatever brackets are still open there. */
export function beginsDeclaration(tokens: readonly IToken[], i: number): boolean {
  const [token, second, third] = [tokens[i], tokens[i + 1], tokens[i + 2]];
  if (is(tokens[i - 1], t.Dot) || is(second, t.Colon)) return false;
  if (is(token, t.Import)) return is(second, t.Name, t.LeftBrace);
  if (!is(second, t.Name)) return false;
  if (is(token, t.Block)) return is(third, t.LeftParen);
  // `model m` inside an experiment has no body.
  if (is(token, t.Model)) return is(third, t.LeftBrace, t.Extends);
  return is(token, t.Data, t.Experiment) && is(third, t.LeftBrace);
}

/** Whether an element of the body begins at `i`; `depth` counts the brackets open since the damaged element began. */
export function beginsElement(
  context: Context,
  tokens: readonly IToken[],
  i: number,
  depth: number,
): boolean {
  const [previous, token, next] = [tokens[i - 1], tokens[i], tokens[i + 1]];
  if (token === undefined || is(previous, t.Dot) || is(next, t.Colon)) return false;
  if (beginsDeclaration(tokens, i)) return true;
  if (context.name === 'file') return false;
  const word = context.starters.includes(token.image);
  if (context.name === 'model') {
    if (is(previous, t.Remove)) return false;
    if (word && isReserved(token)) return true;
    if (!is(token, t.Name) || !endsOperand(previous)) return false;
    if (is(next, t.Equals)) return true;
    return is(token, t.Ident) && is(next, t.Name) && nearest(token.image, context.starters) !== undefined;
  }
  if (word && is(token, t.Model, t.Train)) return true;
  if (depth > 0 || !endsOperand(previous)) return false;
  return word || (is(token, t.Ident) && beginsOperand(next) && !is(next, t.LeftParen));
}
