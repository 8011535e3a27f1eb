/** @file Convolutions and their adjoints, which are convolutions again and so have derivatives of their own. Images are [batch, height, width, channels]. */
import type { Attrs, Dim, Shape, Type } from '../graph/graph.js';
import { formatType } from '../graph/graph.js';
import type { OpRule, Problem, Vjp } from './rule.js';
import { elements, f32, otherShape } from './shape.js';

interface Window {
  readonly stride: readonly [number, number];
  /** Rows above and below, columns left and right. */
  readonly pad: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
}

export function windowOf(attrs: Attrs): Window {
  return { stride: attrs['stride'], pad: attrs['pad'], dilation: attrs['dilation'] } as unknown as Window;
}

/** floor((in + pad - dilation (kernel - 1) - 1) / stride) + 1 */
export function outputSize(size: number, kernel: number, pad: number, stride: number, dilation = 1): number {
  return Math.floor((size + pad - dilation * (kernel - 1) - 1) / stride) + 1;
}

function outputShape(x: Shape, kernel: Shape, attrs: Attrs, filters: Dim): Shape | Problem {
  const { stride, pad, dilation } = windowOf(attrs);
  const [kh, kw] = kernel as readonly number[];
  const height = outputSize(x[1] as number, kh!, pad[0] + pad[1], stride[0], dilation[0]);
  const width = outputSize(x[2] as number, kw!, pad[2] + pad[3], stride[1], dilation[1]);
  if (height < 1 || width < 1) {
    return {
      message: `a kernel of ${kh} by ${kw} does not fit into ${x[1]} by ${x[2]}`,
      found: `[${x.join(', ')}]`,
      operand: 0,
      axis: height < 1 ? 1 : 2,
    };
  }
  return [x[0]!, height, width, filters];
}

function checkImage(x: Type, channels: Dim): Problem | undefined {
  if (x.shape.length !== 4) {
    return {
      message: 'a convolution needs an image',
      found: formatType(x),
      expected: 'f32[batch, height, width, channels]',
      operand: 0,
    };
  }
  if (x.shape[3] !== channels) {
    return {
      message: `${x.shape[3]} channels meet a kernel for ${channels}`,
      found: formatType(x),
      expected: `${channels} channels`,
      operand: 0,
      axis: 3,
    };
  }
  return undefined;
}

const shapeOf = ({ node, k, builder }: Parameters<Vjp>[0]): Shape => builder.type(node.inputs[k]!).shape;
const windowAttrs = ({ stride, pad, dilation }: Attrs): Attrs => ({
  stride: stride!,
  pad: pad!,
  dilation: dilation!,
});

/** Multiplications and additions of every output element, one per kernel element that meets it. */
const convFlops = (kernel: Type, result: Type, batch: number): number =>
  (2 * elements(result, batch) * elements(kernel, batch)) / (kernel.shape[3] as number);

const LEGALIZED = { none: 'it stands only in graphs made for an engine' } as const;

/** conv2d(x, kernel), its adjoint in x and its adjoint in the kernel: each one's derivatives are the other two. */
function family(
  name: string,
  filtersOf: (kernel: Shape) => Dim,
  channelsAxis: number,
): Record<string, OpRule> {
  const gradInput = `${name}_grad_input`;
  const gradKernel = `${name}_grad_kernel`;
  const forward: OpRule['types'] = ([x, kernel], attrs) => {
    const wrong = checkImage(x!, kernel!.shape[channelsAxis]!);
    if (wrong) return wrong;
    const shape = outputShape(x!.shape, kernel!.shape, attrs, filtersOf(kernel!.shape));
    return 'message' in shape ? shape : [f32(shape)];
  };
  /** The adjoint has the shape of what the convolution of this image and kernel gives. */
  const adjointOf = (
    x: Type,
    kernel: Type,
    dy: Type,
    attrs: Attrs,
    operand: number,
    result: Type,
  ): ReturnType<OpRule['types']> => {
    const made = forward([x, kernel], attrs);
    return 'message' in made ? made : (otherShape(dy, made[0]!.shape, operand) ?? [result]);
  };
  const given = (attrs: Attrs): Type => f32(attrs['shape'] as Shape);
  return {
    [name]: {
      doc: 'Slides the kernel over the image.',
      types: forward,
      vjp: (c) => {
        const [x, kernel] = c.node.inputs as [number, number];
        const attrs = { ...windowAttrs(c.node.attrs), shape: shapeOf(c) };
        return c.k === 0
          ? c.emit(gradInput, [c.adjoint, kernel], attrs)
          : c.emit(gradKernel, [x, c.adjoint], attrs);
      },
      flops: ([, kernel], [y], __, batch) => convFlops(kernel!, y!, batch),
    },
    [gradInput]: {
      doc: 'The adjoint of the convolution in its image; as a layer, the transposed convolution.',
      types: ([dy, kernel], attrs) => adjointOf(given(attrs), kernel!, dy!, attrs, 0, given(attrs)),
      vjp: (c) => {
        const [dy, kernel] = c.node.inputs as [number, number];
        const attrs = windowAttrs(c.node.attrs);
        return c.k === 0
          ? c.emit(name, [c.adjoint, kernel], attrs)
          : c.emit(gradKernel, [c.adjoint, dy], { ...attrs, shape: shapeOf(c) });
      },
      flops: ([dy, kernel], _, __, batch) => convFlops(kernel!, dy!, batch),
    },
    [gradKernel]: {
      doc: 'The adjoint of the convolution in its kernel.',
      types: ([x, dy], attrs) => adjointOf(x!, given(attrs), dy!, attrs, 1, given(attrs)),
      vjp: (c) => {
        const [x, dy] = c.node.inputs as [number, number];
        const attrs = windowAttrs(c.node.attrs);
        return c.k === 0
          ? c.emit(gradInput, [dy, c.adjoint], { ...attrs, shape: shapeOf(c) })
          : c.emit(name, [x, c.adjoint], attrs);
      },
      flops: ([, dy], [kernel], __, batch) => convFlops(kernel!, dy!, batch),
    },
  };
}

/** Operations that only legalization introduces; they are never differentiated. */
const introduced: Record<string, OpRule> = {
  batch_conv2d: {
    doc: 'conv2d with the batch in the place of the channels: images [channels, height, width, batch], kernels [h, w, batch, filters].',
    types: (_, attrs) => [f32(attrs['shape'] as Shape)],
    vjp: LEGALIZED,
    flops: ([, kernels], [y], __, batch) => convFlops(kernels!, y!, batch),
  },
  adjoint_kernel: {
    doc: 'The kernel rows of one stride phase, turned by 180°, with image and filter channels exchanged and the column phases side by side.',
    types: ([kernel], attrs) => {
      const [kh, kw, channels, filters] = kernel!.shape as readonly number[];
      const [sh, sw] = attrs['stride'] as readonly [number, number];
      return [f32([Math.ceil(kh! / sh), Math.ceil(kw! / sw), filters!, sw * channels!])];
    },
    vjp: LEGALIZED,
    flops: () => 0,
  },
};

export const convolution: Readonly<Record<string, OpRule>> = {
  ...introduced,
  ...family('conv2d', (kernel) => kernel[3]!, 2),
  ...family('depthwise_conv2d', (kernel) => kernel[2]!, 2),
};
