/** @file Elementwise kernels; those of two or three operands broadcast. */
import { number, sizeOf, type Attrs, type Data, type Kernel, type KernelTable, type View } from './kernel.js';

const unary =
  (f: (x: number, attrs: Attrs) => number): Kernel =>
  ([x], [y], attrs) => {
    const [from, to] = [x!.data, y!.data];
    for (let i = 0; i < to.length; i++) to[i] = f(from[i]!, attrs);
  };

/** Reads an operand as if it had the result's shape. */
type Reader = (i: number) => number;

/** How an operand repeats along the result: not at all, as one number, per last axes, per first axes, or in general. */
export function reader({ data, shape }: View, to: readonly number[]): Reader {
  const size = sizeOf(to);
  if (data.length === size) return (i) => data[i]!;
  if (data.length === 1) {
    const value = data[0]!;
    return () => value;
  }
  const padded = [...Array.from({ length: to.length - shape.length }, () => 1), ...shape];
  const first = padded.findIndex((d) => d !== 1);
  const last = padded.findLastIndex((d) => d !== 1);
  const contiguous = padded.slice(first, last + 1).every((d, i) => d === to[first + i]);
  if (contiguous) {
    const inner = sizeOf(to.slice(last + 1));
    const period = data.length;
    if (inner === 1) return (i) => data[i % period]!;
    return (i) => data[Math.floor(i / inner) % period]!;
  }
  return generalReader(data, padded, to);
}

function generalReader(data: Data, shape: readonly number[], to: readonly number[]): Reader {
  const strides: number[] = [];
  let stride = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    strides[k] = shape[k] === 1 ? 0 : stride;
    stride *= shape[k]!;
  }
  return (i) => {
    let rest = i;
    let at = 0;
    for (let k = to.length - 1; k >= 0; k--) {
      at += (rest % to[k]!) * strides[k]!;
      rest = Math.floor(rest / to[k]!);
    }
    return data[at]!;
  };
}

const binary =
  (f: (a: number, b: number) => number): Kernel =>
  ([a, b], [y]) => {
    const to = y!.data;
    const [x, z] = [a!.data, b!.data];
    if (x.length === to.length && z.length === to.length) {
      for (let i = 0; i < to.length; i++) to[i] = f(x[i]!, z[i]!);
      return;
    }
    const [left, right] = [reader(a!, y!.shape), reader(b!, y!.shape)];
    for (let i = 0; i < to.length; i++) to[i] = f(left(i), right(i));
  };

const truth = (f: (a: number, b: number) => boolean): Kernel => binary((a, b) => (f(a, b) ? 1 : 0));

export const elementwise: KernelTable = {
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  square: unary((x) => x * x),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  reciprocal: unary((x) => 1 / x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  relu: unary((x) => (x > 0 ? x : Number.isNaN(x) ? x : 0)),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  tanh: unary(Math.tanh),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  step: unary((x) => (x > 0 ? 1 : Number.isNaN(x) ? x : 0)),
  sign: unary(Math.sign),
  elu: unary((x, attrs) => (x > 0 ? x : number(attrs, 'alpha') * Math.expm1(x))),
  leaky_relu: unary((x, attrs) => (x > 0 ? x : number(attrs, 'slope') * x)),
  clip: unary((x, attrs) => Math.min(Math.max(x, number(attrs, 'from')), number(attrs, 'to'))),
  pow: unary((x, attrs) => x ** number(attrs, 'exponent')),
  not: unary((x) => (x ? 0 : 1)),
  cast: ([x], [y]) => y!.data.set(x!.data),
  scale: ([x], [y], attrs) => {
    const by = number(attrs, 'by');
    const [from, to] = [x!.data, y!.data];
    for (let i = 0; i < to.length; i++) to[i] = from[i]! * by;
  },
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  equal: truth((a, b) => a === b),
  not_equal: truth((a, b) => a !== b),
  less: truth((a, b) => a < b),
  less_equal: truth((a, b) => a <= b),
  greater: truth((a, b) => a > b),
  greater_equal: truth((a, b) => a >= b),
  and: truth((a, b) => a !== 0 && b !== 0),
  or: truth((a, b) => a !== 0 || b !== 0),
  select: ([condition, a, b], [y]) => {
    const to = y!.data;
    const [mask, yes, no] = [reader(condition!, y!.shape), reader(a!, y!.shape), reader(b!, y!.shape)];
    for (let i = 0; i < to.length; i++) to[i] = mask(i) ? yes(i) : no(i);
  },
};
