/** @file `minimize`: the objective as a sum of coefficients times losses; anything else is an error where linearity breaks. */
import type { Expr } from '../../grammar/syntax.js';
import type { ScalarExpr } from '../scalar/expression.js';
import { numeric } from './arithmetic.js';
import type { Env, Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import type { Members } from './members.js';
import { ofInteger } from './numbers.js';
import { describe } from './values.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';
import { aNoun } from '../diagnostics/words.js';

/** A number free of losses, or coefficients per loss. */
type Linear = { readonly constant: ScalarExpr } | { readonly losses: ReadonlyMap<string, ScalarExpr> };

/** Coefficients per loss, in the order they are written. Fails with a diagnostic. */
export function linearObjective(
  expr: Expr,
  env: Env,
  members: Members,
  shared: Shared,
): ReadonlyMap<string, ScalarExpr> {
  const result = linear(expr, env, members, shared);
  if ('constant' in result) {
    shared.report.fail('ED5012', expr.span, 'this objective contains no loss', {
      hint:
        members.namesOf('loss').length > 0
          ? `losses here: ${listed(members.namesOf('loss'))}`
          : 'declare one: `loss name = … updates …`',
    });
  }
  return result.losses;
}

function linear(expr: Expr, env: Env, members: Members, shared: Shared): Linear {
  const again = (e: Expr): Linear => linear(e, env, members, shared);
  const broken = (at: Expr, why: string): never =>
    shared.report.fail('ED5002', at.span, `the objective is not linear in the losses: ${why}`, {
      hint: '`minimize` takes a sum of numbers times losses',
    });
  if (expr.kind === 'name' && members.kindOf(expr.text) === 'loss')
    return { losses: new Map([[expr.text, ofInteger(1)]]) };
  if (!mentionsLoss(expr, members)) return { constant: constantOf(expr, env, members, shared) };
  if (expr.kind === 'unary' && expr.operator === '-')
    return scaled(again(expr.operand), (c) => numeric('neg', expr.span, shared, c));
  if (expr.kind !== 'binary')
    return broken(
      expr,
      expr.kind === 'call' ? 'a function is applied to a loss' : 'a loss stands where only numbers may',
    );
  const [left, right] = [again(expr.left), again(expr.right)];
  switch (expr.operator) {
    case '+':
    case '-': {
      if ('constant' in left || 'constant' in right)
        return broken('constant' in left ? expr.left : expr.right, 'a number is added to a loss');
      return { losses: combine(left.losses, right.losses, expr.operator, expr, shared) };
    }
    case '*':
      if ('constant' in left) return scaled(right, (c) => numeric('*', expr.span, shared, left.constant, c));
      if ('constant' in right) return scaled(left, (c) => numeric('*', expr.span, shared, right.constant, c));
      return broken(expr, 'two losses are multiplied');
    case '/':
      if ('constant' in right) return scaled(left, (c) => numeric('/', expr.span, shared, c, right.constant));
      return broken(expr.right, 'something is divided by a loss');
    default:
      return broken(expr, `\`${expr.operator}\` is applied to a loss`);
  }
}

function scaled(value: Linear, by: (c: ScalarExpr) => ScalarExpr): Linear {
  if ('constant' in value) return { constant: by(value.constant) };
  return { losses: new Map([...value.losses].map(([name, c]) => [name, by(c)])) };
}

function combine(
  a: ReadonlyMap<string, ScalarExpr>,
  b: ReadonlyMap<string, ScalarExpr>,
  sign: '+' | '-',
  expr: Expr,
  shared: Shared,
): ReadonlyMap<string, ScalarExpr> {
  const result = new Map(a);
  for (const [name, c] of b) {
    const before = result.get(name);
    // Not 0 + c: a product of scheduled numbers stays one that way.
    const alone = sign === '+' ? c : numeric('neg', expr.span, shared, c);
    result.set(name, before ? numeric(sign, expr.span, shared, before, c) : alone);
  }
  return result;
}

function mentionsLoss(expr: Expr, members: Members): boolean {
  if (expr.kind === 'name') return members.kindOf(expr.text) === 'loss';
  switch (expr.kind) {
    case 'unary':
      return mentionsLoss(expr.operand, members);
    case 'binary':
      return mentionsLoss(expr.left, members) || mentionsLoss(expr.right, members);
    case 'call':
      return expr.arguments.some((a) => mentionsLoss(a.value, members));
    default:
      return false;
  }
}

function constantOf(expr: Expr, env: Env, members: Members, shared: Shared): ScalarExpr {
  if (expr.kind === 'name') {
    const kind = members.kindOf(expr.text);
    if (kind !== 'hyper' && kind !== undefined) {
      shared.report.fail(
        'ED5003',
        expr.span,
        `\`minimize\` sees losses and hypers, and \`${expr.text}\` is ${aNoun(kind)}`,
        {
          ...members.labelOf(expr.text),
          hint:
            kind === 'value' ? `declare a loss of it: \`loss name = ${expr.text} updates …\`` : 'name a loss',
        },
      );
    }
    if (
      kind === undefined &&
      !env.scope.names.has(expr.text) &&
      !['epoch', 'iteration', 'progress'].includes(expr.text)
    ) {
      shared.report.fail(
        'ED5003',
        expr.span,
        `there is no loss or hyper \`${expr.text}\``,
        suggestion(expr, members.namesOf('loss', 'hyper')),
      );
    }
  }
  if (expr.kind === 'binary') {
    // Each side on its own, so that the error stands at the name.
    for (const side of [expr.left, expr.right])
      if (side.kind === 'name') constantOf(side, env, members, shared);
  }
  const value = evaluate(expr, members.numbersOnly(env, 'minimize', 'ED5003'), shared);
  if (value.kind === 'number') return value.number;
  return shared.report.fail(
    'ED5002',
    expr.span,
    `a factor of the objective is a number made of hypers, not ${describe(value)}`,
    { hint: '`minimize` takes a sum of numbers times losses' },
  );
}
