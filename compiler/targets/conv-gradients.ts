/**
 * @file The two gradients of a convolution as forward convolutions, for engines whose only fast kernel is the forward one.
 *
 * Kernel: dK[p, q, c, o] = Σ x[n, s y + d p - pad, …, c] dy[n, y, …, o] is a convolution of x with dy as its kernel, in which
 * channels play the batch and the batch the channels; stride and dilation change places. Large ones go strip by strip, since a kernel
 * beyond the processor's cache takes longer to pack than to multiply.
 * Image: for stride 1 a convolution of dy with the kernel turned by 180°. For stride s, row u s + r of the padded gradient
 * meets only the kernel rows r, r + s, …; one convolution per r computes all rows of that phase, with the column phases side
 * by side as channels, so that putting them in place is a reshape.
 */
import type { Dim } from '../graph/graph.js';
import { windowOf } from '../ops/convolution.js';
import type { LegalizationRule } from './target.js';

type Size4 = readonly [Dim, number, number, number];

/** Numbers per sample in the dy of one strip: about 3 MB for a batch of 64, where the gain is largest. */
const STRIP = 11_264;

export const convGradKernel: LegalizationRule = ({ node, inputs, builder, emit }) => {
  const [x, dy] = inputs as [number, number];
  const { stride, pad, dilation } = windowOf(node.attrs);
  const [kh, kw] = node.attrs['shape'] as readonly number[];
  const [, height, width, channels] = builder.type(x).shape as Size4;
  const [, rows, columns, filters] = builder.type(dy).shape as Size4;
  const images = emit('transpose', [x], { perm: [3, 1, 2, 0] });
  const kernels = emit('transpose', [dy], { perm: [1, 2, 0, 3] });
  const cut = (value: number, axis: number, from: number, to: number): number => {
    const whole = from === 0 && to === builder.type(value).shape[axis];
    return whole ? value : emit('slice', [value], { axis, from, to });
  };
  const across = reach(0, columns, {
    size: width,
    kernel: kw!,
    stride: stride[1],
    dilation: dilation[1],
    pad: pad[2],
  });
  const visible = cut(images, 2, across.from, across.to);
  const perStrip = Math.max(1, Math.floor(STRIP / (columns * filters)));
  const strips: number[] = [];
  for (let first = 0; first < rows; first += perStrip) {
    const end = Math.min(rows, first + perStrip);
    const down = reach(first, end, {
      size: height,
      kernel: kh!,
      stride: stride[0],
      dilation: dilation[0],
      pad: pad[0],
    });
    // A strip that sees nothing but padding adds nothing.
    if (down.from >= down.to) continue;
    strips.push(
      emit('batch_conv2d', [cut(visible, 1, down.from, down.to), cut(kernels, 0, first, end)], {
        stride: dilation,
        dilation: stride,
        pad: [down.before, down.after, across.before, across.after],
        shape: [channels, kh!, kw!, filters],
      }),
    );
  }
  const sum = strips.reduce((a, b) => emit('add', [a, b]));
  return [emit('transpose', [sum], { perm: [1, 2, 0, 3] })];
};

/** The pixels along one axis that results `first` to `end` are computed from, and how many lie before and after the image. */
function reach(
  first: number,
  end: number,
  axis: {
    readonly size: number;
    readonly kernel: number;
    readonly stride: number;
    readonly dilation: number;
    readonly pad: number;
  },
): { readonly from: number; readonly to: number; readonly before: number; readonly after: number } {
  const start = first * axis.stride - axis.pad;
  const stop = (end - 1) * axis.stride + (axis.kernel - 1) * axis.dilation - axis.pad + 1;
  return {
    from: Math.max(0, start),
    to: Math.min(axis.size, stop),
    before: Math.max(0, -start),
    after: Math.max(0, stop - axis.size),
  };
}

export const convGradInput: LegalizationRule = (context) => {
  const { stride, dilation } = windowOf(context.node.attrs);
  if (stride[0] === 1 && stride[1] === 1) return turnedKernel(context);
  // No spec of the zoo has both; the plain loops of the own kernel serve.
  if (dilation[0] !== 1 || dilation[1] !== 1) return undefined;
  return byPhases(context);
};

function turnedKernel({
  node,
  inputs,
  builder,
  emit,
}: Parameters<LegalizationRule>[0]): readonly number[] | undefined {
  const [dy, kernel] = inputs as [number, number];
  const { pad, dilation } = windowOf(node.attrs);
  const [kh, kw] = builder.type(kernel).shape as readonly number[];
  const before = (k: number, p: number, d: number): number => d * (k - 1) - p;
  const sides = [
    before(kh!, pad[0], dilation[0]),
    before(kh!, pad[1], dilation[0]),
    before(kw!, pad[2], dilation[1]),
    before(kw!, pad[3], dilation[1]),
  ];
  if (sides.some((side) => side < 0)) return undefined;
  const turned = emit('adjoint_kernel', [kernel], { stride: [1, 1], phase: 0 });
  return [emit('conv2d', [dy, turned], { stride: [1, 1], dilation, pad: sides })];
}

function byPhases({ node, inputs, builder, emit }: Parameters<LegalizationRule>[0]): readonly number[] {
  const [dy, kernel] = inputs as [number, number];
  const { stride, pad } = windowOf(node.attrs);
  const [batch, height, width, channels] = node.attrs['shape'] as unknown as Size4;
  const [, rows, columns] = builder.type(dy).shape as Size4;
  const [kh, kw] = builder.type(kernel).shape as readonly number[];
  const [taps, tapsAcross] = [Math.ceil(kh! / stride[0]), Math.ceil(kw! / stride[1])];
  // Rows and columns of each phase: enough for the image with its padding and for every row of dy.
  const u = Math.max(Math.floor((height - 1 + pad[0]) / stride[0]) + 1, rows);
  const v = Math.max(Math.floor((width - 1 + pad[2]) / stride[1]) + 1, columns);
  const phases = Array.from({ length: stride[0] }, (_, phase) => {
    const part = emit('adjoint_kernel', [kernel], { stride, phase });
    const y = emit('conv2d', [dy, part], {
      stride: [1, 1],
      dilation: [1, 1],
      pad: [taps - 1, u - rows, tapsAcross - 1, v - columns],
    });
    return emit('reshape', [y], { shape: [batch, u, v * stride[1] * channels] });
  });
  const together = phases.length === 1 ? phases[0]! : emit('concat', phases, { axis: 2 });
  const full = emit('reshape', [together], { shape: [batch, u * stride[0], v * stride[1], channels] });
  const cut = emit('slice', [full], { axis: 1, from: pad[0], to: pad[0] + height });
  return [emit('slice', [cut], { axis: 2, from: pad[2], to: pad[2] + width })];
}
