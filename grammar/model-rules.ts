/** @file The grammar of models: members, losses with their routes, training. */
import { tokenMatcher } from 'chevrotain';
import { ExpressionRules, type Rule } from './expression-rules.js';
import * as t from './tokens.js';

/** Words that continue the statement before them, so that a setting's value never begins with one. */
const CLAUSE_WORDS = [t.On, t.With, t.Using, t.LeftParen];

export abstract class ModelRules extends ExpressionRules {
  /** The word `statistics` before a list of groups; alone, or before a comma, it is the name of one. */
  protected statistics(): void {
    this.OPTION({
      GATE: () => tokenMatcher(this.LA(2), t.Name),
      DEF: () => this.CONSUME(t.Statistics),
    });
  }

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
    this.statistics();
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
}
