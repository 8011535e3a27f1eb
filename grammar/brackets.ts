/** @file Brackets that are not closed, and closing ones that close nothing. */
import type { IToken, TokenType } from 'chevrotain';
import { beginsOperand, is } from './contexts.js';
import { endOf, spanOfToken } from './cst.js';
import { behind, place, type Failure } from './failure.js';
import type { SyntaxProblem } from './problem.js';
import * as t from './tokens.js';
import { found } from './wording.js';

const CLOSER = new Map<TokenType, { readonly name: string; readonly image: string }>([
  [t.LeftParen, { name: 'RightParen', image: ')' }],
  [t.LeftBracket, { name: 'RightBracket', image: ']' }],
  [t.LeftBrace, { name: 'RightBrace', image: '}' }],
]);

/** Indices of the brackets still open in front of token `at`, outermost first, from token `from` on. */
export function openBrackets(tokens: readonly IToken[], from: number, at: number): number[] {
  const open: number[] = [];
  for (let i = from; i < at; i++) {
    const type = tokens[i]!.tokenType;
    if (CLOSER.has(type)) open.push(i);
    else if (open.length > 0 && CLOSER.get(tokens[open.at(-1)!]!.tokenType)!.name === type.name) open.pop();
  }
  return open;
}

/** Whether bracket `open` is closed before `end`. */
function closesLater(tokens: readonly IToken[], open: number, end: number): boolean {
  let depth = 0;
  for (let i = open; i < end; i++) {
    if (is(tokens[i], t.LeftParen, t.LeftBracket)) depth++;
    if (is(tokens[i], t.RightParen, t.RightBracket) && --depth === 0) return true;
    if (is(tokens[i], t.Loss, t.Hyper, t.Updates, t.Equals) && !is(tokens[i + 1], t.Colon)) return false;
  }
  return false;
}

export function unclosedBracket(failure: Failure): SyntaxProblem | undefined {
  const { tokens, start, at, end, expected } = failure;
  const open = openBrackets(tokens, start, at);
  const innermost = open.at(-1);
  if (innermost === undefined) return undefined;
  const closer = CLOSER.get(tokens[innermost]!.tokenType)!;
  if (!expected.includes(closer.name)) return undefined;
  if (beginsOperand(tokens[at]) && closesLater(tokens, innermost, end)) return undefined;
  // Only a place where all of them close is a repair.
  const missing = open.map((i) => CLOSER.get(tokens[i]!.tokenType)!.image).reverse();
  const isCloser = is(tokens[at], t.RightParen, t.RightBracket, t.RightBrace);
  // A list that goes on does not show which of its brackets is meant.
  const goesOn = is(tokens[at], t.Comma, t.Colon, t.Dot, t.LeftParen);
  return {
    code: 'ED1004',
    severity: 'error',
    message: `a \`${closer.image}\` is missing: expected it before ${found(tokens[at])}`,
    span: place(failure, at),
    labels: [
      { span: place(failure, innermost), message: `this \`${tokens[innermost]!.image}\` is not closed` },
    ],
    hint: `close the \`${tokens[innermost]!.image}\``,
    ...(goesOn || (isCloser && at < end)
      ? {}
      : { fix: [{ span: behind(failure, at - 1), replacement: missing.join('') }] }),
  };
}

export function strayCloser(failure: Failure): SyntaxProblem | undefined {
  const { tokens, start, at, context, expected } = failure;
  const token = tokens[at];
  if (!is(token, t.RightParen, t.RightBracket, t.RightBrace)) return undefined;
  // `block b)` lacks the opening one.
  if (is(token, t.RightParen) && expected.includes('LeftParen')) return undefined;
  if (openBrackets(tokens, start, at).length > 0) return undefined;
  // A `}` ends the body; it is stray only outside of one.
  if (is(token, t.RightBrace) && (context.name !== 'file' || at !== start)) return undefined;
  const span = place(failure, at);
  return {
    code: 'ED1005',
    severity: 'error',
    message: `this \`${token!.image}\` closes nothing`,
    span,
    hint: 'leave it out, or open the bracket it should close',
    fix: [{ span, replacement: '' }],
  };
}

/** The `{` at `open` has no `}` before token `end`. Blames an inner `{` whose indentation says so. */
export function missingBrace(
  tokens: readonly IToken[],
  open: number,
  end: number,
  source: string,
): SyntaxProblem {
  const blamed = misindented(tokens, open, end) ?? open;
  const last = endOf(tokens[end - 1]!);
  const at = tokens[end];
  const span = at === undefined ? { source, start: last, end: last } : spanOfToken(at, source);
  return {
    code: 'ED1004',
    severity: 'error',
    message: `a \`}\` is missing before ${found(at)}`,
    span,
    labels: [{ span: spanOfToken(tokens[blamed]!, source), message: 'this `{` is not closed' }],
    hint: 'add the `}` where the body ends',
    ...(blamed === open ? { fix: [{ span: { source, start: last, end: last }, replacement: '\n}' }] } : {}),
  };
}

/** The first `{` whose supposed `}` starts a line further left than the line of the `{` itself. */
function misindented(tokens: readonly IToken[], from: number, end: number): number | undefined {
  const open: { readonly i: number; readonly indent: number }[] = [];
  let indent = tokens[from]!.startColumn ?? 1;
  for (let i = from; i > 0 && tokens[i - 1]!.endLine === tokens[from]!.startLine; i--) {
    indent = tokens[i - 1]!.startColumn ?? 1;
  }
  for (let i = from; i < end; i++) {
    const token = tokens[i]!;
    const startsLine = i > 0 && tokens[i - 1]!.endLine !== token.startLine;
    if (startsLine) indent = token.startColumn ?? 1;
    if (is(token, t.LeftBrace)) open.push({ i, indent });
    else if (is(token, t.RightBrace)) {
      const opening = open.pop();
      if (opening !== undefined && startsLine && indent < opening.indent) return opening.i;
    }
  }
  return undefined;
}
