/** @file Operators: on numbers exactly, on tensors as graph operations, on labels only comparison. */
import type { BinaryOperator } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import { around } from '../diagnostics/edits.js';
import { listed } from '../diagnostics/suggestion.js';
import * as C from '../scalar/coefficient.js';
import { toNumber } from '../scalar/rational.js';
import type { ScalarFunction } from '../scalar/expression.js';
import type { Shared } from './environment.js';
import { call, NumberError, rationalOf } from './numbers.js';
import { Tensors } from './tensors.js';
import { describe, type LabelValue, type TensorValue, type Value } from './values.js';

export interface Operand {
  readonly value: Value;
  readonly span: Span;
}

const COMPARISONS: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '==': 'equal',
  '!=': 'not_equal',
  '<': 'less',
  '<=': 'less_equal',
  '>': 'greater',
  '>=': 'greater_equal',
};

export function binary(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  span: Span,
  shared: Shared,
): Value {
  const t = new Tensors(shared.builder, shared.report, span, operator);
  const comparison = COMPARISONS[operator];
  if (comparison) return compare(comparison, operator, left, right, t, shared);
  if (operator === 'and' || operator === 'or')
    return t.binary(operator, truth(left, operator, t), truth(right, operator, t), [left.span, right.span]);
  const [a, b] = [left.value, right.value];
  if (a.kind === 'number' && b.kind === 'number')
    return { kind: 'number', number: numeric(operator as ScalarFunction, span, shared, a.number, b.number) };
  for (const operand of [left, right]) needArithmetic(operand, operator, t);
  if (operator === '^') return power(left, right, t);
  if (a.kind === 'number') return numberFirst(operator, a, right, t, shared);
  if (b.kind === 'number') return numberSecond(operator, left, b, t, shared);
  const op = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' }[operator as '+' | '-' | '*' | '/'];
  return t.binary(op, a as TensorValue, b as TensorValue, [left.span, right.span]);
}

export function negate(operand: Operand, span: Span, shared: Shared): Value {
  const { value } = operand;
  if (value.kind === 'number') return { kind: 'number', number: numeric('neg', span, shared, value.number) };
  const t = new Tensors(shared.builder, shared.report, span, '-');
  needArithmetic(operand, '-', t);
  return t.unary('neg', value as TensorValue);
}

/** Folds numbers; a result that is not finite is reported. */
export function numeric(
  name: ScalarFunction,
  span: Span,
  shared: Shared,
  ...operands: Parameters<typeof call> extends [unknown, ...infer R] ? R : never
): ReturnType<typeof call> {
  try {
    return call(name, ...operands);
  } catch (error) {
    if (error instanceof NumberError)
      shared.report.fail('ED3025', span, error.message, {
        hint: 'a number of the language is always finite',
      });
    throw error;
  }
}

function needArithmetic({ value, span }: Operand, operator: string, t: Tensors): void {
  if (value.kind === 'number' || (value.kind === 'tensor' && value.type.dtype === 'f32')) return;
  const hints: Partial<Record<Value['kind'], string>> = {
    label: 'labels are names of classes; `one_hot(label)` gives numbers',
    layer: `apply the layer to a tensor first, or put parentheses around the pipe: \`(x |> layer) ${operator} …\``,
    tensor: '`number(condition)` turns true into 1 and false into 0',
    boolean: 'write 1 or 0',
  };
  const hint = hints[value.kind];
  t.report.fail('ED3014', span, `\`${operator}\` works on numbers and tensors, not on ${describe(value)}`, {
    ...(hint !== undefined && { hint }),
    ...(value.kind === 'tensor' && { fix: around('number', span) }),
  });
}

function numberFirst(
  operator: string,
  a: Extract<Value, { kind: 'number' }>,
  right: Operand,
  t: Tensors,
  shared: Shared,
): TensorValue {
  const x = right.value as TensorValue;
  const coefficient = shared.scalars.coefficient(a.number);
  switch (operator) {
    case '+':
      return t.add(t.constant(coefficient), x);
    case '-':
      return t.sub(t.constant(coefficient), x);
    case '*':
      return t.scale(x, coefficient);
    default:
      return t.scale(t.unary('reciprocal', x), coefficient);
  }
}

function numberSecond(
  operator: string,
  left: Operand,
  b: Extract<Value, { kind: 'number' }>,
  t: Tensors,
  shared: Shared,
): TensorValue {
  const x = left.value as TensorValue;
  const coefficient = shared.scalars.coefficient(b.number);
  switch (operator) {
    case '+':
      return t.add(x, t.constant(coefficient));
    case '-':
      return t.sub(x, t.constant(coefficient));
    case '*':
      return t.scale(x, coefficient);
    default:
      if (C.isZero(coefficient))
        shared.report.fail('ED3025', t.span, 'division by zero', {
          hint: 'a number of the language is always finite',
        });
      return C.isFixed(coefficient)
        ? t.scale(x, C.divide(C.ONE, coefficient))
        : t.div(x, t.constant(coefficient));
  }
}

function power(left: Operand, right: Operand, t: Tensors): TensorValue {
  const exponent = right.value.kind === 'number' ? rationalOf(right.value.number) : undefined;
  if (left.value.kind !== 'tensor' || !exponent) {
    t.report.fail(
      'ED3010',
      right.span,
      'a tensor can be raised only to a power that is known at compile time',
      {
        hint: 'for other powers write `exp(exponent * log(base))`',
      },
    );
  }
  const n = toNumber(exponent);
  if (n === 0.5) return t.unary('sqrt', left.value);
  if (n === 1) return left.value;
  if (n === 2) return t.unary('square', left.value);
  if (n === -1) return t.unary('reciprocal', left.value);
  return t.emit('pow', [left.value], { exponent: n });
}

function compare(
  op: string,
  operator: string,
  left: Operand,
  right: Operand,
  t: Tensors,
  shared: Shared,
): TensorValue {
  const [a, b] = [left.value, right.value];
  if (a.kind === 'label' || b.kind === 'label') return compareLabels(op, operator, left, right, t);
  const tensor = ({ value, span }: Operand): TensorValue => {
    // The class that argmax finds compares as a number.
    if (value.kind === 'tensor')
      return value.type.dtype === 'i32' ? t.emit('cast', [value], { dtype: 'f32' }) : value;
    if (value.kind === 'number') return t.constant(shared.scalars.coefficient(value.number));
    return t.report.fail(
      'ED3023',
      span,
      `\`${operator}\` compares tensors and numbers, not ${describe(value)}`,
    );
  };
  if (a.kind === 'number' && b.kind === 'number') {
    t.report.fail(
      'ED3023',
      t.span,
      `\`${operator}\` compares tensors or labels; two numbers are known already`,
      {
        hint: 'a spec has no branches: write the result of the comparison',
      },
    );
  }
  return t.binary(op, tensor(left), tensor(right), [left.span, right.span]);
}

function compareLabels(op: string, operator: string, left: Operand, right: Operand, t: Tensors): TensorValue {
  const [a, b] = [left.value, right.value];
  if (a.kind !== 'label' || b.kind !== 'label') {
    const other = a.kind === 'label' ? right : left;
    t.report.fail(
      'ED3023',
      other.span,
      `a label is compared with a label, not with ${describe(other.value)}`,
      {
        hint: 'to ask for one class, write `label is class_name`',
      },
    );
  }
  if (op !== 'equal' && op !== 'not_equal')
    t.report.fail('ED3023', t.span, `classes have no order, so \`${operator}\` has no meaning`, {
      hint: 'use `==` or `!=`',
    });
  if (a.label.classes.join() !== b.label.classes.join()) {
    t.report.fail('ED3019', t.span, `\`${a.label.name}\` and \`${b.label.name}\` have different classes`, {
      labels: [
        { span: left.span, message: listed(a.label.classes) },
        { span: right.span, message: listed(b.label.classes) },
      ],
      hint: 'labels are compared when their classes are the same, in the same order',
    });
  }
  return t.emit(op, [t.tensor(a.id()), t.tensor(b.id())]);
}

/** `label is class`: whether the class index is that of the name. */
export function isClass(label: LabelValue, index: number, t: Tensors): TensorValue {
  const indices = t.emit('cast', [t.tensor(label.id())], { dtype: 'f32' });
  return t.binary('equal', indices, t.constant(index));
}

export function truth({ value, span }: Operand, operator: string, t: Tensors): TensorValue {
  if (value.kind === 'tensor' && value.type.dtype === 'bool') return value;
  return t.report.fail('ED3023', span, `\`${operator}\` works on conditions, not on ${describe(value)}`, {
    hint: 'a condition is a comparison such as `x > 0`, or `label is class_name`',
  });
}
