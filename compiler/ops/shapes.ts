/** @file Operations that move elements without changing them. */
import type { Attrs, Dim, Shape } from '../graph/graph.js';
import { formatType, sameShape } from '../graph/graph.js';
import type { OpRule, Vjp } from './rule.js';
import { broadcast, f32, isProblem } from './shape.js';

type Context = Parameters<Vjp>[0];

const shapeAttr = (attrs: Attrs): Shape => attrs['shape'] as Shape;
const inputShape = ({ node, builder, k }: Context): Shape => builder.type(node.inputs[k]!).shape;
const free: OpRule['flops'] = () => 0;

/** Fixed elements per sample, and whether there is a batch axis. */
function volume(shape: Shape): { readonly batch: boolean; readonly size: number } {
  const size = shape.reduce<number>((n, d) => (d === 'batch' ? n : n * d), 1);
  return { batch: shape.includes('batch'), size };
}

/** Slices every padded axis back. */
function unpad(c: Context): number {
  const before = c.node.attrs['before'] as readonly number[];
  const after = c.node.attrs['after'] as readonly number[];
  const shape = inputShape(c);
  return before.reduce((value, from, axis) => {
    if (from === 0 && after[axis] === 0) return value;
    return c.emit('slice', [value], { axis, from, to: from + (shape[axis] as number) });
  }, c.adjoint);
}

function padBack(c: Context): number {
  const shape = inputShape(c);
  const axis = c.node.attrs['axis'] as number;
  const along = (amount: number): number[] => shape.map((_, i) => (i === axis ? amount : 0));
  const from = c.node.attrs['from'] as number;
  const to = c.node.attrs['to'] as number;
  return c.emit('pad', [c.adjoint], { before: along(from), after: along((shape[axis] as number) - to) });
}

function partOfConcat(c: Context): number {
  const axis = c.node.attrs['axis'] as number;
  const sizeAt = (k: number): number => c.builder.type(c.node.inputs[k]!).shape[axis] as number;
  let from = 0;
  for (let k = 0; k < c.k; k++) from += sizeAt(k);
  return c.emit('slice', [c.adjoint], { axis, from, to: from + sizeAt(c.k) });
}

export const shapes: Readonly<Record<string, OpRule>> = {
  reshape: {
    doc: 'The same elements in another shape; the batch axis stays.',
    types: ([x], attrs) => {
      const to = shapeAttr(attrs);
      const a = volume(x!.shape);
      const b = volume(to);
      if (a.batch !== b.batch || a.size !== b.size) {
        return {
          message: 'the number of elements differs',
          found: formatType(x!),
          expected: formatType(f32(to)),
          operand: 0,
        };
      }
      return [{ dtype: x!.dtype, shape: to }];
    },
    vjp: (c) => c.emit('reshape', [c.adjoint], { shape: inputShape(c) }),
    flops: free,
  },
  broadcast_to: {
    doc: 'Repeats along axes of size 1 and along new leading axes.',
    types: ([x], attrs) => {
      const shape = broadcast(x!.shape, shapeAttr(attrs));
      if (isProblem(shape)) return { ...shape, operand: 0 };
      return [{ dtype: x!.dtype, shape: shapeAttr(attrs) }];
    },
    vjp: (c) => c.emit('sum_to', [c.adjoint], { shape: inputShape(c) }),
    flops: free,
  },
  sum_to: {
    doc: 'Sums over the axes along which a broadcast repeated `shape`.',
    types: ([x], attrs) => {
      const shape = broadcast(x!.shape, shapeAttr(attrs));
      if (isProblem(shape) || !sameShape(shape, x!.shape)) {
        return {
          message: 'it does not broadcast to the operand',
          found: formatType(f32(shapeAttr(attrs))),
          expected: formatType(x!),
          operand: 0,
        };
      }
      return [f32(shapeAttr(attrs))];
    },
    vjp: (c) => c.emit('broadcast_to', [c.adjoint], { shape: inputShape(c) }),
    flops: ([x], _, __, batch) => x!.shape.reduce<number>((n, d) => n * (d === 'batch' ? batch : d), 1),
  },
  transpose: {
    doc: 'Axes in another order.',
    types: ([x], attrs) => {
      const perm = attrs['perm'] as readonly number[];
      const order = [...perm].sort((a, b) => a - b);
      if (perm.length !== x!.shape.length || order.some((axis, i) => axis !== i))
        return { message: `[${perm.join(', ')}] is no order of ${x!.shape.length} axes`, operand: 0 };
      return [{ dtype: x!.dtype, shape: perm.map((i) => x!.shape[i]!) }];
    },
    vjp: (c) => {
      const perm = c.node.attrs['perm'] as readonly number[];
      return c.emit('transpose', [c.adjoint], { perm: perm.map((_, i) => perm.indexOf(i)) });
    },
    flops: free,
  },
  slice: {
    doc: 'The elements from `from` up to but without `to` along `axis`.',
    types: ([x], attrs) => {
      const axis = attrs['axis'] as number;
      const [from, to] = [attrs['from'] as number, attrs['to'] as number];
      const size = x!.shape[axis];
      if (typeof size !== 'number' || from < 0 || to > size || from >= to) {
        return {
          message: `there is nothing from ${from} to ${to}`,
          found: `an axis of ${size ?? 'no'} elements`,
          operand: 0,
          axis,
        };
      }
      return [{ dtype: x!.dtype, shape: x!.shape.map((d, i) => (i === axis ? to - from : d)) }];
    },
    vjp: padBack,
    flops: free,
  },
  concat: {
    doc: 'The operands one after another along `axis`.',
    types: (inputs, attrs) => {
      const axis = attrs['axis'] as number;
      const [first] = inputs;
      let size = 0;
      for (const [operand, { shape }] of inputs.entries()) {
        const wrong =
          shape.length !== first!.shape.length
            ? 0
            : shape.findIndex((d, i) => i !== axis && d !== first!.shape[i]);
        if (shape.length !== first!.shape.length || wrong >= 0) {
          return {
            message: 'only the joined axis may differ',
            found: formatType(inputs[operand]!),
            expected: formatType(first!),
            operand,
            axis: wrong,
          };
        }
        const own = inputs[operand]!.dtype === first!.dtype ? shape[axis] : undefined;
        if (typeof own !== 'number')
          return { message: 'only axes of a fixed size and one element type can be joined', operand, axis };
        size += own;
      }
      return [{ dtype: first!.dtype, shape: first!.shape.map((d, i): Dim => (i === axis ? size : d)) }];
    },
    vjp: partOfConcat,
    flops: free,
  },
  pad: {
    doc: 'Zeros before and after along each axis.',
    types: ([x], attrs) => {
      const before = attrs['before'] as readonly number[];
      const after = attrs['after'] as readonly number[];
      if (before.length !== x!.shape.length || after.length !== x!.shape.length)
        return { message: `padding is given for other than ${x!.shape.length} axes`, operand: 0 };
      return [f32(x!.shape.map((d, i) => (d === 'batch' ? d : d + before[i]! + after[i]!)))];
    },
    vjp: unpad,
    flops: free,
  },
};
