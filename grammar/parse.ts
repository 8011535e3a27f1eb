/** @file Text to syntax tree: `parse` for a file, `parseExpression` for a single value. Neither ever throws. */
import type { CstNode, IToken } from 'chevrotain';
import { Recovery } from './recover.js';
import { TreeBuilder } from './build-tree.js';
import { EXPRESSION } from './contexts.js';
import { DocComments } from './doc-comments.js';
import { expectedNames } from './expectations.js';
import { lex } from './lex.js';
import { diagnose } from './messages.js';
import { nestingProblem } from './nesting.js';
import { Ed2lParser } from './parser.js';
import type { SyntaxProblem } from './problem.js';
import type { Expr, Item, SourceFile } from './syntax.js';

export interface Parsed {
  /** What could be read: every sound declaration, and of damaged ones the sound elements. */
  readonly file: SourceFile;
  /** In the order of the text; empty exactly when the whole text is sound. */
  readonly problems: readonly SyntaxProblem[];
}

export interface ParsedExpression {
  /** Absent when there is any problem. */
  readonly expr?: Expr;
  readonly problems: readonly SyntaxProblem[];
}

/** The parser's concrete tree, in which every token and comment is left. */
export interface Concrete {
  readonly cst: CstNode;
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
}

let shared: Ed2lParser | undefined;

/** Building the parser takes some milliseconds, which only a program that parses should pay, and only once. */
const parser = (): Ed2lParser => (shared ??= new Ed2lParser({ validate: false }));

/** Reads the text of a file; `source` names it in every span. */
export function parse(text: string, source: string): Parsed {
  const span = { source, start: 0, end: text.length };
  try {
    const { items, problems } = read(text, source);
    return { file: { source, items, span }, problems };
  } catch (error) {
    return { file: { source, items: [], span }, problems: [internal(error, text, source)] };
  }
}

/** Like `parse`, for those who want every token; only the problems when there is any. */
export function parseConcrete(
  text: string,
  source: string,
): Concrete | { readonly problems: Parsed['problems'] } {
  const { problems } = parse(text, source);
  if (problems.length > 0) return { problems };
  const { tokens, comments } = lex(text, source);
  parser().input = tokens;
  return { cst: parser().file(), tokens, comments };
}

/** Reads one expression, for example the value of `--set name=value`; text behind it is a problem. */
export function parseExpression(text: string, source: string): ParsedExpression {
  try {
    return readExpression(text, source);
  } catch (error) {
    return { problems: [internal(error, text, source)] };
  }
}

function read(text: string, source: string): { items: Item[]; problems: SyntaxProblem[] } {
  const { tokens, comments, problems } = lex(text, source);
  if (tokens.length === 0) {
    return { items: [], problems: problems.length > 0 ? problems : [nothing('file', text, source)] };
  }
  const deep = nestingProblem(tokens, source);
  if (deep !== undefined) return { items: [], problems: sorted([...problems, deep]) };
  const builder = new TreeBuilder(source, new DocComments(text, comments));
  parser().input = tokens;
  const cst = parser().file();
  if (parser().errors.length === 0) {
    const items = (cst.children['item'] ?? []).flatMap((child) =>
      'children' in child ? [builder.item(child)] : [],
    );
    return { items, problems: sorted([...problems, ...builder.problems]) };
  }
  const lexical = problems.map((problem) => problem.span.start);
  const recovery = new Recovery(parser(), builder, tokens, source, lexical);
  const items = recovery.file();
  return { items, problems: sorted([...problems, ...recovery.problems, ...builder.problems]) };
}

function readExpression(text: string, source: string): ParsedExpression {
  const { tokens, comments, problems } = lex(text, source);
  if (problems.length > 0) return { problems };
  if (tokens.length === 0) return { problems: [nothing('expression', text, source)] };
  const deep = nestingProblem(tokens, source);
  if (deep !== undefined) return { problems: [deep] };
  parser().input = tokens;
  const cst = parser().expression();
  const error = parser().errors[0];
  if (error === undefined) {
    const builder = new TreeBuilder(source, new DocComments(text, comments));
    const expr = builder.expression(cst);
    return builder.problems.length > 0 ? { problems: builder.problems } : { expr, problems: [] };
  }
  const found = tokens.indexOf(error.token);
  const at = found < 0 ? tokens.length : found;
  const trailing = error.name === 'NotAllInputParsedException';
  const { problem } = diagnose({
    tokens,
    source,
    context: EXPRESSION,
    start: 0,
    at,
    end: tokens.length,
    previous: undefined,
    expected: expectedNames(error.message),
    rules: error.context.ruleStack,
  });
  if (!trailing || problem.code !== 'ED1001') return { problems: [problem] };
  const last = tokens.at(-1)!;
  return {
    problems: [
      {
        code: 'ED1017',
        severity: 'error',
        message: `the expression ends before \`${tokens[at]!.image}\``,
        span: { source, start: problem.span.start, end: last.startOffset + last.image.length },
        hint: 'give a single expression, such as `0.5` or `2 * k`',
      },
    ],
  };
}

const sorted = (problems: readonly SyntaxProblem[]): SyntaxProblem[] =>
  problems.toSorted((a, b) => a.span.start - b.span.start);

function nothing(what: string, text: string, source: string): SyntaxProblem {
  return {
    code: 'ED1011',
    severity: 'error',
    message: what === 'file' ? 'this file declares nothing' : 'an expression is missing',
    span: { source, start: 0, end: Math.min(text.length, 1) },
    hint: what === 'file' ? 'begin with `model name { … }`' : 'write a value, such as `0.5`',
  };
}

function internal(error: unknown, text: string, source: string): SyntaxProblem {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'ED9001',
    severity: 'error',
    message: `the parser failed: ${message}`,
    span: { source, start: 0, end: Math.min(text.length, 1) },
    hint: 'this is a fault of ed2lc, not of your file: please report it together with the file',
  };
}
