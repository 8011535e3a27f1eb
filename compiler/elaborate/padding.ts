/** @file The argument `pad` of convolutions and pools: a number per axis, or a rule that finds it from the sizes. */
import { WHOLE } from '../scalar/ranges.js';
import type { Arguments } from './arguments.js';

type Two = readonly [number, number];

/** Rows above and below, columns left and right. */
export type Pad = readonly [top: number, bottom: number, left: number, right: number];

export interface Extent {
  readonly kernel: Two;
  readonly stride: Two;
  readonly dilation: Two;
}

/** The padding of an image of a given size. The argument is read, and checked, now. */
export function padOf(args: Arguments, extent: Extent): (height: number, width: number) => Pad {
  switch (args.word('pad', ['half', 'same'])) {
    case 'same':
      return (height, width) => [...sameAlong(0, height, extent), ...sameAlong(1, width, extent)];
    case 'half': {
      const [rows, columns] = halfOf(args, extent);
      return () => [rows, rows, columns, columns];
    }
    default: {
      const [rows, columns] = args.pair('pad', WHOLE);
      return () => [rows, rows, columns, columns];
    }
  }
}

/** Dilation (kernel - 1) / 2 on each side: with stride 1 the size stays. */
function halfOf(args: Arguments, { kernel, dilation }: Extent): Two {
  if (kernel.some((k) => k % 2 === 0)) {
    const number = `a number for \`pad\`, or \`pad: same\``;
    args.report.fail(
      'ED3009',
      args.spanOf('kernel'),
      `an even kernel has no half: \`${args.name}\` needs ${number}`,
      { hint: `write, for example, \`pad: ${Math.floor((kernel[0] - 1) / 2)}\`` },
    );
  }
  return kernel.map((k, i) => (dilation[i]! * (k - 1)) / 2) as [number, number];
}

/** TensorFlow's rule: ceil(size / stride) results, with the odd row or column of padding after the image. */
function sameAlong(axis: 0 | 1, size: number, { kernel, stride, dilation }: Extent): Two {
  const results = Math.ceil(size / stride[axis]);
  const reach = (results - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
  const total = Math.max(0, reach - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
