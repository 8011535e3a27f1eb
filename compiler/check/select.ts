/** @file `select`: the parameters after the last epoch, or those of the epoch in which a metric was best. */
import type { Expr } from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import { suggestion } from '../diagnostics/suggestion.js';
import { parseSignature } from '../elaborate/builtins.js';
import type { ExperimentIR, SelectIR } from '../model/experiment.js';
import type { ModelIR } from '../model/ir.js';
import type { Range } from '../scalar/ranges.js';
import type { Settings } from './settings.js';

const SELECTS = { last: parseSignature(''), best: parseSignature('metric; on: inner') };
const PARTS = { inner: parseSignature('; share: 0.1') };
/** Some are held out, and some are left to learn from. */
const PART: Range = { text: 'above 0 and below 1', holds: (n) => n > 0 && n < 1 };
const METRICS = ['accuracy', 'macro_f1'];

export function readSelect(settings: Settings): SelectIR {
  const expr = settings.one('select');
  const args = expr && settings.call(expr, 'selection', SELECTS);
  if (args?.name !== 'best') return { kind: 'last' };
  const metric = args.expr('metric');
  if (metric.kind !== 'name')
    return settings.report.fail(
      'ED6003',
      metric.span,
      'a metric is the name `accuracy`, `macro_f1`, or a loss',
      {
        hint: 'write, for example, `select best(accuracy, on: inner(0.1))`',
      },
    );
  const on = args.isGiven('on') ? partOf(args.expr('on'), settings) : { kind: 'inner' as const, share: 0.1 };
  return { kind: 'best', metric: metric.text, on, span: expr!.span };
}

function partOf(expr: Expr, settings: Settings): Extract<SelectIR, { kind: 'best' }>['on'] {
  if (expr.kind === 'name' && expr.text === 'test') return { kind: 'test' };
  const args = settings.call(expr, 'part to select on', PARTS);
  return { kind: 'inner', share: args.fixed('share', PART) };
}

/** The metric can be measured; what is judged is not what is chosen by, or that is said. */
export function checkSelect({ select, name }: ExperimentIR, model: ModelIR, report: Report): void {
  if (select.kind !== 'best') return;
  const { metric, on, span } = select;
  const losses = model.losses.map((l) => l.name);
  const isClass = model.predictions.some((p) =>
    model.labels.some((l) => l.name === p.label && l.kind === 'class'),
  );
  const known = [...(isClass ? METRICS : []), ...losses];
  if (!known.includes(metric))
    report.error(
      'ED6003',
      span,
      `\`${model.name}\` cannot be selected by \`${metric}\``,
      suggestion({ text: metric, span }, known),
    );
  if (on.kind === 'test')
    report.warning('ED6024', span, `\`${name}\` chooses its parameters by the people it is judged on`, {
      label: 'so its result is too good',
      hint: `write \`on: inner(0.1)\` to choose by people of the training`,
    });
}
