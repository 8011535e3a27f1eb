/** @file `using`: the optimizer of each group of a step. */
import type { MinimizeItem } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import { nearest } from '../../grammar/nearest.js';
import { ROLES, type OptimizerIR } from '../model/ir.js';
import type { ScalarExpr } from '../scalar/expression.js';
import { Arguments } from './arguments.js';
import { OPTIMIZER_RANGES } from '../scalar/ranges.js';
import { builtIn, builtInNames } from './builtins.js';
import type { Env, Shared } from './environment.js';
import { evaluate } from './evaluate.js';
import type { Members } from './members.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';

type Using = MinimizeItem['using'][number];

/** Each updated group gets exactly one optimizer: the one that names it, else the default. */
export function resolveOptimizers(
  minimize: MinimizeItem,
  updated: readonly string[],
  env: Env,
  members: Members,
  shared: Shared,
): OptimizerIR[] {
  const { report } = shared;
  const named = new Map<string, Span>();
  for (const using of minimize.using) {
    for (const group of using.for ?? []) {
      const before = named.get(group.text);
      if (before) {
        report.error('ED5004', group.span, `\`${group.text}\` has two optimizers in this step`, {
          labels: [{ span: before, message: 'the first' }],
          hint: 'name it in one `for`',
        });
      } else if (members.kindOf(group.text) !== 'group') {
        report.error(
          'ED4002',
          group.span,
          `there is no group \`${group.text}\``,
          suggestion(group, members.namesOf('group')),
        );
      } else if (!updated.includes(group.text)) {
        report.error(
          'ED5005',
          group.span,
          `this step does not update \`${group.text}\`, so it needs no optimizer`,
          {
            labels: [
              {
                span: minimize.objective.span,
                message: `this updates ${updated.length > 0 ? listed(updated) : 'nothing'}`,
              },
            ],
            hint: 'leave it out, or add the group to the route of a loss minimized here',
          },
        );
      }
      named.set(group.text, group.span);
    }
  }
  const defaults = minimize.using.filter((u) => !u.for);
  if (defaults.length > 1) {
    report.error('ED5004', defaults[1]!.span, 'a step has one optimizer without `for`', {
      labels: [{ span: defaults[0]!.span, message: 'the first' }],
      hint: 'say which groups it is for: `using … for group`',
    });
  }
  const rest = updated.filter((g) => !named.has(g));
  if (defaults.length === 0 && rest.length > 0) {
    report.error('ED5004', minimize.using.at(-1)!.span, `no optimizer updates ${listed(rest)}`, {
      labels: [{ span: minimize.objective.span, message: `this updates ${listed(updated)}` }],
      hint: 'add a `using` without `for`, which takes the rest',
    });
  }
  if (defaults.length === 1 && rest.length === 0 && updated.length > 0) {
    report.warning('ED5014', defaults[0]!.span, 'no group is left for this optimizer', {
      labels: [...named.values()].map((span) => ({ span, message: 'has one of its own' })),
      hint: 'write this `minimize` without it, or take a group out of a `for`',
    });
  }
  return minimize.using.flatMap((using) => {
    const groups = using.for ? using.for.map((g) => g.text).filter((g) => updated.includes(g)) : rest;
    const optimizer = report.attempt(() => optimizerOf(using, groups, env, shared));
    return optimizer && groups.length > 0 ? [optimizer] : [];
  });
}

/** `decay_on`: all, kernels, or a list of roles. */
function rolesOf(args: Arguments): OptimizerIR['decayOn'] {
  const expr = args.expr('decay_on');
  if (expr.kind !== 'list') return args.choice('decay_on', ['all', 'kernels']) === 'all' ? ROLES : ['kernel'];
  const roles = expr.items.map((item) => {
    const role = item.kind === 'name' ? ROLES.find((r) => r === item.text) : undefined;
    if (role) return role;
    const written = item.kind === 'name' ? item.text : '';
    return args.report.fail(
      'ED3011',
      item.span,
      `\`decay_on\` of \`${args.name}\` lists ${listed(ROLES)}`,
      nearest(written, ROLES)
        ? suggestion({ text: written, span: item.span }, ROLES)
        : { hint: 'write, for example, `decay_on: [kernel, slope]`' },
    );
  });
  return ROLES.filter((role) => roles.includes(role));
}

function optimizerOf(using: Using, groups: readonly string[], env: Env, shared: Shared): OptimizerIR {
  const { optimizer: expr } = using;
  const name =
    expr.kind === 'call' && expr.callee.kind === 'name'
      ? expr.callee.text
      : expr.kind === 'name'
        ? expr.text
        : '';
  const known = builtIn(name);
  const nameSpan = expr.kind === 'call' ? expr.callee.span : expr.span;
  if (expr.kind !== 'call' || known?.kind !== 'optimizer') {
    shared.report.fail(
      'ED5013',
      nameSpan,
      known?.kind === 'optimizer'
        ? `\`${name}\` is written with its arguments: \`${name}(…)\``
        : name === ''
          ? 'an optimizer is written as a call'
          : `there is no optimizer \`${name}\``,
      known?.kind === 'optimizer'
        ? { hint: `write \`${name}(…)\`` }
        : suggestion({ text: name, span: nameSpan }, builtInNames('optimizer')),
    );
  }
  const args = Arguments.of(known, expr.arguments, expr.span, (e) => evaluate(e, env, shared), shared.report);
  const number = (option: string): ScalarExpr => {
    const value = args.number(option);
    if (value.kind === 'fixed') args.fixed(option, OPTIMIZER_RANGES[option]);
    return value;
  };
  const numeric = known.parameters.map((p) => p.name).filter((p) => p !== 'rate' && p in OPTIMIZER_RANGES);
  const given = numeric.filter((p) => args.word(p, ['none']) === undefined);
  return {
    kind: known.name as OptimizerIR['kind'],
    rate: number('rate'),
    options: Object.fromEntries(given.map((p) => [p, number(p)])),
    nesterov: known.name === 'sgd' && args.boolean('nesterov'),
    decoupled: args.boolean('decoupled'),
    decayOn: rolesOf(args),
    groups,
    span: expr.span,
  };
}
