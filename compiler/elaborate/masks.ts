/** @file What `where` may say: nothing (every sample), or a mask. Masks are weights, never part of what is learned: no gradient passes through one. */
import type { Expr } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import { around } from '../diagnostics/edits.js';
import type { Report } from '../diagnostics/report.js';
import { formatType } from '../graph/graph.js';
import { describe, type TensorValue, type Value } from './values.js';

/** `all`: `true` was written; `none`: `false`. */
export type Where = 'all' | 'none' | TensorValue;

/** A mask with one truth value or number per sample, or a truth value of the spec; anything else is an error. */
export function sampleMask(value: Value, span: Span, report: Report): Where {
  const where = maskIn(value, span, report);
  if (typeof where === 'string' || where.type.shape.join() === 'batch') return where;
  const { dtype, shape } = where.type;
  const type = formatType(where.type);
  if (shape[0] !== 'batch')
    return report.fail(
      'ED4013',
      span,
      `\`where\` chooses among samples, and \`${type}\` is the same for all of them`,
      { label: `this is \`${type}\``, hint: 'compute it from an input, a label or a value of the batch' },
    );
  return report.fail(
    'ED4013',
    span,
    `\`where\` takes one truth value or number per sample, \`bool[batch]\` or \`f32[batch]\`, not \`${type}\``,
    {
      label: `this is \`${type}\``,
      ...(dtype === 'f32'
        ? { hint: 'write `mean(…, axis: rest)` around it', fix: axisRest('mean(', '', span) }
        : {
            hint: 'write `mean(number(…), axis: rest)` around it',
            fix: axisRest('mean(number(', ')', span),
          }),
    },
  );
}

/** A truth value of the spec, or a tensor of truth values or numbers of any shape. */
export function maskIn(value: Value, span: Span, report: Report): Where {
  if (value.kind === 'boolean') return value.value ? 'all' : 'none';
  if (value.kind === 'tensor' && value.type.dtype !== 'i32') return value;
  return report.fail(
    'ED4013',
    span,
    `\`where\` takes a condition or a weight per sample, not ${describe(value)}`,
    { hint: adviceFor(value) },
  );
}

function adviceFor(value: Value): string {
  switch (value.kind) {
    case 'label':
      return 'ask for its class: `label is class_name`, or `label in [class_name, …]`';
    case 'number':
      return 'a factor for all samples is written `by`, or into the loss';
    case 'layer':
      return 'apply the layer first: `layer(x)`';
    case 'tensor':
      return 'compare it: `argmax(z) == 3`';
    default:
      return 'write a comparison such as `x > 0`, or `label is class_name`';
  }
}

const axisRest = (before: string, after: string, span: Span): ReturnType<typeof around> => [
  { span: { ...span, end: span.start }, replacement: before },
  { span: { ...span, start: span.end }, replacement: `${after}, axis: rest)` },
];

/** An expression in one line: how a mask is called in reports. */
export function textOf(expr: Expr): string {
  const inner = (e: Expr): string =>
    e.kind === 'binary' || e.kind === 'pipe' || e.kind === 'is' || e.kind === 'in'
      ? `(${textOf(e)})`
      : textOf(e);
  switch (expr.kind) {
    case 'number':
    case 'name':
      return expr.text;
    case 'string':
      return JSON.stringify(expr.value);
    case 'boolean':
      return String(expr.value);
    case 'list':
      return `[${expr.items.map(textOf).join(', ')}]`;
    case 'unary':
      return expr.operator === 'not' ? `not ${inner(expr.operand)}` : `-${inner(expr.operand)}`;
    case 'binary':
      return `${inner(expr.left)} ${expr.operator} ${inner(expr.right)}`;
    case 'is':
      return `${inner(expr.left)} is ${expr.className.text}`;
    case 'in':
      return `${inner(expr.left)} in [${expr.classNames.map((n) => n.text).join(', ')}]`;
    case 'call':
      return `${textOf(expr.callee)}(${expr.arguments
        .map((a) => `${a.name ? `${a.name.text}: ` : ''}${textOf(a.value)}`)
        .join(', ')})`;
    case 'field':
      return `${textOf(expr.object)}.${expr.field.text}`;
    case 'pipe':
      return `${inner(expr.left)} |> ${inner(expr.right)}`;
    case 'as':
      return `${textOf(expr.operand)} as ${expr.name.text}`;
  }
}
