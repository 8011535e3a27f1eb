/**
 * @file The two gradients of a convolution as forward convolutions, for engines whose only fast kernel is the forward one.
 *
 * Kernel: dK[p, q, c, o] = Σ x[n, s y + d p - pad, …, c] dy[n, y, …, o] is a convolution of x with dy as its kernel, in which
 * channels play the batch and the batch the channels; stride and dilation change places.
 * Image: for stride 1 a convolution of dy with the kernel turned by 180°. For stride s, row u s + r of the padded gradient
 * meets only the kernel rows r, r + s, …; one convolution per r computes all rows of that phase, with the column phases side
 * by side as channels, so that putting them in place is a reshape.
 */
import type { Dim } from '../graph/graph.js';
import { windowOf } from '../ops/convolution.js';
import type { LegalizationRule } from './target.js';

type Size4 = readonly [Dim, number, number, number];

export const convGradKernel: LegalizationRule = ({ node, inputs, builder, emit }) => {
  const [x, dy] = inputs as [number, number];
  const { stride, pad, dilation } = windowOf(node.attrs);
  const [kh, kw] = node.attrs['shape'] as readonly number[];
  const [, height, width] = builder.type(x).shape as Size4;
  const [, rows, columns] = builder.type(dy).shape as Size4;
  // The convolution below must give exactly kh by kw: rows of x that no window reached are left out.
  const reach = (k: number, out: number, s: number, d: number): number => (out - 1) * s + (k - 1) * d + 1;
  const bottom = reach(kh!, rows, stride[0], dilation[0]) - height - pad[0];
  const right = reach(kw!, columns, stride[1], dilation[1]) - width - pad[2];
  const cropped = cropEnd(emit, x, [height, width], [Math.max(0, -bottom), Math.max(0, -right)]);
  const images = emit('transpose', [cropped], { perm: [3, 1, 2, 0] });
  const kernels = emit('transpose', [dy], { perm: [1, 2, 0, 3] });
  const turned = emit('batch_conv2d', [images, kernels], {
    stride: dilation,
    dilation: stride,
    pad: [pad[0], Math.max(0, bottom), pad[2], Math.max(0, right)],
    shape: [builder.type(x).shape[3]!, kh!, kw!, builder.type(dy).shape[3]!],
  });
  return [emit('transpose', [turned], { perm: [1, 2, 0, 3] })];
};

type Emit = Parameters<LegalizationRule>[0]['emit'];

function cropEnd(
  emit: Emit,
  x: number,
  sizes: readonly [number, number],
  by: readonly [number, number],
): number {
  const rows = by[0] === 0 ? x : emit('slice', [x], { axis: 1, from: 0, to: sizes[0] - by[0] });
  return by[1] === 0 ? rows : emit('slice', [rows], { axis: 2, from: 0, to: sizes[1] - by[1] });
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
