/** @file Elementwise operations, with broadcasting for those of two operands. */
import { sameShape, type DType, type Shape, type Type } from '../graph/graph.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { OpRule, Problem, Vjp } from './rule.js';
import { broadcast, f32, isProblem, total } from './shape.js';

type Context = Parameters<Vjp>[0];

/** The adjoint summed back to the operand's own shape where it was broadcast. */
function toOperand({ node, k, builder, emit }: Context, adjoint: number): number {
  const { shape } = builder.type(node.inputs[k]!);
  return sameShape(builder.type(adjoint).shape, shape) ? adjoint : emit('sum_to', [adjoint], { shape });
}

const flops: OpRule['flops'] = (_, outputs, __, batch) => total(outputs, batch);

function wrongType(op: string, k: number, found: Type, expected: DType): Problem {
  return { message: `${op} needs ${expected} operands`, found: found.dtype, expected, operand: k };
}

function unary(doc: string, vjp: OpRule['vjp'], dtype: DType = 'f32'): OpRule {
  return {
    doc,
    types: ([x]) => (x!.dtype === dtype ? [x!] : wrongType('this operation', 0, x!, dtype)),
    vjp,
    flops,
  };
}

/** d out / d x = `slope`, a value derived from the operand x and the result y. */
const times =
  (slope: (context: Context, x: number, y: number) => number): Vjp =>
  (context) => {
    const { node, adjoint, emit } = context;
    return emit('mul', [adjoint, slope(context, node.inputs[0]!, node.outputs[0]!)]);
  };

const one = ({ emit }: Context): number => emit('constant', [], { value: C.ONE });

function binary(
  doc: string,
  vjp: OpRule['vjp'],
  result: DType = 'f32',
  operands: readonly DType[] = ['f32'],
): OpRule {
  return {
    doc,
    types: ([a, b]) => {
      for (const [k, type] of [a!, b!].entries())
        if (!operands.includes(type.dtype)) return wrongType('this operation', k, type, operands[0]!);
      if (a!.dtype !== b!.dtype) return wrongType('this operation', 1, b!, a!.dtype);
      const shape = broadcast(a!.shape, b!.shape);
      return isProblem(shape) ? shape : [{ dtype: result, shape }];
    },
    vjp,
    flops,
  };
}

const STEPWISE = { none: 'its result changes in jumps' } as const;

const compare = (doc: string): OpRule => binary(doc, STEPWISE, 'bool', ['f32', 'i32', 'bool']);
const logical = (doc: string): OpRule => binary(doc, STEPWISE, 'bool', ['bool']);

/** Shares of a tie: both operands of maximum and minimum get half where they are equal, as the mean of the one-sided slopes. */
const extremum =
  (first: 'greater' | 'less'): Vjp =>
  (context) => {
    const { node, k, adjoint, emit } = context;
    const [a, b] = node.inputs as [number, number];
    const wins = emit('cast', [emit(first, k === 0 ? [a, b] : [b, a])], { dtype: 'f32' });
    const ties = emit('scale', [emit('cast', [emit('equal', [a, b])], { dtype: 'f32' })], {
      by: C.exactly(1, 2),
    });
    return toOperand(context, emit('mul', [adjoint, emit('add', [wins, ties])]));
  };

export const elementwise: Readonly<Record<string, OpRule>> = {
  neg: unary('-x', ({ adjoint, emit }) => emit('neg', [adjoint])),
  abs: unary(
    '|x|',
    times(({ emit }, x) => emit('sign', [x])),
  ),
  square: unary(
    'x²',
    times(({ emit }, x) => emit('scale', [x], { by: C.exactly(2) })),
  ),
  sqrt: unary('√x', ({ node, adjoint, emit }) =>
    emit('div', [adjoint, emit('scale', [node.outputs[0]!], { by: C.exactly(2) })]),
  ),
  rsqrt: unary(
    '1/√x',
    times(({ emit }, _, y) =>
      emit('scale', [emit('mul', [y, emit('square', [y])])], { by: C.exactly(-1, 2) }),
    ),
  ),
  reciprocal: unary(
    '1/x',
    times(({ emit }, _, y) => emit('neg', [emit('square', [y])])),
  ),
  exp: unary(
    'eˣ',
    times((_, __, y) => y),
  ),
  log: unary('natural logarithm', ({ node, adjoint, emit }) => emit('div', [adjoint, node.inputs[0]!])),
  relu: unary(
    'max(x, 0)',
    times(({ emit }, x) => emit('step', [x])),
  ),
  sigmoid: unary(
    '1 / (1 + e⁻ˣ)',
    times((c, _, y) => c.emit('mul', [y, c.emit('sub', [one(c), y])])),
  ),
  tanh: unary(
    'hyperbolic tangent',
    times((c, _, y) => c.emit('sub', [one(c), c.emit('square', [y])])),
  ),
  softplus: unary(
    'log(1 + eˣ), without overflow',
    times(({ emit }, x) => emit('sigmoid', [x])),
  ),
  step: unary('1 where x > 0, else 0', STEPWISE),
  sign: unary('-1, 0 or 1', STEPWISE),
  elu: unary(
    'x where x > 0, else α(eˣ - 1)',
    times((c, x, y) => {
      // On the negative side the slope is y + α; there x ≤ 0 and step(x) = 0.
      const positive = c.emit('step', [x]);
      const alpha = c.emit('constant', [], { value: C.fromNumber(c.node.attrs['alpha'] as number) });
      const negative = c.emit('mul', [c.emit('sub', [one(c), positive]), c.emit('add', [y, alpha])]);
      return c.emit('add', [positive, negative]);
    }),
  ),
  leaky_relu: unary(
    'x where x > 0, else slope × x',
    times((c, x) => {
      const slope = c.node.attrs['slope'] as number;
      const scaled = c.emit('scale', [c.emit('step', [x])], { by: C.fromNumber(1 - slope) });
      return c.emit('add', [scaled, c.emit('constant', [], { value: C.fromNumber(slope) })]);
    }),
  ),
  clip: unary(
    'x limited to [from, to]',
    times((c, x) => {
      const bound = (name: string): number =>
        c.emit('constant', [], { value: C.fromNumber(c.node.attrs[name] as number) });
      const inside = c.emit('and', [
        c.emit('greater_equal', [x, bound('from')]),
        c.emit('less_equal', [x, bound('to')]),
      ]);
      return c.emit('cast', [inside], { dtype: 'f32' });
    }),
  ),
  pow: unary(
    'x to a fixed exponent',
    times(({ node, emit }, x) => {
      const exponent = node.attrs['exponent'] as number;
      return emit('scale', [emit('pow', [x], { exponent: exponent - 1 })], { by: C.fromNumber(exponent) });
    }),
  ),
  not: unary('logical not', STEPWISE, 'bool'),
  cast: {
    doc: 'Another element type; true is 1.',
    types: ([x], attrs) => [{ dtype: attrs['dtype'] as DType, shape: x!.shape }],
    vjp: { none: 'truth values and class indices have no derivative' },
    flops,
  },
  scale: unary('x times an exact coefficient', ({ node, adjoint, emit }) =>
    emit('scale', [adjoint], { by: node.attrs['by'] as Coefficient }),
  ),
  mix: unary('An adjoint times an exact coefficient, where the carriers change.', {
    none: 'it stands only in differentiated graphs',
  }),
  stop: {
    doc: 'Its operand; no gradient passes.',
    types: ([x]) => [x!],
    vjp: { none: 'it was written to stop the gradient' },
    closed: [0],
    flops: () => 0,
  },

  add: binary('a + b', (c) => toOperand(c, c.adjoint)),
  sub: binary('a - b', (c) => toOperand(c, c.k === 0 ? c.adjoint : c.emit('neg', [c.adjoint]))),
  mul: binary('a × b', (c) => toOperand(c, c.emit('mul', [c.adjoint, c.node.inputs[1 - c.k]!]))),
  div: binary('a / b', (c) => {
    const [, b] = c.node.inputs as [number, number];
    const quotient = c.emit('div', [c.adjoint, b]);
    return toOperand(
      c,
      c.k === 0 ? quotient : c.emit('neg', [c.emit('mul', [quotient, c.node.outputs[0]!])]),
    );
  }),
  maximum: binary('the larger; ties share the gradient', extremum('greater')),
  minimum: binary('the smaller; ties share the gradient', extremum('less')),
  equal: compare('a = b'),
  not_equal: compare('a ≠ b'),
  less: compare('a < b'),
  less_equal: compare('a ≤ b'),
  greater: compare('a > b'),
  greater_equal: compare('a ≥ b'),
  and: logical('a and b'),
  or: logical('a or b'),
  select: {
    doc: 'a where the condition holds, else b; the side not taken gets exactly nothing, NaN or not.',
    types: ([condition, a, b]) => {
      if (condition!.dtype !== 'bool') return wrongType('select', 0, condition!, 'bool');
      const shape = selectShape([condition!, a!, b!]);
      return isProblem(shape) ? shape : [f32(shape)];
    },
    vjp: (c) => {
      const condition = c.node.inputs[0]!;
      const zero = c.emit('constant', [], { value: C.ZERO });
      return toOperand(
        c,
        c.emit('select', c.k === 1 ? [condition, c.adjoint, zero] : [condition, zero, c.adjoint]),
      );
    },
    closed: [0],
    flops,
  },
};

function selectShape([condition, a, b]: readonly Type[]): Shape | Problem {
  const values = broadcast(a!.shape, b!.shape);
  if (isProblem(values)) return { ...values, operand: 2 };
  const all = broadcast(values, condition!.shape);
  return isProblem(all) ? { ...all, operand: 0 } : all;
}
