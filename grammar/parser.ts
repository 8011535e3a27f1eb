/** @file The grammar of `.ed2l` as rules of a Chevrotain parser: LL(2), no ambiguity, one rule per production. */
import { CstParser, tokenMatcher, type CstNode, type ParserMethod } from 'chevrotain';
import { expectationProvider } from './expectations.js';
import * as t from './tokens.js';

type Rule = ParserMethod<[], CstNode>;

/** Words that continue the statement before them, so that a setting's value never begins with one. */
const CLAUSE_WORDS = [t.On, t.With, t.Using, t.LeftParen];

export class Ed2lParser extends CstParser {
  constructor(options: { validate: boolean }) {
    super([...t.allTokens], {
      maxLookahead: 2,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: expectationProvider,
      skipValidations: !options.validate,
    });
    this.performSelfAnalysis();
  }

  readonly file: Rule = this.RULE('file', () => {
    this.MANY(() => this.SUBRULE(this.item));
  });

  readonly item: Rule = this.RULE('item', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importItem) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.model) },
      { ALT: () => this.SUBRULE(this.data) },
      { ALT: () => this.SUBRULE(this.experiment) },
    ]);
  });

  readonly importItem: Rule = this.RULE('importItem', () => {
    this.CONSUME(t.Import);
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      {
        ALT: () => {
          this.CONSUME(t.LeftBrace);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.importName) });
          this.CONSUME(t.RightBrace);
        },
      },
    ]);
    this.CONSUME(t.From);
    this.CONSUME(t.StringLiteral);
  });

  readonly importName: Rule = this.RULE('importName', () => {
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME2(t.Name);
    });
  });

  readonly block: Rule = this.RULE('block', () => {
    this.CONSUME(t.Block);
    this.CONSUME(t.Name);
    this.SUBRULE(this.parameters);
    this.OPTION(() => {
      this.CONSUME(t.LeftParen);
      this.SUBRULE(this.names);
      this.CONSUME(t.RightParen);
    });
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Equals);
          this.SUBRULE(this.expression);
        },
      },
      { ALT: () => this.SUBRULE(this.blockBody) },
    ]);
  });

  readonly parameters: Rule = this.RULE('parameters', () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.parameter) });
    this.CONSUME(t.RightParen);
  });

  readonly parameter: Rule = this.RULE('parameter', () => {
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
    });
  });

  readonly blockBody: Rule = this.RULE('blockBody', () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.value));
    this.CONSUME(t.Return);
    this.SUBRULE(this.expression);
    this.CONSUME(t.RightBrace);
  });

  readonly model: Rule = this.RULE('model', () => {
    this.SUBRULE(this.modelHead);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.member));
    this.CONSUME(t.RightBrace);
  });

  readonly modelHead: Rule = this.RULE('modelHead', () => {
    this.CONSUME(t.Model);
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.Extends);
      this.SUBRULE(this.path);
    });
  });

  readonly member: Rule = this.RULE('member', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.marked) },
      { ALT: () => this.SUBRULE(this.value) },
      { ALT: () => this.SUBRULE(this.inputMember) },
      { ALT: () => this.SUBRULE(this.labelMember) },
      { ALT: () => this.SUBRULE(this.loss) },
      { ALT: () => this.SUBRULE(this.remove) },
      { ALT: () => this.SUBRULE(this.train) },
    ]);
  });

  readonly marked: Rule = this.RULE('marked', () => {
    this.CONSUME(t.ValueKeyword);
    this.SUBRULE(this.value);
  });

  readonly value: Rule = this.RULE('value', () => {
    this.CONSUME(t.Name);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  readonly inputMember: Rule = this.RULE('inputMember', () => {
    this.CONSUME(t.Input);
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.path);
    });
  });

  readonly labelMember: Rule = this.RULE('labelMember', () => {
    this.CONSUME(t.Label);
    this.CONSUME(t.Name);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(t.Of);
      this.SUBRULE(this.classNames);
    });
    this.OPTION2(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.path);
    });
  });

  readonly type: Rule = this.RULE('type', () => {
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.LeftBracket);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
      this.CONSUME(t.RightBracket);
    });
  });

  readonly loss: Rule = this.RULE('loss', () => {
    this.CONSUME(t.Loss);
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Updates);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.target) });
    });
  });

  readonly target: Rule = this.RULE('target', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.SUBRULE(this.names);
          this.CONSUME(t.RightParen);
        },
      },
    ]);
    this.OPTION(() => {
      this.CONSUME(t.By);
      this.SUBRULE(this.sum);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Where);
      this.SUBRULE(this.disjunction);
    });
    this.OPTION3(() => {
      this.CONSUME(t.Avoiding);
      this.CONSUME2(t.Name, { LABEL: 'avoided' });
    });
  });

  readonly remove: Rule = this.RULE('remove', () => {
    this.CONSUME(t.Remove);
    this.OR([
      { ALT: () => this.CONSUME(t.Group, { LABEL: 'what' }) },
      { ALT: () => this.CONSUME(t.Loss, { LABEL: 'what' }) },
      { ALT: () => this.CONSUME(t.Step, { LABEL: 'what' }) },
    ]);
    this.SUBRULE(this.names);
  });

  readonly train: Rule = this.RULE('train', () => {
    this.SUBRULE(this.trainHead);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.trainItem));
    this.CONSUME(t.RightBrace);
  });

  readonly trainHead: Rule = this.RULE('trainHead', () => {
    this.CONSUME(t.Train);
    this.OPTION(() => this.CONSUME(t.Name));
  });

  readonly trainItem: Rule = this.RULE('trainItem', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.minimize) },
      { ALT: () => this.SUBRULE(this.step) },
      { ALT: () => this.SUBRULE(this.freeze) },
      { ALT: () => this.SUBRULE(this.start) },
      { ALT: () => this.SUBRULE(this.setting) },
    ]);
  });

  readonly minimize: Rule = this.RULE('minimize', () => {
    this.CONSUME(t.Minimize);
    this.SUBRULE(this.expression);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.using));
  });

  readonly using: Rule = this.RULE('using', () => {
    this.CONSUME(t.Using);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(t.For);
      this.SUBRULE(this.names);
    });
  });

  readonly step: Rule = this.RULE('step', () => {
    this.CONSUME(t.Step);
    this.CONSUME(t.Name);
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Repeat, { LABEL: 'how' }) },
        { ALT: () => this.CONSUME(t.Every, { LABEL: 'how' }) },
      ]);
      this.SUBRULE(this.expression);
    });
    this.CONSUME(t.LeftBrace);
    this.SUBRULE(this.minimize);
    this.CONSUME(t.RightBrace);
  });

  readonly freeze: Rule = this.RULE('freeze', () => {
    this.CONSUME(t.Freeze);
    // `statistics` alone, or before a comma, is the name of a group.
    this.OPTION({
      GATE: () => tokenMatcher(this.LA(2), t.Name),
      DEF: () => this.CONSUME(t.Statistics),
    });
    this.SUBRULE(this.names);
  });

  readonly start: Rule = this.RULE('start', () => {
    this.CONSUME(t.Start);
    this.SUBRULE(this.names);
    this.CONSUME(t.From);
    this.OR([
      { ALT: () => this.CONSUME2(t.Name, { LABEL: 'stage' }) },
      { ALT: () => this.CONSUME(t.StringLiteral) },
    ]);
  });

  readonly data: Rule = this.RULE('data', () => {
    this.SUBRULE(this.dataHead);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.setting));
    this.CONSUME(t.RightBrace);
  });

  readonly dataHead: Rule = this.RULE('dataHead', () => {
    this.CONSUME(t.Data);
    this.CONSUME(t.Name);
  });

  readonly setting: Rule = this.RULE('setting', () => {
    this.CONSUME(t.Ident);
    // `report a() tsne(x)` lacks a comma and `trian on x` is misspelt: neither may pass as another setting.
    this.OR([
      {
        GATE: () => !CLAUSE_WORDS.some((type) => tokenMatcher(this.LA(1), type)),
        ALT: () => this.SUBRULE(this.values),
      },
    ]);
  });

  readonly values: Rule = this.RULE('values', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
  });

  readonly experiment: Rule = this.RULE('experiment', () => {
    this.SUBRULE(this.experimentHead);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.experimentLine));
    this.CONSUME(t.RightBrace);
  });

  readonly experimentHead: Rule = this.RULE('experimentHead', () => {
    this.CONSUME(t.Experiment);
    this.CONSUME(t.Name);
  });

  readonly experimentLine: Rule = this.RULE('experimentLine', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.useModel) },
      { ALT: () => this.SUBRULE(this.stage) },
      { ALT: () => this.SUBRULE(this.test) },
      { ALT: () => this.SUBRULE(this.setting) },
    ]);
  });

  readonly useModel: Rule = this.RULE('useModel', () => {
    this.CONSUME(t.Model);
    this.SUBRULE(this.path);
    this.OPTION(() => this.SUBRULE(this.with));
  });

  readonly stage: Rule = this.RULE('stage', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Pretrain, { LABEL: 'verb' }) },
      { ALT: () => this.CONSUME(t.Train, { LABEL: 'verb' }) },
    ]);
    this.OPTION(() => this.CONSUME(t.Ident));
    this.SUBRULE(this.bindings);
    this.OPTION2(() => this.SUBRULE(this.with));
    this.OPTION3(() => {
      this.CONSUME(t.Reset);
      this.SUBRULE(this.names, { LABEL: 'reset' });
    });
    this.OPTION4(() => {
      this.CONSUME(t.Remap);
      this.SUBRULE2(this.names, { LABEL: 'remap' });
    });
  });

  readonly test: Rule = this.RULE('test', () => {
    this.CONSUME(t.Test);
    this.SUBRULE(this.bindings);
  });

  readonly bindings: Rule = this.RULE('bindings', () => {
    this.CONSUME(t.On);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.binding) });
  });

  readonly binding: Rule = this.RULE('binding', () => {
    this.OPTION(() => {
      this.CONSUME(t.Name);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.path);
  });

  readonly with: Rule = this.RULE('with', () => {
    this.CONSUME(t.With);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.value) });
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

  // Expressions, loosest first.

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
