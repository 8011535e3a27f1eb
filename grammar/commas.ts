/** @file Commas that are missing, and commas that announce nothing. */
import { beginsOperand, endsOperand, is } from './contexts.js';
import { openBrackets } from './brackets.js';
import { behind, place, type Failure } from './failure.js';
import type { SyntaxProblem } from './problem.js';
import * as t from './tokens.js';
import { found } from './wording.js';

export function trailingComma(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start, previous } = failure;
  // `minimize l using adam(),`: the element before is complete.
  if (at === start && previous !== undefined && is(tokens[at], t.Comma)) return surplus(failure, at);
  // `updates a, x = 1`: the value behind the comma was read as the next item.
  const swallowed =
    is(tokens[at], t.Equals) && at - start > 2 && is(tokens[at - 1], t.Name) && is(tokens[at - 2], t.Comma);
  if (swallowedSetting(failure)) return surplus(failure, start - 2);
  if (swallowed && openBrackets(tokens, start, at).length > 0) return undefined;
  const comma = swallowed ? at - 2 : at - 1;
  const next = tokens[comma + 1];
  if (comma < start || !is(tokens[comma], t.Comma)) return undefined;
  const halfItem = [t.SumOperator, t.ProductOperator, t.ComparisonOperator, t.Name, t.Colon];
  if (openBrackets(tokens, start, at).length > 0) halfItem.push(t.Word);
  if (!swallowed && is(next, ...halfItem)) return undefined;
  return surplus(failure, comma);
}

/** `source a,` and below it `crops b`: the name of the setting below was read as the next value. */
function swallowedSetting({ tokens, start, previous }: Failure): boolean {
  const [comma, name, value] = [tokens[start - 2], tokens[start - 1], tokens[start]];
  return (
    previous !== undefined &&
    previous < start - 2 &&
    is(tokens[previous], t.Ident) &&
    is(comma, t.Comma) &&
    is(name, t.Name) &&
    comma!.endLine !== name!.startLine &&
    name!.endLine === value?.startLine
  );
}

function surplus(failure: Failure, comma: number): SyntaxProblem {
  const next = failure.tokens[comma + 1];
  const span = place(failure, comma);
  const again = is(next, t.Comma);
  return {
    code: 'ED1006',
    severity: 'error',
    message: again
      ? 'nothing stands between these two commas'
      : failure.at === comma && failure.start === comma
        ? 'no list goes on here, so this comma announces nothing'
        : `a comma announces another item, but ${found(next)} follows`,
    span,
    hint: again ? 'leave one of them out' : 'leave the comma out: a list has none behind its last item',
    fix: [{ span, replacement: '' }],
  };
}

/** Rules whose items are separated by commas and end with a closing bracket. */
const LISTS = ['suffix', 'list', 'parameters', 'type', 'importItem', 'target', 'block', 'comparison'];

export function missingComma(failure: Failure): SyntaxProblem | undefined {
  const { tokens, at, start, expected, rules } = failure;
  const inBrackets =
    expected.length === 1 && expected[0]!.startsWith('Right') && LISTS.includes(rules.at(-1) ?? '');
  if (inBrackets && endsOperand(tokens[at - 1]) && closesInTime(failure)) {
    const argument = is(tokens[at], t.Word) && is(tokens[at + 1], t.Colon);
    if (argument || (beginsOperand(tokens[at]) && !is(tokens[at], t.LeftBracket)))
      return missing(failure, at);
  }
  return continuesList(failure) ? missing(failure, start) : undefined;
}

/** Whether the bracket that is open at the failure is closed before the next statement. */
function closesInTime({ tokens, at, end }: Failure): boolean {
  let depth = 0;
  for (let i = at; i < end; i++) {
    if (is(tokens[i], t.LeftParen, t.LeftBracket, t.LeftBrace)) depth++;
    if (is(tokens[i], t.RightParen, t.RightBracket, t.RightBrace) && depth-- === 0) return true;
    if (depth === 0 && is(tokens[i], t.Equals, t.Updates)) return false;
  }
  return false;
}

/** Whether the damaged element is the next item of the list that the element before ended with. */
function continuesList({ tokens, at, start, previous, context, rules, expected }: Failure): boolean {
  if (previous === undefined || !endsOperand(tokens[start - 1])) return false;
  const has = (...types: Parameters<typeof is>[1][]): boolean =>
    tokens.slice(previous, start).some((token) => is(token, ...types));
  if (context.name === 'model') {
    if (!is(tokens[start], t.Name) || at > start + 1 || !expected.includes('Equals')) return false;
    return has(t.Updates, t.Of) || is(tokens[previous], t.Remove);
  }
  if (context.name === 'experiment' && is(tokens[at], t.Equals) && at === start + 1) return has(t.With);
  // `report a() b(x)`: only a list of calls continues with a call.
  const call = rules.at(-1) === 'setting' && is(tokens[at], t.LeftParen) && at === start + 1;
  const sameLine = tokens[start - 1]!.endLine === tokens[start]!.startLine;
  return call && (sameLine || (is(tokens[previous], t.Ident) && is(tokens[start - 1], t.RightParen)));
}

function missing(failure: Failure, before: number): SyntaxProblem {
  return {
    code: 'ED1003',
    severity: 'error',
    message: `a comma is missing before ${found(failure.tokens[before])}`,
    span: place(failure, before),
    hint: 'separate the items of a list with commas',
    fix: [{ span: behind(failure, before - 1), replacement: ',' }],
  };
}
