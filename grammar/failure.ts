/** @file A parse that failed, and what is made of it. */
import type { IToken } from 'chevrotain';
import type { Context } from './contexts.js';
import { endOf, spanOfToken } from './cst.js';
import type { SyntaxProblem } from './problem.js';
import type { Span } from './span.js';

/** A parse that failed: one element, or the head of a body. */
export interface Failure {
  readonly tokens: readonly IToken[];
  readonly source: string;
  readonly context: Context;
  /** Indices of tokens: the element's first, the one that does not fit, and the end of the body. */
  readonly start: number;
  readonly at: number;
  readonly end: number;
  /** The first token of the element before, if there is one. */
  readonly previous: number | undefined;
  /** Names of the token types that would fit at `at`. */
  readonly expected: readonly string[];
  /** The rules being parsed, outermost first. */
  readonly rules: readonly string[];
}

/** The token `index` should read `word`; then parse again from `restart`. */
export interface Correction {
  readonly index: number;
  readonly word: string;
  readonly restart: number;
}

export interface Diagnosis {
  readonly problem: SyntaxProblem;
  readonly correct?: Correction;
}

/** The place of token `i`, or just behind the token before it where the text ends. */
export function place(failure: Failure, i: number): Span {
  const token = failure.tokens[i];
  if (token !== undefined) return spanOfToken(token, failure.source);
  const last = failure.tokens.at(-1);
  const end = last === undefined ? 0 : endOf(last);
  return { source: failure.source, start: end, end };
}

/** The empty place just behind token `i`. */
export function behind(failure: Failure, i: number): Span {
  const end = endOf(failure.tokens[i]!);
  return { source: failure.source, start: end, end };
}
