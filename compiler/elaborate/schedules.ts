/** @file Schedules: numbers that change from iteration to iteration. */
import type { Arguments } from './arguments.js';
import { POSITIVE, SHARE, WHOLE } from '../scalar/ranges.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';
import { fixedNumber } from './numbers.js';
import * as Q from '../scalar/rational.js';
import type { ScalarExpr } from '../scalar/expression.js';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  linear: ['from', 'to', 'start', 'end'],
  cosine: ['from', 'to'],
  exponential: ['from', 'factor', 'every'],
};

/** `losses`: those that `plateau` may watch. */
export function schedule(args: Arguments, losses: readonly string[]): ScalarExpr {
  const call = (operands: readonly ScalarExpr[]): ScalarExpr => ({
    kind: 'call',
    name: args.name as 'linear',
    arguments: operands,
  });
  const fixed = (n: number): ScalarExpr => fixedNumber(Q.fromNumber(n));
  switch (args.name) {
    case 'staircase':
      return call([
        args.number('from'),
        fixed(args.fixed('factor', POSITIVE)),
        ...listOf(args, 'at').map((n) => fixed(n)),
      ]);
    case 'plateau':
      return plateau(args, losses);
    case 'piecewise': {
      const expr = args.expr('points');
      const pairs = expr.kind === 'list' ? expr.items : [];
      if (pairs.length === 0 || pairs.some((p) => p.kind !== 'list' || p.items.length !== 2)) {
        args.report.fail('ED3008', expr.span, '`piecewise` takes a list of pairs', {
          hint: 'write `piecewise([[progress, value], …])`',
        });
      }
      const points = pairs.map((pair) =>
        (pair.kind === 'list' ? pair.items : []).map((e, i) =>
          args.fixedOf(e, i === 0 ? 'progress' : 'value', i === 0 ? SHARE : undefined),
        ),
      );
      if (points.some(([at], i) => i > 0 && at! <= points[i - 1]![0]!))
        args.report.fail(
          'ED3009',
          expr.span,
          'the points of `piecewise` must stand in growing order of progress',
        );
      return call(points.flat().map(fixed));
    }
    case 'linear': {
      const [start, end] = [args.fixed('start', SHARE), args.fixed('end', SHARE)];
      if (start >= end)
        args.report.fail(
          'ED3009',
          args.span,
          `\`linear\` ends at ${end}, which is not after its start ${start}`,
        );
      break;
    }
    case 'exponential':
      args.fixed('every', POSITIVE);
      break;
    default:
  }
  return call(NAMES[args.name]!.map((name) => args.number(name)));
}

function plateau(args: Arguments, losses: readonly string[]): ScalarExpr {
  const expr = args.expr('loss');
  const loss = args.word('loss', losses);
  if (loss === undefined) {
    const written = expr.kind === 'name' ? expr.text : '';
    const found = suggestion({ text: written, span: expr.span }, losses);
    args.report.fail(
      'ED3011',
      expr.span,
      `\`plateau\` watches a loss of the model${written === '' ? '' : `, and \`${written}\` is none`}`,
      found.fix || losses.length === 0 ? found : { hint: `the model has ${listed(losses)}` },
    );
  }
  args.fixed('factor', POSITIVE);
  const factor = args.number('factor');
  return {
    kind: 'plateau',
    from: args.number('from'),
    loss,
    factor: factor.kind === 'fixed' ? factor.value : '1',
    patience: args.fixed('patience', WHOLE),
  };
}

function listOf(args: Arguments, parameter: string): number[] {
  const expr = args.expr(parameter);
  if (expr.kind !== 'list')
    args.report.fail('ED3008', expr.span, `\`${parameter}\` of \`${args.name}\` is a list of numbers`, {
      hint: `write \`${parameter}: [0.5, 0.75]\``,
    });
  return expr.items.map((e) => args.fixedOf(e, parameter, SHARE));
}
