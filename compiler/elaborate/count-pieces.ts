/** @file How many pieces an expression makes where it stands: decides whether a name is that of a piece or of a segment around several. */
import type { Expr } from '../../grammar/syntax.js';
import { partsOf } from '../check/mentions.js';
import { Arguments } from './arguments.js';
import { COUNT } from '../scalar/ranges.js';
import { builtIn, NUMERIC_FUNCTIONS, VARIABLES } from './builtins.js';
import type { Env, Shared } from './environment.js';
import { evaluate } from './evaluate.js';

export function countPieces(expr: Expr, env: Env, shared: Shared): number {
  const sum = (parts: readonly Expr[]): number =>
    parts.reduce((n, part) => n + countPieces(part, env, shared), 0);
  if (expr.kind !== 'call') return sum(partsOf(expr));
  const values = expr.arguments.map((a) => a.value);
  const { callee } = expr;
  if (callee.kind === 'field') return 1 + sum(values);
  if (callee.kind !== 'name') return countPieces(callee, env, shared) + sum(values);
  if (env.locals.has(callee.text)) return sum(values);
  if (env.scope.names.get(callee.text)?.kind === 'block') return 1 + sum(values);
  const known = builtIn(callee.text);
  if (known?.kind === 'parametric') return 1 + sum(values);
  if (known?.kind === 'function') return isNumber(expr, env) ? 0 : 1 + sum(values);
  if (callee.text === 'repeat') {
    const args = Arguments.of(
      known!,
      expr.arguments,
      expr.span,
      (e) => evaluate(e, env, shared),
      shared.report,
    );
    return args.fixed('n', COUNT) * countPieces(args.expr('body'), env, shared);
  }
  return sum(values);
}

/** Whether an expression is a number, told without evaluating calls: a function of a number, as in `dense(sqrt(n))`, is no piece. */
export function isNumber(expr: Expr, env: Env): boolean {
  const all = (parts: readonly Expr[]): boolean => parts.every((part) => isNumber(part, env));
  switch (expr.kind) {
    case 'number':
      return true;
    case 'unary':
    case 'binary':
      return all(partsOf(expr));
    case 'name': {
      if ((VARIABLES as readonly string[]).includes(expr.text)) return true;
      const value = env.locals.get(expr.text)?.value() ?? env.model?.lookup(expr.text, expr.span, env.owner);
      return value?.kind === 'number';
    }
    case 'call': {
      const known = expr.callee.kind === 'name' ? builtIn(expr.callee.text) : undefined;
      if (known?.kind === 'schedule' || known?.name === 'size') return true;
      const isNumeric = NUMERIC_FUNCTIONS.includes(known?.name ?? '') && expr.arguments.length > 0;
      return isNumeric && all(expr.arguments.map((a) => a.value));
    }
    default:
      return false;
  }
}
