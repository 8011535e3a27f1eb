/** @file Matches the arguments of a call with a built-in's signature, and reads each as what the built-in needs. */
import { nearest } from '../../grammar/nearest.js';
import { parseExpression } from '../../grammar/parse.js';
import type { Argument, Expr } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import type { Report } from '../diagnostics/report.js';
import * as Q from '../scalar/rational.js';
import type { ScalarExpr } from '../scalar/expression.js';
import type { Range } from '../scalar/ranges.js';
import type { BuiltIn, ParameterSpec } from './builtins.js';
import { rationalOf } from './numbers.js';
import { describe, type LabelValue, type LayerValue, type TensorValue, type Value } from './values.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';

/** Which expression each parameter got. `skipFirst`: the call leaves out the tensor that a pipe supplies. */
export interface Matched {
  readonly given: ReadonlyMap<string, Expr>;
  readonly rest: readonly Expr[];
}

/** Fails on unknown, repeated, missing and surplus arguments. */
export function matchArguments(
  name: string,
  parameters: readonly ParameterSpec[],
  args: readonly Argument[],
  span: Span,
  report: Report,
): Matched {
  const given = new Map<string, Expr>();
  const rest: Expr[] = [];
  let position = 0;
  for (const argument of args) {
    if (argument.name) {
      const { text } = argument.name;
      const parameter = parameters.find((p) => p.name === text && !p.variadic);
      if (!parameter) {
        const known = parameters.filter((p) => !p.variadic).map((p) => p.name);
        report.fail('ED3005', argument.name.span, `\`${name}\` has no argument \`${text}\``, {
          hint:
            known.length === 0
              ? `\`${name}\` takes no named arguments`
              : `\`${name}\` takes ${listed(known)}`,
          ...(nearest(text, known) && suggestion(argument.name, known)),
        });
      }
      if (given.has(text))
        report.fail('ED3007', argument.span, `\`${name}\` gets \`${text}\` twice`, {
          labels: [{ span: given.get(text)!.span, message: 'the first' }],
          hint: 'leave one of them out',
        });
      given.set(text, argument.value);
      continue;
    }
    const parameter = parameters[position];
    if (parameter?.variadic) rest.push(argument.value);
    else if (parameter) {
      given.set(parameter.name, argument.value);
      position++;
    } else {
      report.fail(
        'ED3007',
        argument.span,
        `\`${name}\` takes ${count(parameters.length)}, and this is one more`,
        {
          hint:
            parameters.length > 0
              ? `in this order: ${listed(parameters.map((p) => p.name))}`
              : 'leave it out',
        },
      );
    }
  }
  const missing = parameters.find((p) => p.default === undefined && !p.variadic && !given.has(p.name));
  if (missing)
    report.fail('ED3006', span, `\`${name}\` needs \`${missing.name}\``, {
      hint: `write \`${name}(${missing.name}: …)\``,
    });
  return { given, rest };
}

const count = (n: number): string => (n === 0 ? 'no arguments' : n === 1 ? 'one argument' : `${n} arguments`);

/** Evaluates an argument where the call stands. */
export type Evaluate = (expr: Expr) => Value;

/** Typed access to the matched arguments; a missing one is read from its default. */
export class Arguments {
  constructor(
    readonly name: string,
    readonly span: Span,
    readonly matched: Matched,
    readonly parameters: readonly ParameterSpec[],
    readonly evaluate: Evaluate,
    readonly report: Report,
  ) {}

  static of(
    builtIn: BuiltIn,
    args: readonly Argument[],
    span: Span,
    evaluate: Evaluate,
    report: Report,
    parameters = builtIn.parameters,
  ): Arguments {
    return new Arguments(
      builtIn.name,
      span,
      matchArguments(builtIn.name, parameters, args, span, report),
      parameters,
      evaluate,
      report,
    );
  }

  isGiven(parameter: string): boolean {
    return this.matched.given.has(parameter);
  }

  spanOf(parameter: string): Span {
    return this.matched.given.get(parameter)?.span ?? this.span;
  }

  expr(parameter: string): Expr {
    return this.matched.given.get(parameter) ?? defaultOf(this.parameters.find((p) => p.name === parameter)!);
  }

  value(parameter: string): Value {
    return this.evaluate(this.expr(parameter));
  }

  /** A number, fixed or scheduled. */
  number(parameter: string): ScalarExpr {
    return this.numberOf(this.expr(parameter), parameter);
  }

  numberOf(expr: Expr, parameter: string): ScalarExpr {
    return this.#numberIn(this.evaluate(expr), expr.span, parameter);
  }

  /** A number known at compile time. */
  fixed(parameter: string, range?: Range): number {
    return this.fixedOf(this.expr(parameter), parameter, range);
  }

  fixedOf(expr: Expr, parameter: string, range?: Range): number {
    return this.#fixedIn(this.evaluate(expr), expr.span, parameter, range);
  }

  #numberIn(value: Value, span: Span, parameter: string): ScalarExpr {
    if (value.kind === 'number') return value.number;
    return this.report.fail(
      'ED3008',
      span,
      `\`${this.name}\` needs a number for \`${parameter}\`, not ${describe(value)}`,
      { hint: adviceFor('a number', value) },
    );
  }

  #fixedIn(value: Value, span: Span, parameter: string, range?: Range): number {
    const exact = rationalOf(this.#numberIn(value, span, parameter));
    if (!exact) {
      this.report.fail('ED3010', span, `\`${parameter}\` of \`${this.name}\` must be known at compile time`, {
        label: 'this changes during training',
        hint: 'use a number without `epoch`, `iteration`, `progress` or a schedule',
      });
    }
    const number = Q.toNumber(exact);
    if (range && !range.holds(number)) {
      this.report.fail(
        'ED3009',
        span,
        `\`${parameter}\` of \`${this.name}\` is ${number}, and must be ${range.text}`,
      );
    }
    return number;
  }

  /** One of the words in `words`, which here mean themselves; undefined if the argument is anything else. */
  word<W extends string>(parameter: string, words: readonly W[]): W | undefined {
    const expr = this.expr(parameter);
    return expr.kind === 'name' && (words as readonly string[]).includes(expr.text)
      ? (expr.text as W)
      : undefined;
  }

  choice<W extends string>(parameter: string, words: readonly W[]): W {
    const found = this.word(parameter, words);
    if (found !== undefined) return found;
    const expr = this.expr(parameter);
    const known = expr.kind === 'name' && nearest(expr.text, words) !== undefined;
    return this.report.fail(
      'ED3011',
      expr.span,
      `\`${parameter}\` of \`${this.name}\` is ${words.length === 1 ? 'only' : 'one of'} ${listed(words)}`,
      known
        ? suggestion({ text: expr.text, span: expr.span }, words)
        : { hint: `write \`${parameter}: ${words[0]}\`` },
    );
  }

  boolean(parameter: string): boolean {
    const value = this.value(parameter);
    return value.kind === 'boolean' ? value.value : this.#wrong(parameter, '`true` or `false`', value);
  }

  layer(parameter: string): LayerValue {
    const value = this.value(parameter);
    return value.kind === 'layer' ? value : this.#wrong(parameter, 'a layer', value);
  }

  tensor(parameter: string): TensorValue {
    return this.tensorIn(this.value(parameter), parameter);
  }

  /** `value`, which the parameter has: evaluating it again would apply its groups again. */
  tensorIn(value: Value, parameter: string): TensorValue {
    return value.kind === 'tensor' ? value : this.#wrong(parameter, 'a tensor', value);
  }

  label(parameter: string): LabelValue {
    const value = this.value(parameter);
    return value.kind === 'label' ? value : this.#wrong(parameter, 'a label', value);
  }

  /** Two numbers: one for both axes, or a list of two. */
  pair(parameter: string, range: Range): [number, number] {
    const expr = this.expr(parameter);
    // A name may stand for a list: a parameter of the block in which the call is written.
    const value = this.evaluate(expr);
    const items = value.kind === 'list' ? value.items : [value, value];
    const numbers = items.map((item, i) => {
      const at = expr.kind === 'list' ? expr.items[i]! : expr;
      return this.#fixedIn(item, at.span, parameter, range);
    });
    if (numbers.length !== 2)
      this.report.fail(
        'ED3008',
        expr.span,
        `\`${parameter}\` of \`${this.name}\` is one number or a list of two, not of ${numbers.length}`,
        { hint: 'write `[height, width]`' },
      );
    return numbers as [number, number];
  }

  #wrong(parameter: string, expected: Expected, found: Value): never {
    this.report.fail(
      'ED3008',
      this.spanOf(parameter),
      `\`${this.name}\` needs ${expected} for \`${parameter}\`, not ${describe(found)}`,
      { hint: adviceFor(expected, found) },
    );
  }
}

type Expected = 'a tensor' | 'a label' | 'a layer' | 'a number' | '`true` or `false`';

/** How to get the expected kind of value from what was given. */
export function adviceFor(expected: Expected, found: Value): string {
  switch (expected) {
    case 'a tensor':
      if (found.kind === 'label') return '`one_hot(label)` makes a tensor of a label';
      if (found.kind === 'layer') return 'apply the layer first: `layer(x)`';
      return 'give an input, a value, or the output of a group';
    case 'a label':
      return 'give the name of a `label`';
    case 'a layer':
      return found.kind === 'tensor'
        ? 'leave the tensor out: `relu()`, not `relu(x)`'
        : 'give a call of a block, or a function without its tensor: `relu()`';
    case 'a number':
      return 'give a number, or the name of a hyper';
    case '`true` or `false`':
      return 'write one of these two words';
  }
}

const defaults = new Map<string, Expr>();

/** The default as an expression; its span is empty, since nobody wrote it. */
function defaultOf(parameter: ParameterSpec): Expr {
  const text = parameter.default!;
  let expr = defaults.get(text);
  if (!expr) {
    expr = parseExpression(text, 'built-in').expr!;
    defaults.set(text, expr);
  }
  return expr;
}
