/** @file Marks taken for one another (`=`, `==`, `:`) and notation of other languages. */
import { beginsOperand, endsOperand, is } from './contexts.js';
import { openBrackets } from './brackets.js';
import { endOf } from './cst.js';
import { place, type Failure } from './failure.js';
import type { SyntaxProblem } from './problem.js';
import * as t from './tokens.js';

export function confusedEquals(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start, context, expected, rules, previous } = failure;
  const token = tokens[at];
  if (!is(token, t.Equals, t.EqualEqual, t.Colon)) return undefined;
  // `model m wiht k = 3`, `pairs a, b, same: [subject])`: something else went wrong before.
  if (context.name !== 'model' && at === start) return undefined;
  const name = tokens[at - 1]?.image ?? '';
  const rule = rules.at(-1);
  if (is(token, t.EqualEqual, t.Colon)) {
    if (rule === 'setting') return setting(failure, name);
    const typed = is(token, t.Colon) && is(tokens[at + 1], t.Name);
    if (typed && context.name === 'model' && at === start + 1) return untypedValue(failure, name);
    if (expected.includes('Equals')) {
      return confusion(failure, '=', `\`${name}\` gets its value with \`=\`, not \`${token!.image}\``);
    }
    if (is(token, t.Colon) && rule === 'parameters') {
      return confusion(failure, '=', 'the default of a parameter is written with `=`');
    }
    return undefined;
  }
  if (rule === 'setting') return continuesWith(failure) ? undefined : setting(failure, name);
  if (expected.includes('Colon')) {
    return confusion(failure, ':', `\`${name}\` gets its type with \`:\`, not \`=\``);
  }
  const open = openBrackets(tokens, start, at).at(-1);
  if (open !== undefined && is(tokens[at - 1], t.Word) && is(tokens[at - 2], t.LeftParen, t.Comma)) {
    const closes = rule === 'suffix';
    if (closes) return confusion(failure, ':', `an argument is named with \`:\`, as in \`${name}: …\``);
  }
  // `updates a, x = 1` is a comma too many, and `f(a  y = 3` a bracket too few.
  if (is(tokens[at - 2], t.Comma) || !endsOperand(tokens[at - 1]) || !beginsOperand(tokens[at + 1])) {
    return undefined;
  }
  const begins = is(tokens[at - 1], t.Name) && endsOperand(tokens[at - 2]);
  const inner = at > start && begins;
  if (inner || (at === start && previous === undefined)) return undefined;
  if (context.name === 'file') return undefined;
  return confusion(failure, '==', 'two values are compared with `==`; `=` only declares');
}

function confusion(failure: Failure, replacement: string, message: string): SyntaxProblem {
  const span = place(failure, failure.at);
  return {
    code: 'ED1009',
    severity: 'error',
    message,
    span,
    hint: `write \`${replacement}\``,
    fix: [{ span, replacement }],
  };
}

/** `x : image[3]` in a model. */
function untypedValue(failure: Failure, name: string): SyntaxProblem {
  return {
    code: 'ED1009',
    severity: 'error',
    message: `\`${name}\` has a \`:\`, as only inputs and labels have`,
    span: place(failure, failure.at),
    hint: `write \`input ${name}: …\`, \`label ${name}: …\` or \`${name} = …\``,
  };
}

/** `with k = 3 j = 4` lacks a comma. */
function continuesWith({ tokens, start, previous }: Failure): boolean {
  const clause = tokens.slice(previous ?? start, start).some((token) => is(token, t.With));
  return clause && tokens[start - 1]!.endLine === tokens[start]!.startLine;
}

function setting(failure: Failure, name: string): SyntaxProblem {
  const span = place(failure, failure.at);
  const mark = failure.tokens[failure.at]!.image;
  return {
    code: 'ED1009',
    severity: 'error',
    message: `a setting stands beside its value, without \`${mark}\``,
    span,
    hint: `write \`${name} value\``,
    fix: [{ span, replacement: '' }],
  };
}

/** `3.5e`, `2x`: a number and a word without space between them. */
export function brokenNumber(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start } = failure;
  const i = [at, start].find((index) => {
    const [number, word] = [tokens[index - 1], tokens[index]];
    return is(number, t.NumberLiteral) && is(word, t.Word) && endOf(number!) === word!.startOffset;
  });
  if (i === undefined || at > start + 1) return undefined;
  const span = { ...place(failure, i - 1), end: place(failure, i).end };
  return {
    code: 'ED1001',
    severity: 'error',
    message: `\`${tokens[i - 1]!.image}${tokens[i]!.image}\` is neither a number nor a name`,
    span,
    hint: 'a number is written like `64`, `0.5` or `1e-3`, a product like `2 * x`',
  };
}

const AWAITS_OPERAND = [
  t.Equals,
  t.Pipe,
  t.SumOperator,
  t.ProductOperator,
  t.ComparisonOperator,
  t.Caret,
  t.And,
  t.Or,
  t.Not,
  t.By,
  t.Where,
  t.As,
];

/** `x = a +` and below it `y = b`: the name below was read as the operand. */
export function danglingOperator(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at } = failure;
  const [operator, name] = [tokens[at - 2], tokens[at - 1]];
  if (!is(tokens[at], t.Equals) || !is(name, t.Name) || !is(operator, ...AWAITS_OPERAND)) return undefined;
  if (operator!.endLine === name!.startLine) return undefined;
  return {
    code: 'ED1001',
    severity: 'error',
    message: `nothing stands behind this \`${operator!.image}\``,
    span: place(failure, at - 2),
    labels: [{ span: place(failure, at - 1), message: 'the next declaration begins here' }],
    hint: `write an expression behind \`${operator!.image}\``,
  };
}

/** Notation that belongs to another language. */
export function foreignNotation(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start, previous } = failure;
  const [before, token] = [tokens[at - 1], tokens[at]];
  const adjacent = before?.endOffset !== undefined && before.endOffset + 1 === token?.startOffset;
  const problem = (message: string, hint: string, from = at): SyntaxProblem => ({
    code: 'ED1001',
    severity: 'error',
    message,
    span: { ...place(failure, from), end: place(failure, at).end },
    hint,
  });
  const comment = 'a comment begins with `#`';
  if (adjacent && is(before, t.Slash) && is(token, t.Slash, t.Star))
    return problem(comment, 'write `#` in place of `//` or `/*`', at - 1);
  if (is(token, t.Slash) && is(tokens[at + 1], t.Slash, t.Star))
    return problem(comment, 'write `#` in place of `//` or `/*`');
  if (adjacent && is(before, t.Star) && is(token, t.Star)) {
    const repaired = problem('a power is written `^`', 'write `x^2`', at - 1);
    return { ...repaired, fix: [{ span: repaired.span, replacement: '^' }] };
  }
  if (is(token, t.LeftBracket) && endsOperand(before) && (at > start || previous !== undefined)) {
    return problem('tensors are not indexed with brackets', 'take a part with `slice(x, from, to)`');
  }
  if (is(token, t.Dot) && is(tokens[at + 1], t.NumberLiteral)) {
    const digits = tokens[at + 1]!.image;
    return problem('a number begins with a digit', `write \`0.${digits}\``);
  }
  if (is(token, t.LeftParen) && failure.rules.at(-1) === 'setting') {
    const name = before?.image ?? '';
    return problem('a setting stands beside its value, without parentheses', `write \`${name} value\``);
  }
  return undefined;
}
