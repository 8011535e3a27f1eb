/** @file Pooling and resizing of images [batch, height, width, channels]. */
import type { Attrs, Shape, Type } from '../graph/graph.js';
import { formatType } from '../graph/graph.js';
import { outputSize } from './convolution.js';
import type { OpRule, Problem } from './rule.js';
import { elements, f32, otherShape, total } from './shape.js';

const image = (x: Type): Problem | undefined =>
  x.shape.length === 4
    ? undefined
    : {
        message: 'this needs an image',
        found: formatType(x),
        expected: 'f32[batch, height, width, channels]',
        operand: 0,
      };

const pooled: OpRule['types'] = ([x], attrs) => {
  const wrong = image(x!);
  if (wrong) return wrong;
  const size = attrs['size'] as readonly [number, number];
  const stride = attrs['stride'] as readonly [number, number];
  const [top, bottom, left, right] = attrs['pad'] as readonly [number, number, number, number];
  const [batch, h, w, channels] = x!.shape as readonly [Shape[0], number, number, number];
  const height = outputSize(h, size[0], top + bottom, stride[0]);
  const width = outputSize(w, size[1], left + right, stride[1]);
  if (height < 1 || width < 1) {
    return {
      message: `a window of ${size[0]} by ${size[1]} does not fit into ${h} by ${w}`,
      found: formatType(x!),
      operand: 0,
      axis: height < 1 ? 1 : 2,
    };
  }
  return [f32([batch!, height, width, channels])];
};

const windowSize = (attrs: Attrs): number => (attrs['size'] as readonly number[]).reduce((a, b) => a * b, 1);
/** The image that `forward` made the operand from. */
const given =
  (forward: OpRule['types']): OpRule['types'] =>
  ([dy], attrs) => {
    const image = f32(attrs['shape'] as Shape);
    const made = forward([image], attrs);
    return 'message' in made ? made : (otherShape(dy!, made[0]!.shape, 0) ?? [image]);
  };
const perResult: OpRule['flops'] = (_, outputs, attrs, batch) => total(outputs, batch) * windowSize(attrs);

export const pooling: Readonly<Record<string, OpRule>> = {
  max_pool: {
    doc: 'The largest element of each window; padding never wins.',
    types: pooled,
    vjp: ({ node, adjoint, emit }) =>
      emit('max_pool_grad', [adjoint, node.inputs[0]!, node.outputs[0]!], node.attrs),
    flops: perResult,
  },
  max_pool_grad: {
    doc: 'The adjoint of max_pool from (dy, x, y); of equal elements the first gets it.',
    types: ([dy, x, y]) => otherShape(dy!, y!.shape, 0) ?? [x!],
    vjp: { none: 'which element is largest changes in jumps' },
    flops: ([dy], _, attrs, batch) => elements(dy!, batch) * windowSize(attrs),
  },
  avg_pool: {
    doc: 'The mean of each window, padding left out.',
    types: pooled,
    vjp: ({ node, adjoint, builder, emit }) =>
      emit('avg_pool_grad', [adjoint], { ...node.attrs, shape: builder.type(node.inputs[0]!).shape }),
    flops: perResult,
  },
  avg_pool_grad: {
    doc: 'The adjoint of avg_pool.',
    types: given(pooled),
    vjp: ({ node, adjoint, emit }) => {
      const { size, stride, pad } = node.attrs;
      return emit('avg_pool', [adjoint], { size: size!, stride: stride!, pad: pad! });
    },
    flops: ([dy], _, attrs, batch) => elements(dy!, batch) * windowSize(attrs),
  },
  resize: {
    doc: 'Another height and width by interpolation between pixel centres.',
    types: ([x], attrs) =>
      image(x!) ?? [f32([x!.shape[0]!, attrs['height'] as number, attrs['width'] as number, x!.shape[3]!])],
    vjp: ({ node, adjoint, builder, emit }) =>
      emit('resize_grad', [adjoint], {
        method: node.attrs['method']!,
        shape: builder.type(node.inputs[0]!).shape,
      }),
    flops: (_, outputs, __, batch) => 8 * total(outputs, batch),
  },
  resize_grad: {
    doc: 'The adjoint of resize.',
    types: ([dy], attrs) => image(dy!) ?? [f32(attrs['shape'] as Shape)],
    vjp: ({ node, adjoint, builder, emit }) => {
      const [, height, width] = builder.type(node.inputs[0]!).shape as readonly number[];
      return emit('resize', [adjoint], { height: height!, width: width!, method: node.attrs['method']! });
    },
    flops: (inputs, _, __, batch) => 8 * total(inputs, batch),
  },
};
