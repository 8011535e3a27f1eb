/** @file The grammar of expressions, loosest operator first, and of the names and paths that stand around them. */
import { CstParser, type CstNode, type ParserMethod } from 'chevrotain';
import { expectationProvider } from './expectations.js';
import * as t from './tokens.js';

export type Rule = ParserMethod<[], CstNode>;

export interface ParserOptions {
  /** Whether Chevrotain checks the grammar for ambiguity; slow, and a matter of the tests. */
  readonly validate: boolean;
}

/** The lowest of three layers; the last one (parser.ts) performs the self-analysis. */
export abstract class ExpressionRules extends CstParser {
  constructor(options: ParserOptions) {
    super([...t.allTokens], {
      maxLookahead: 2,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: expectationProvider,
      skipValidations: !options.validate,
    });
  }

  readonly value: Rule = this.RULE('value', () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly path: Rule = this.RULE('path', () => {
    this.CONSUME(t.Name);
    this.MANY(() => {
      this.CONSUME(t.Dot);
      this.CONSUME(t.Word);
    });
  });

  readonly names: Rule = this.RULE('names', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Name) });
  });

  readonly classNames: Rule = this.RULE('classNames', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.className) });
  });

  readonly className: Rule = this.RULE('className', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name, { LABEL: 'class' }) },
      { ALT: () => this.CONSUME(t.NumberLiteral, { LABEL: 'class' }) },
    ]);
  });

  readonly expression: Rule = this.RULE('expression', () => {
    this.SUBRULE(this.pipeStage);
    this.MANY(() => {
      this.CONSUME(t.Pipe);
      this.SUBRULE2(this.pipeStage);
    });
  });

  readonly pipeStage: Rule = this.RULE('pipeStage', () => {
    this.SUBRULE(this.disjunction);
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME(t.Name);
    });
  });

  readonly disjunction: Rule = this.RULE('disjunction', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Or, DEF: () => this.SUBRULE(this.conjunction) });
  });

  readonly conjunction: Rule = this.RULE('conjunction', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.And, DEF: () => this.SUBRULE(this.negation) });
  });

  readonly negation: Rule = this.RULE('negation', () => {
    this.MANY(() => this.CONSUME(t.Not));
    this.SUBRULE(this.comparison);
  });

  readonly comparison: Rule = this.RULE('comparison', () => {
    this.SUBRULE(this.sum);
    this.OPTION(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.ComparisonOperator);
            this.SUBRULE2(this.sum);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Is);
            this.SUBRULE(this.className);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.In);
            this.CONSUME(t.LeftBracket);
            this.SUBRULE(this.classNames);
            this.CONSUME(t.RightBracket);
          },
        },
      ]);
    });
  });

  readonly sum: Rule = this.RULE('sum', () => {
    this.SUBRULE(this.product);
    this.MANY(() => {
      this.CONSUME(t.SumOperator);
      this.SUBRULE2(this.product);
    });
  });

  readonly product: Rule = this.RULE('product', () => {
    this.SUBRULE(this.unary);
    this.MANY(() => {
      this.CONSUME(t.ProductOperator);
      this.SUBRULE2(this.unary);
    });
  });

  readonly unary: Rule = this.RULE('unary', () => {
    this.MANY(() => this.CONSUME(t.Minus));
    this.SUBRULE(this.power);
  });

  readonly power: Rule = this.RULE('power', () => {
    this.SUBRULE(this.postfix);
    this.OPTION(() => {
      this.CONSUME(t.Caret);
      this.SUBRULE(this.unary);
    });
  });

  readonly postfix: Rule = this.RULE('postfix', () => {
    this.SUBRULE(this.primary);
    this.MANY(() => this.SUBRULE(this.suffix));
  });

  readonly suffix: Rule = this.RULE('suffix', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.argument) });
          this.CONSUME(t.RightParen);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Dot);
          this.CONSUME(t.Word);
        },
      },
    ]);
  });

  readonly argument: Rule = this.RULE('argument', () => {
    this.OPTION(() => {
      this.CONSUME(t.Word);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.expression);
  });

  readonly primary: Rule = this.RULE('primary', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      { ALT: () => this.CONSUME(t.StringLiteral) },
      { ALT: () => this.CONSUME(t.True) },
      { ALT: () => this.CONSUME(t.False) },
      { ALT: () => this.CONSUME(t.Name) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.SUBRULE(this.expression);
          this.CONSUME(t.RightParen);
        },
      },
      { ALT: () => this.SUBRULE(this.list) },
    ]);
  });

  readonly list: Rule = this.RULE('list', () => {
    this.CONSUME(t.LeftBracket);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
    this.CONSUME(t.RightBracket);
  });
}
