/** @file The grammar of `.ed2l` as rules of a Chevrotain parser: LL(2), no ambiguity, one rule per production. */
import type { ParserOptions, Rule } from './expression-rules.js';
import { ModelRules } from './model-rules.js';
import * as t from './tokens.js';

export class Ed2lParser extends ModelRules {
  constructor(options: ParserOptions) {
    super(options);
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
    this.MANY(() => this.SUBRULE(this.carry));
  });

  readonly carry: Rule = this.RULE('carry', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Reset);
          this.statistics();
        },
      },
      { ALT: () => this.CONSUME(t.Remap) },
    ]);
    this.SUBRULE(this.names);
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
}
