/** @file Reductions over axes, counted with batch = 0. A mean is a sum scaled by an exact coefficient. */
import type { OpRule, Vjp } from './rule.js';
import type { Attrs, Shape } from '../graph/graph.js';
import { f32, reduced, total } from './shape.js';

type Context = Parameters<Vjp>[0];

const axesOf = (attrs: Attrs): readonly number[] => attrs['axes'] as readonly number[];

/** The shape of the operand with the reduced axes kept as 1. */
const keptShape = ({ node, builder }: Context): Shape =>
  reduced(builder.type(node.inputs[0]!).shape, axesOf(node.attrs), true);

const kept = (context: Context, value: number): number =>
  context.emit('reshape', [value], { shape: keptShape(context) });

const reduce = (doc: string, vjp: Vjp): OpRule => ({
  doc,
  types: ([x], attrs) => {
    const axes = axesOf(attrs);
    const outside = axes.find((axis) => axis >= x!.shape.length);
    if (outside !== undefined) {
      return {
        message: `there is no axis ${outside}`,
        found: `${x!.shape.length} axes`,
        operand: 0,
        axis: outside,
      };
    }
    return [f32(reduced(x!.shape, axes, attrs['keep'] as boolean))];
  },
  vjp,
  flops: (inputs, _, __, batch) => total(inputs, batch),
});

/** The elements that are the extremum share the gradient equally. */
const shareAmongExtrema: Vjp = (c) => {
  const x = c.node.inputs[0]!;
  const chosen = c.emit('cast', [c.emit('equal', [x, kept(c, c.node.outputs[0]!)])], { dtype: 'f32' });
  const count = c.emit('sum', [chosen], { axes: axesOf(c.node.attrs), keep: true });
  return c.emit('mul', [c.emit('div', [kept(c, c.adjoint), count]), chosen]);
};

export const reductions: Readonly<Record<string, OpRule>> = {
  sum: reduce('The sum over `axes`.', (c) =>
    c.emit('broadcast_to', [kept(c, c.adjoint)], { shape: c.builder.type(c.node.inputs[0]!).shape }),
  ),
  max: reduce('The largest element along `axes`; ties share the gradient.', shareAmongExtrema),
  min: reduce('The smallest element along `axes`; ties share the gradient.', shareAmongExtrema),
  argmax: {
    doc: 'The index of the largest element along `axis`; of equals the lowest.',
    types: ([x], attrs) => {
      const axis = attrs['axis'] as number;
      if (axis >= x!.shape.length) return { message: `there is no axis ${axis}`, operand: 0, axis };
      return [{ dtype: 'i32', shape: reduced(x!.shape, [axis], false) }];
    },
    vjp: { none: 'an index has no derivative' },
    flops: (inputs, _, __, batch) => total(inputs, batch),
  },
};
