/**
 * @file Reads a damaged file. The text is taken apart along its structure (declarations, then the elements of their
 * bodies); each part is parsed alone, the sound ones enter the tree, and each damaged one gives a single problem.
 */
import { EOF, type CstNode, type IToken } from 'chevrotain';
import type { TreeBuilder } from './build-tree.js';
import * as contexts from './contexts.js';
import { beginsDeclaration, beginsElement, is, type Context } from './contexts.js';
import { endOf } from './cst.js';
import { expectedNames } from './expectations.js';
import { missingBrace } from './brackets.js';
import type { Correction, Failure } from './failure.js';
import { diagnose } from './messages.js';
import type { Ed2lParser } from './parser.js';
import type { SyntaxProblem } from './problem.js';
import type { Span } from './span.js';
import type { ExperimentLine, Item, Member, Setting, TrainItem } from './syntax.js';
import * as t from './tokens.js';

type RuleName = Context['element'] | 'modelHead' | 'trainHead' | 'dataHead' | 'experimentHead';

interface Attempt {
  /** The element's concrete tree, when it is sound. */
  readonly cst?: CstNode;
  /** The index of the token behind a sound element, or of the one at which a damaged one failed. */
  readonly at: number;
  readonly expected: readonly string[];
  readonly rules: readonly string[];
}

/** What the elements of a body became, `next` being the index of the first token behind the body. */
interface Body<T> {
  readonly head?: CstNode;
  readonly elements: readonly T[];
  readonly span: Span;
  readonly next: number;
}

export class Recovery {
  readonly problems: SyntaxProblem[] = [];
  private readonly tokens: IToken[];
  private readonly indexes = new Map<number, number>();

  constructor(
    private readonly parser: Ed2lParser,
    private readonly builder: TreeBuilder,
    tokens: readonly IToken[],
    private readonly source: string,
    /** Offsets where the lexer has already found a problem. */
    private readonly lexical: readonly number[],
  ) {
    this.tokens = [...tokens];
    tokens.forEach((token, i) => this.indexes.set(token.startOffset, i));
  }

  file(): Item[] {
    return this.elements<Item>(contexts.FILE, 0, this.tokens.length, (cst) => this.builder.item(cst), {
      bodies: [t.Model, t.Data, t.Experiment],
      read: (at, to, add) => this.declaration(at, to, add),
    });
  }

  private declaration(at: number, end: number, add: (item: Item) => void): number {
    const to = this.nextDeclaration(at + 1, end);
    const { builder } = this;
    if (is(this.tokens[at], t.Data)) {
      const body = this.body<Setting>('dataHead', contexts.DATA, at, to, (cst) => builder.setting(cst));
      if (body.head) add(builder.data(body.head, [...body.elements], body.span));
      return body.next;
    }
    if (is(this.tokens[at], t.Experiment)) {
      const body = this.body<ExperimentLine>('experimentHead', contexts.EXPERIMENT, at, to, (cst) =>
        builder.experimentLine(cst),
      );
      if (body.head) add(builder.experiment(body.head, [...body.elements], body.span));
      return body.next;
    }
    const body = this.body<Member>('modelHead', contexts.MODEL, at, to, (cst) => builder.member(cst), {
      bodies: [t.Train],
      read: (from, limit, addMember) => this.train(from, limit, addMember),
    });
    if (body.head) add(builder.model(body.head, [...body.elements], body.span));
    return body.next;
  }

  private train(at: number, to: number, add: (member: Member) => void): number {
    const body = this.body<TrainItem>('trainHead', contexts.TRAIN, at, to, (cst) =>
      this.builder.trainItem(cst),
    );
    if (body.head) add(this.builder.train(body.head, [...body.elements], body.span));
    return body.next;
  }

  /** Reads `head { elements }` between the tokens `at` and `to`. */
  private body<T>(
    rule: RuleName,
    context: Context,
    at: number,
    to: number,
    build: (cst: CstNode) => T,
    nested?: Nested<T>,
  ): Body<T> {
    const head = this.head(rule, at, to);
    const open = this.openingBrace(context, head.at, to);
    if (open === undefined) {
      const next = context === contexts.TRAIN ? this.nextElement(contexts.MODEL, at, head.at, to) : to;
      return { elements: [], span: this.span(at, next), next };
    }
    const close = this.closingBrace(open, to);
    const end = close ?? to;
    const elements = this.elements(context, open + 1, end, build, nested);
    if (close === undefined) this.problems.push(missingBrace(this.tokens, open, to, this.source));
    const next = close === undefined ? to : close + 1;
    const sound = head.cst === undefined ? {} : { head: head.cst };
    return { ...sound, elements, span: this.span(at, next), next };
  }

  /** Parses up to the `{`, once more for each misspelt word that can be put right. */
  private head(rule: RuleName, at: number, to: number): Attempt {
    for (;;) {
      let result = this.attempt(rule, at, to);
      if (result.cst !== undefined) {
        if (is(this.tokens[result.at], t.LeftBrace)) return result;
        const expected = rule === 'modelHead' ? ['Extends', 'LeftBrace'] : ['LeftBrace'];
        result = { at: result.at, expected, rules: [rule] };
      }
      const diagnosis = diagnose(this.failure(contexts.FILE, at, result, to, undefined));
      this.report(diagnosis.problem, at, Math.min(result.at + 1, to));
      if (diagnosis.correct === undefined) return result;
      this.correct(diagnosis.correct);
    }
  }

  private elements<T>(
    context: Context,
    from: number,
    to: number,
    build: (cst: CstNode) => T,
    nested?: Nested<T>,
  ): T[] {
    const found: { readonly at: number; readonly tree: T }[] = [];
    let previous: number | undefined;
    let at = from;
    while (at < to) {
      const result = this.attempt(context.element, at, to);
      if (result.cst !== undefined && result.at > at) {
        found.push({ at, tree: build(result.cst) });
        previous = at;
        at = result.at;
        continue;
      }
      if (nested !== undefined && is(this.tokens[at], ...nested.bodies)) {
        const start = at;
        at = nested.read(at, to, (tree) => found.push({ at: start, tree }));
        previous = start;
        continue;
      }
      const { problem, correct } = diagnose(this.failure(context, at, result, to, previous));
      if (correct !== undefined) {
        // The corrected word may continue the element before: read that one again.
        this.correct(correct);
        this.report(problem, at, at + 1);
        const isClause = context.clauses.includes(correct.word);
        at = isClause
          ? (found.findLast((element) => element.at < correct.index)?.at ?? from)
          : correct.restart;
        while ((found.at(-1)?.at ?? -1) >= at) found.pop();
        previous = found.at(-1)?.at;
        continue;
      }
      const next = this.nextElement(context, at, result.at, to);
      this.report(problem, at, next);
      previous = at;
      at = next;
    }
    return found.map((element) => element.tree);
  }

  /** Parses one `rule` at the start of the tokens from `from` to `to`. */
  private attempt(rule: RuleName, from: number, to: number): Attempt {
    this.parser.input = this.tokens.slice(from, to);
    const cst = this.parser[rule]();
    const error = this.parser.errors[0];
    if (error === undefined) return { cst, at: to, expected: [], rules: [] };
    const at =
      error.token.tokenType === EOF ? to : (this.indexes.get(error.token.startOffset) ?? this.tokens.length);
    if (error.name === 'NotAllInputParsedException') return { cst, at, expected: [], rules: [] };
    return { at, expected: expectedNames(error.message), rules: error.context.ruleStack };
  }

  private failure(context: Context, start: number, result: Attempt, end: number, previous?: number): Failure {
    const { at, expected, rules } = result;
    return { tokens: this.tokens, source: this.source, context, start, at, end, expected, rules, previous };
  }

  private correct({ index, word }: Correction): void {
    const tokenType = t.keywordType(word)!;
    const tokenTypeIdx = tokenType.tokenTypeIdx!;
    this.tokens[index] = { ...this.tokens[index]!, image: word, tokenType, tokenTypeIdx };
  }

  /** Keeps quiet where the lexer has already spoken: the parser only stumbles over what it left out. */
  private report(problem: SyntaxProblem, from: number, to: number): void {
    const start = from === 0 ? 0 : endOf(this.tokens[from - 1]!);
    const end = this.tokens[to]?.startOffset ?? Infinity;
    if (this.lexical.some((offset) => offset >= start && offset <= end)) return;
    // An element that is read again after a correction repeats its other problems.
    const { code, span } = problem;
    const known = this.problems.some((other) => other.code === code && other.span.start === span.start);
    if (!known) this.problems.push(problem);
  }

  /** Where to go on after the element at `start` failed at `failed`. */
  private nextElement(context: Context, start: number, failed: number, to: number): number {
    if (context.name === 'file') {
      const end = this.nextDeclaration(start + 1, to);
      if (is(this.tokens[start], t.Import)) return (this.find(t.StringLiteral, start, end) ?? end - 1) + 1;
      if (!is(this.tokens[start], t.Block, t.Ident)) return end;
      const open = this.find(t.LeftBrace, start, end);
      return open === undefined ? end : (this.closingBrace(open, end) ?? end - 1) + 1;
    }
    let depth = 0;
    for (let i = start + 1; i < to; i++) {
      if (i >= failed) {
        if (beginsElement(context, this.tokens, i, depth)) return i;
        if (is(this.tokens[i], t.RightBrace)) return i + 1;
        if (is(this.tokens[i], t.LeftBrace)) return (this.closingBrace(i, to) ?? to - 1) + 1;
      }
      if (is(this.tokens[i], t.LeftParen, t.LeftBracket)) depth++;
      if (is(this.tokens[i], t.RightParen, t.RightBracket)) depth = Math.max(0, depth - 1);
    }
    return to;
  }

  private nextDeclaration(from: number, to: number): number {
    let i = from;
    while (i < to && !beginsDeclaration(this.tokens, i)) i++;
    return i;
  }

  private closingBrace(open: number, to: number): number | undefined {
    let depth = 0;
    for (let i = open; i < to; i++) {
      if (is(this.tokens[i], t.LeftBrace)) depth++;
      if (is(this.tokens[i], t.RightBrace) && --depth === 0) return i;
    }
    return undefined;
  }

  /** The `{` of a body, unless an element of it comes first. */
  private openingBrace(context: Context, from: number, to: number): number | undefined {
    for (let i = from; i < to; i++) {
      if (is(this.tokens[i], t.LeftBrace)) return i;
      if (beginsElement(context, this.tokens, i, 0)) return undefined;
    }
    return undefined;
  }

  private find(type: typeof t.LeftBrace, from: number, to: number): number | undefined {
    for (let i = from; i < to; i++) if (is(this.tokens[i], type)) return i;
    return undefined;
  }

  private span(from: number, to: number): Span {
    const last = this.tokens[Math.max(from, to - 1)]!;
    return { source: this.source, start: this.tokens[from]!.startOffset, end: endOf(last) };
  }
}

/** Elements with a body of their own, which is taken apart in turn. */
interface Nested<T> {
  readonly bodies: readonly (typeof t.Train)[];
  readonly read: (at: number, to: number, add: (tree: T) => void) => number;
}
