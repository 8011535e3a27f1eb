/** @file Initialisations: `he`, `xavier`, `gaussian`, `constant`. */
import type { InitIR } from '../model/ir.js';
import { Arguments, type Evaluate } from './arguments.js';
import { NOT_NEGATIVE } from '../scalar/ranges.js';
import { builtIn, builtInNames } from './builtins.js';
import { suggestion } from '../diagnostics/suggestion.js';

/** The initialisation given for `parameter`, still to be told its fans. */
export function initOf(args: Arguments, parameter: string): (fanIn: number, fanOut: number) => InitIR {
  const expr = args.expr(parameter);
  const name = expr.kind === 'call' && expr.callee.kind === 'name' ? expr.callee.text : undefined;
  const known = name === undefined ? undefined : builtIn(name);
  const nameSpan = expr.kind === 'call' ? expr.callee.span : expr.span;
  if (expr.kind !== 'call' || known?.kind !== 'init') {
    args.report.fail(
      'ED3008',
      nameSpan,
      `\`${args.name}\` needs an initialisation for \`${parameter}\``,
      suggestion({ text: name ?? '', span: nameSpan }, builtInNames('init')),
    );
  }
  const evaluate: Evaluate = args.evaluate;
  const own = Arguments.of(known, expr.arguments, expr.span, evaluate, args.report);
  switch (known.name) {
    case 'he': {
      const slope = own.fixed('slope', NOT_NEGATIVE);
      return (fanIn) => ({ kind: 'he', slope, fanIn });
    }
    case 'xavier': {
      const both = own.choice('fan', ['both', 'inputs']) === 'both';
      return (fanIn, fanOut) => ({ kind: 'xavier', fanIn, fanOut: both ? fanOut : fanIn });
    }
    case 'gaussian': {
      const sd = own.fixed('sd', NOT_NEGATIVE);
      return () => ({ kind: 'gaussian', sd });
    }
    default: {
      const value = own.fixed('value');
      return () => ({ kind: 'constant', value });
    }
  }
}
