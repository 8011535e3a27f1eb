/** @file How many pieces an expression makes where it stands: decides whether a name is that of a piece or of a segment around several. */
import type { Expr } from '../../grammar/syntax.js';
import { partsOf } from '../check/mentions.js';
import { Arguments } from './arguments.js';
import { COUNT } from '../scalar/ranges.js';
import { builtIn } from './builtins.js';
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
  if (known?.kind === 'parametric' || known?.kind === 'function') return 1 + sum(values);
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
