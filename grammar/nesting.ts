/** @file Refuses texts that nest so deeply that reading them would overflow the stack; looks at tokens only. */
import { tokenMatcher, type IToken } from 'chevrotain';
import { spanOfToken } from './cst.js';
import type { SyntaxProblem } from './problem.js';
import * as t from './tokens.js';

/** Open brackets plus powers of powers at one place. A spec of a paper needs about ten. */
const MAX_NESTING = 64;

/** Tokens that leave a chain `a^b^c` unfinished. */
const OPERAND_PARTS = [t.Name, t.NumberLiteral, t.Minus, t.Dot, t.Caret];

export function nestingProblem(tokens: readonly IToken[], source: string): SyntaxProblem | undefined {
  // One entry for each open bracket, and one for the outside: how many `^` wait for their exponent.
  const powers = [0];
  let depth = 0;
  for (const token of tokens) {
    const type = token.tokenType;
    const inner = powers.length - 1;
    if (type === t.LeftParen || type === t.LeftBracket || type === t.LeftBrace) {
      powers.push(0);
      depth++;
    } else if (type === t.RightParen || type === t.RightBracket || type === t.RightBrace) {
      if (inner > 0) depth -= 1 + powers.pop()!;
    } else if (type === t.Caret) {
      powers[inner]!++;
      depth++;
    } else if (!OPERAND_PARTS.some((part) => tokenMatcher(token, part))) {
      depth -= powers[inner]!;
      powers[inner] = 0;
    }
    if (depth > MAX_NESTING) {
      return {
        code: 'ED1012',
        severity: 'error',
        message: `this nests more than ${MAX_NESTING} levels deep`,
        span: spanOfToken(token, source),
        hint: 'give inner parts names of their own',
      };
    }
  }
  return undefined;
}
