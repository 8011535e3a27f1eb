/** @file Expressions as documents: long chains break before every operator, long lists where they must. */
import type { CstNode, IToken } from 'chevrotain';
import { maybeNode, maybeToken, node, nodes, token, tokens } from '../cst.js';
import type { Comments } from './comments.js';
import { group, hang, line, type Doc } from './document.js';

export class ExpressionLayout {
  constructor(protected readonly comments: Comments) {}

  expression(cst: CstNode): Doc {
    return this.#chain(nodes(cst, 'pipeStage'), tokens(cst, 'Pipe'), (stage) => this.#pipeStage(stage));
  }

  disjunction(cst: CstNode): Doc {
    return this.#chain(nodes(cst, 'conjunction'), tokens(cst, 'Or'), (part) => this.#conjunction(part));
  }

  sum(cst: CstNode): Doc {
    return this.#chain(nodes(cst, 'product'), tokens(cst, 'SumOperator'), (part) => this.#product(part));
  }

  /** `a, b, c` without brackets: as many on a line as fit, the others below the first. */
  protected list(items: readonly Doc[], commas: readonly IToken[]): Doc {
    const [first = '', ...rest] = items;
    return hang([first, rest.map((item, i) => [this.token(commas[i]!), group([line(), item])])]);
  }

  /** `(a, b, c)`: the list with its brackets, and the comments before the closing one. */
  protected bracketed(
    open: IToken,
    items: readonly Doc[],
    commas: readonly IToken[],
    close: IToken,
    space = '',
  ): Doc {
    const { own } = this.comments.before(close);
    this.comments.takeAbove(close);
    const comments = own.map(({ text }): Doc => [line(''), { kind: 'own', comment: text }]);
    return [this.token(open), space, this.list(items, commas), comments, space, this.token(close)];
  }

  protected token(t: IToken): Doc {
    return this.comments.token(t);
  }

  /** Words one after the other, a space between them. */
  protected words(...words: readonly Doc[]): Doc {
    return words.map((word, i) => (i === 0 ? word : [' ', word]));
  }

  protected names(cst: CstNode): Doc {
    return this.list(
      tokens(cst, 'Name').map((name) => this.token(name)),
      tokens(cst, 'Comma'),
    );
  }

  protected path(cst: CstNode): Doc {
    const dots = tokens(cst, 'Dot');
    const rest = tokens(cst, 'Word').map((word, i) => [this.token(dots[i]!), this.token(word)]);
    return [this.token(token(cst, 'Name')), rest];
  }

  protected classNames(cst: CstNode): Doc[] {
    return nodes(cst, 'className').map((name) => this.token(token(name, 'class')));
  }

  /** `name = value`, for what is not aligned. */
  protected binding(cst: CstNode): Doc {
    const value = hang(this.expression(node(cst, 'expression')));
    return this.words(this.token(token(cst, 'Name')), this.token(token(cst, 'Equals')), value);
  }

  #chain(parts: readonly CstNode[], operators: readonly IToken[], layout: (part: CstNode) => Doc): Doc {
    const [first, ...rest] = parts.map(layout);
    if (rest.length === 0) return first!;
    return hang(group([first!, rest.map((part, i) => [line(), this.token(operators[i]!), ' ', part])]));
  }

  #pipeStage(cst: CstNode): Doc {
    const operand = this.disjunction(node(cst, 'disjunction'));
    const as = maybeToken(cst, 'As');
    return as ? this.words(operand, this.token(as), this.token(token(cst, 'Name'))) : operand;
  }

  #conjunction(cst: CstNode): Doc {
    return this.#chain(nodes(cst, 'negation'), tokens(cst, 'And'), (part) => this.#negation(part));
  }

  #negation(cst: CstNode): Doc {
    const comparison = this.#comparison(node(cst, 'comparison'));
    return this.words(...tokens(cst, 'Not').map((not) => this.token(not)), comparison);
  }

  #comparison(cst: CstNode): Doc {
    const [left, right] = nodes(cst, 'sum').map((sum) => this.sum(sum));
    if (right !== undefined) return this.words(left!, this.token(token(cst, 'ComparisonOperator')), right);
    const is = maybeToken(cst, 'Is');
    if (is) return this.words(left!, this.token(is), this.token(token(node(cst, 'className'), 'class')));
    const set = maybeNode(cst, 'classNames');
    if (!set) return left!;
    const [open, close] = [token(cst, 'LeftBracket'), token(cst, 'RightBracket')];
    const names = this.bracketed(open, this.classNames(set), tokens(set, 'Comma'), close);
    return this.words(left!, this.token(token(cst, 'In')), names);
  }

  #product(cst: CstNode): Doc {
    return this.#chain(nodes(cst, 'unary'), tokens(cst, 'ProductOperator'), (part) => this.#unary(part));
  }

  #unary(cst: CstNode): Doc {
    return [tokens(cst, 'Minus').map((minus) => this.token(minus)), this.#power(node(cst, 'power'))];
  }

  #power(cst: CstNode): Doc {
    const base = this.#postfix(node(cst, 'postfix'));
    const exponent = maybeNode(cst, 'unary');
    return exponent ? [base, this.token(token(cst, 'Caret')), this.#unary(exponent)] : base;
  }

  #postfix(cst: CstNode): Doc {
    const suffixes = nodes(cst, 'suffix').map((suffix) => this.#suffix(suffix));
    return [this.#primary(node(cst, 'primary')), suffixes];
  }

  #suffix(cst: CstNode): Doc {
    const dot = maybeToken(cst, 'Dot');
    if (dot) return [this.token(dot), this.token(token(cst, 'Word'))];
    const args = nodes(cst, 'argument').map((argument) => this.#argument(argument));
    return this.bracketed(token(cst, 'LeftParen'), args, tokens(cst, 'Comma'), token(cst, 'RightParen'));
  }

  #argument(cst: CstNode): Doc {
    const value = this.expression(node(cst, 'expression'));
    const name = maybeToken(cst, 'Word');
    return name ? [this.token(name), this.token(token(cst, 'Colon')), ' ', value] : value;
  }

  #primary(cst: CstNode): Doc {
    const inner = maybeNode(cst, 'expression');
    if (inner) {
      const [open, close] = [token(cst, 'LeftParen'), token(cst, 'RightParen')];
      return [this.token(open), hang(this.expression(inner)), this.token(close)];
    }
    const list = maybeNode(cst, 'list');
    if (list) {
      const items = nodes(list, 'expression').map((item) => this.expression(item));
      const [open, close] = [token(list, 'LeftBracket'), token(list, 'RightBracket')];
      return this.bracketed(open, items, tokens(list, 'Comma'), close);
    }
    const literals = ['NumberLiteral', 'StringLiteral', 'True', 'False', 'Name'];
    return this.token(literals.flatMap((name) => tokens(cst, name))[0]!);
  }
}
