/** @file Expressions of the syntax tree from the parser's concrete tree, with the grouping of the operator table. */
import type { CstNode, IToken } from 'chevrotain';
import { maybeNode, maybeToken, node, nodes, spanOfNode, spanOfToken, token, tokens } from './cst.js';
import type { SyntaxProblem } from './problem.js';
import { type Span, spanOf } from './span.js';
import type { Argument, BinaryOperator, Expr, Identifier, Path } from './syntax.js';

/** Levels of operators and brackets in one expression; more would overflow the stack of some later pass. */
const MAX_EXPRESSION_DEPTH = 1000;

export class ExpressionBuilder {
  readonly problems: SyntaxProblem[] = [];
  private readonly depths = new WeakMap<Expr, number>();

  constructor(protected readonly source: string) {}

  expression(cst: CstNode): Expr {
    const [first, ...rest] = nodes(cst, 'pipeStage').map((stage) => this.pipeStage(stage));
    let left = first!;
    for (const right of rest) {
      left = this.over({ kind: 'pipe', left, right, span: spanOf(left.span, right.span) }, left, right);
    }
    return left;
  }

  identifier(t: IToken): Identifier {
    return { text: t.image, span: spanOfToken(t, this.source) };
  }

  identifiers(cst: CstNode): Identifier[] {
    return tokens(cst, 'Name').map((t) => this.identifier(t));
  }

  path(cst: CstNode): Path {
    const parts = [...tokens(cst, 'Name'), ...tokens(cst, 'Word')].map((t) => this.identifier(t));
    return { parts, span: spanOfNode(cst, this.source) };
  }

  classNames(cst: CstNode): Identifier[] {
    return nodes(cst, 'className').map((name) => this.identifier(token(name, 'class')));
  }

  /** The text between the quotes, escapes undone; an identifier because the place of a path matters to messages. */
  text(t: IToken): Identifier {
    const closed = t.image.length > 1 && t.image.endsWith('"');
    const text = t.image.slice(1, closed ? -1 : undefined).replace(/\\(.)/g, (_, c: string) => {
      return c === 'n' ? '\n' : c;
    });
    return { text, span: spanOfToken(t, this.source) };
  }

  private pipeStage(cst: CstNode): Expr {
    const operand = this.disjunction(node(cst, 'disjunction'));
    const name = maybeToken(cst, 'Name');
    if (name === undefined) return operand;
    const span = spanOfNode(cst, this.source);
    return this.over({ kind: 'as', operand, name: this.identifier(name), span }, operand);
  }

  disjunction(cst: CstNode): Expr {
    const operands = nodes(cst, 'conjunction').map((part) => this.conjunction(part));
    return this.chain(operands, tokens(cst, 'Or'));
  }

  private conjunction(cst: CstNode): Expr {
    const operands = nodes(cst, 'negation').map((part) => this.negation(part));
    return this.chain(operands, tokens(cst, 'And'));
  }

  private negation(cst: CstNode): Expr {
    return this.prefixed('not', tokens(cst, 'Not'), this.comparison(node(cst, 'comparison')));
  }

  private comparison(cst: CstNode): Expr {
    const [first, second] = nodes(cst, 'sum');
    const left = this.sum(first!);
    const span = spanOfNode(cst, this.source);
    if (second !== undefined) return this.chain([left, this.sum(second)], tokens(cst, 'ComparisonOperator'));
    const className = maybeNode(cst, 'className');
    if (className !== undefined) {
      const name = this.identifier(token(className, 'class'));
      return this.over({ kind: 'is', left, className: name, span }, left);
    }
    const set = maybeNode(cst, 'classNames');
    if (set === undefined) return left;
    return this.over({ kind: 'in', left, classNames: this.classNames(set), span }, left);
  }

  sum(cst: CstNode): Expr {
    const operands = nodes(cst, 'product').map((product) => this.product(product));
    return this.chain(operands, tokens(cst, 'SumOperator'));
  }

  private product(cst: CstNode): Expr {
    const operands = nodes(cst, 'unary').map((unary) => this.unary(unary));
    return this.chain(operands, tokens(cst, 'ProductOperator'));
  }

  private unary(cst: CstNode): Expr {
    return this.prefixed('-', tokens(cst, 'Minus'), this.power(node(cst, 'power')));
  }

  private power(cst: CstNode): Expr {
    const base = this.postfix(node(cst, 'postfix'));
    const exponent = maybeNode(cst, 'unary');
    return exponent === undefined ? base : this.chain([base, this.unary(exponent)], tokens(cst, 'Caret'));
  }

  private postfix(cst: CstNode): Expr {
    let expr = this.primary(node(cst, 'primary'));
    for (const suffix of nodes(cst, 'suffix')) {
      const span = spanOf(expr.span, spanOfNode(suffix, this.source));
      const field = maybeToken(suffix, 'Word');
      if (field !== undefined) {
        expr = this.over({ kind: 'field', object: expr, field: this.identifier(field), span }, expr);
      } else {
        const args = nodes(suffix, 'argument').map((argument) => this.argument(argument));
        const values = args.map((argument) => argument.value);
        expr = this.over({ kind: 'call', callee: expr, arguments: args, span }, expr, ...values);
      }
    }
    return expr;
  }

  private argument(cst: CstNode): Argument {
    const value = this.expression(node(cst, 'expression'));
    const word = maybeToken(cst, 'Word');
    const span = spanOfNode(cst, this.source);
    return word === undefined ? { value, span } : { name: this.identifier(word), value, span };
  }

  private primary(cst: CstNode): Expr {
    const span = spanOfNode(cst, this.source);
    const inner = maybeNode(cst, 'expression');
    // The span includes the parentheses, so that an edit of `(a + b)` replaces all of it.
    if (inner !== undefined) {
      const expr = this.expression(inner);
      return this.over({ ...expr, span }, expr);
    }
    const list = maybeNode(cst, 'list');
    if (list !== undefined) {
      const items = nodes(list, 'expression').map((item) => this.expression(item));
      return this.over({ kind: 'list', items, span }, ...items);
    }
    const name = maybeToken(cst, 'Name');
    if (name !== undefined) return { kind: 'name', text: name.image, span };
    const text = maybeToken(cst, 'StringLiteral');
    if (text !== undefined) return { kind: 'string', value: this.text(text).text, span };
    const number = maybeToken(cst, 'NumberLiteral');
    if (number !== undefined) return this.number(number, span);
    return { kind: 'boolean', value: maybeToken(cst, 'True') !== undefined, span };
  }

  private number(t: IToken, span: Span): Expr {
    const value = Number(t.image);
    if (!Number.isFinite(value)) {
      this.problems.push({
        code: 'ED1014',
        severity: 'error',
        message: `\`${t.image}\` is too large for a number`,
        span,
        hint: 'the largest number is about 1.8e308',
      });
    }
    return { kind: 'number', text: t.image, value, span };
  }

  private chain(operands: readonly Expr[], operators: readonly IToken[]): Expr {
    let left = operands[0]!;
    for (const [i, operator] of operators.entries()) {
      const right = operands[i + 1]!;
      const binary: Expr = {
        kind: 'binary',
        operator: operator.image as BinaryOperator,
        left,
        right,
        operatorSpan: spanOfToken(operator, this.source),
        span: spanOf(left.span, right.span),
      };
      left = this.over(binary, left, right);
    }
    return left;
  }

  private prefixed(operator: '-' | 'not', operators: readonly IToken[], innermost: Expr): Expr {
    let operand = innermost;
    for (const t of operators.toReversed()) {
      const span = spanOf(spanOfToken(t, this.source), operand.span);
      operand = this.over({ kind: 'unary', operator, operand, span }, operand);
    }
    return operand;
  }

  /** Notes how deep `expr` is and reports the first that is too deep. */
  private over(expr: Expr, ...parts: readonly Expr[]): Expr {
    let deepest = 0;
    for (const part of parts) deepest = Math.max(deepest, this.depths.get(part) ?? 0);
    this.depths.set(expr, deepest + 1);
    if (deepest === MAX_EXPRESSION_DEPTH) {
      this.problems.push({
        code: 'ED1012',
        severity: 'error',
        message: `this expression has more than ${MAX_EXPRESSION_DEPTH} levels of operators`,
        span: { source: this.source, start: expr.span.start, end: expr.span.end },
        hint: 'give parts of it names, or use `repeat`',
      });
    }
    return expr;
  }
}
