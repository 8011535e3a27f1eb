/** @file Reads the settings of data blocks and experiments: each a known name, once, with calls and words of known form. */
import type { Expr, Setting } from '../../grammar/syntax.js';
import { called } from '../diagnostics/edits.js';
import type { Report } from '../diagnostics/report.js';
import { Arguments, matchArguments } from '../elaborate/arguments.js';
import type { ParameterSpec } from '../elaborate/builtins.js';
import { evaluate } from '../elaborate/evaluate.js';
import type { Shared } from '../elaborate/environment.js';
import type { FileScope } from './scope.js';
import { suggestion } from '../diagnostics/suggestion.js';

export class Settings {
  readonly #byName = new Map<string, Setting>();

  constructor(
    readonly what: string,
    settings: readonly Setting[],
    known: readonly string[],
    readonly scope: FileScope,
    readonly shared: Shared,
    /** Words of other lines, for suggestions. */
    words: readonly string[] = [],
  ) {
    for (const setting of settings) {
      const { text, span } = setting.name;
      const before = this.#byName.get(text);
      if (!known.includes(text))
        this.report.error(
          'ED6001',
          span,
          `${what} has no setting \`${text}\``,
          suggestion(setting.name, [...known, ...words]),
        );
      else if (before) {
        this.report.error('ED6009', span, `\`${text}\` is set twice`, {
          labels: [{ span: before.name.span, message: 'the first' }],
          hint: 'leave one of them out',
        });
      } else this.#byName.set(text, setting);
    }
  }

  get report(): Report {
    return this.shared.report;
  }

  get(name: string): Setting | undefined {
    return this.#byName.get(name);
  }

  /** The only value of a setting. */
  one(name: string): Expr | undefined {
    const setting = this.#byName.get(name);
    if (!setting) return undefined;
    if (setting.values.length !== 1)
      this.report.fail(
        'ED6003',
        setting.span,
        `\`${name}\` takes one value, and this has ${setting.values.length}`,
        { hint: 'leave all but one of them out' },
      );
    return setting.values[0];
  }

  /** A value that must be a call of one of `signatures`, with its arguments matched. `later` lists calls answered by "not yet supported". */
  call(expr: Expr, what: string, signatures: Readonly<Record<string, readonly ParameterSpec[]>>): Arguments {
    const name =
      expr.kind === 'call' && expr.callee.kind === 'name'
        ? expr.callee.text
        : expr.kind === 'name'
          ? expr.text
          : undefined;
    const nameSpan = expr.kind === 'call' ? expr.callee.span : expr.span;
    if (name === undefined || !Object.hasOwn(signatures, name)) {
      return this.report.fail(
        'ED6003',
        nameSpan,
        name === undefined ? `a ${what} is written as a call` : `there is no ${what} \`${name}\``,
        suggestion({ text: name ?? '', span: nameSpan }, Object.keys(signatures)),
      );
    }
    if (expr.kind !== 'call')
      return this.report.fail('ED6003', expr.span, `\`${name}\` is written as a call`, {
        hint: `write \`${name}(${signatures[name]!.length === 0 ? '' : '…'})\``,
        ...(signatures[name]!.every((p) => p.default !== undefined) && {
          fix: called(expr.span),
        }),
      });
    const parameters = signatures[name]!;
    const env = { scope: this.scope, locals: new Map(), owner: { name: '', applications: 0 }, blocks: [] };
    const matched = matchArguments(name, parameters, expr.arguments, expr.span, this.report);
    return new Arguments(
      name,
      expr.span,
      matched,
      parameters,
      (e) => evaluate(e, env, this.shared),
      this.report,
    );
  }
}
