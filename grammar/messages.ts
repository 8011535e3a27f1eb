/**
 * @file The voice of the parser: what a failure means, in one line, with a way out. The first rule that recognises the
 * mistake speaks; the last one only says what was expected.
 */
import { endsOperand, is, isReserved, MODEL, TRAIN } from './contexts.js';
import { brokenNumber, confusedEquals, danglingOperator, foreignNotation } from './confusions.js';
import { misspelling } from './misspelling.js';
import { missingComma, trailingComma } from './commas.js';
import { openBrackets, strayCloser, unclosedBracket } from './brackets.js';
import { place, type Diagnosis, type Failure } from './failure.js';
import type { SyntaxProblem } from './problem.js';
import * as t from './tokens.js';
import { expectation, found } from './wording.js';

const RULES: readonly ((failure: Failure) => Diagnosis | SyntaxProblem | undefined)[] = [
  brokenNumber,
  danglingOperator,
  chainedComparison,
  confusedEquals,
  reservedAsName,
  misspelling,
  trailingComma,
  missingComma,
  routeWithoutLoss,
  unclosedBracket,
  strayCloser,
  foreignNotation,
  misplaced,
];

export function diagnose(failure: Failure): Diagnosis {
  for (const rule of RULES) {
    const result = rule(failure);
    if (result !== undefined) return 'problem' in result ? result : { problem: result };
  }
  return { problem: unexpected(failure) };
}

function chainedComparison(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, previous, start } = failure;
  if (!is(tokens[at], t.ComparisonOperator, t.Is, t.In) || !endsOperand(tokens[at - 1])) return undefined;
  let depth = 0;
  for (let i = at - 1; i >= (at === start ? (previous ?? start) : start); i--) {
    if (is(tokens[i], t.RightParen, t.RightBracket)) depth++;
    if (is(tokens[i], t.LeftParen, t.LeftBracket) && depth-- === 0) return undefined;
    if (depth > 0) continue;
    if (is(tokens[i], t.And, t.Or, t.Equals, t.Comma, t.Colon, t.Where)) return undefined;
    if (!is(tokens[i], t.ComparisonOperator, t.Is, t.In)) continue;
    return {
      code: 'ED1010',
      severity: 'error',
      message: `comparisons do not chain: \`${tokens[i]!.image} … ${tokens[at]!.image}\``,
      span: place(failure, at),
      label: 'a second comparison',
      labels: [{ span: place(failure, i), message: 'the first one' }],
      hint: 'join two comparisons with `and`, as in `a < b and b < c`, or group one of them in parentheses',
    };
  }
  return undefined;
}

function reservedAsName(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, expected } = failure;
  const token = tokens[at];
  if (token === undefined || !(expected.includes('Name') || expected.includes('Ident'))) return undefined;
  if (!isReserved(token) || is(token, t.True, t.False)) return undefined;
  const next = tokens[at + 1];
  const isName =
    is(next, t.Equals, t.Colon, t.Comma, t.LeftBrace, t.RightParen, t.RightBracket) ||
    (is(next, t.LeftParen) && is(tokens[at - 1], t.Block, t.LeftParen, t.Comma, t.Equals));
  if (!isName || is(token, t.Train)) return undefined;
  return {
    code: 'ED1015',
    severity: 'error',
    message: `\`${token.image}\` is a word of the language and cannot be a name`,
    span: place(failure, at),
    hint: `choose another name, for example \`${token.image}_1\``,
  };
}

function routeWithoutLoss(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start, previous, context } = failure;
  if (context.name !== 'model' || at !== start || !is(tokens[at], t.Updates)) return undefined;
  const before = previous === undefined ? undefined : tokens[previous];
  const base = {
    code: 'ED1001',
    severity: 'error',
    message: 'only a loss has a route: `updates` follows something that is no loss',
    span: place(failure, at),
  } as const;
  if (previous === undefined || !is(before, t.Name) || !is(tokens[previous + 1], t.Equals)) return base;
  const insertion = { source: failure.source, start: before!.startOffset, end: before!.startOffset };
  return {
    ...base,
    labels: [{ span: place(failure, previous), message: 'this is a plain value' }],
    hint: `if it is a loss, write \`loss ${before!.image} = …\``,
    fix: [{ span: insertion, replacement: 'loss ' }],
  };
}

/** Something that stands in another kind of body: a member outside of any model, a step outside of `train`. */
function misplaced(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start, context } = failure;
  const token = tokens[start];
  if (at > start + 1 || token === undefined) return undefined;
  const assigned = is(token, t.Name) && is(tokens[start + 1], t.Equals);
  const inTrain = context.name !== 'train' && TRAIN.starters.includes(token.image) && !assigned;
  const inModel = MODEL.starters.includes(token.image) || (assigned && context.name === 'file');
  if (context.name === 'expression' || (!inTrain && (!inModel || context.name === 'model'))) return undefined;
  const home = inTrain ? 'train' : 'model';
  const closing = context.name === 'file' && is(tokens[start - 1], t.RightBrace);
  return {
    code: 'ED1001',
    severity: 'error',
    message: `expected ${context.noun}, found ${found(token)}, which belongs inside a \`${home}\``,
    span: place(failure, start),
    ...(closing
      ? {
          labels: [{ span: place(failure, start - 1), message: 'this `}` ended the declaration' }],
          hint: 'is there a `}` too many above it?',
        }
      : { hint: `put it between the braces of a \`${home}${inTrain ? '' : ' name'} { … }\`` }),
  };
}

function unexpected(failure: Failure): SyntaxProblem {
  const { tokens, at, start, context, expected, rules } = failure;
  const before = tokens[at - 1];
  const what = at === start ? context.noun : expectation(expected, rules);
  const after = at === start || before === undefined ? '' : ` after \`${before.image}\``;
  const open = openBrackets(tokens, start, at).at(-1);
  const hint = expected.includes('Return')
    ? 'a block with braces ends with `return` and its result'
    : expected.includes('Name') && expected.includes('NumberLiteral') && at > start
      ? `write an expression behind \`${before!.image}\``
      : is(before, t.Updates)
        ? 'name the groups that learn from this loss, or write `updates all`'
        : is(tokens[start], t.Import) && is(tokens[at], t.Comma)
          ? 'several names stand in braces: `import { a, b } from "file"`'
          : undefined;
  return {
    code: 'ED1001',
    severity: 'error',
    message: `expected ${what}${after}, found ${found(tokens[at])}`,
    span: place(failure, at),
    ...(open === undefined || !expected.some((name) => name.startsWith('Right'))
      ? {}
      : { labels: [{ span: place(failure, open), message: 'opened here' }] }),
    ...(hint === undefined ? {} : { hint }),
  };
}
