/**
 * @file Convolutions and their gradients. The library chooses the layouts of images and kernels, and the next kernel takes the image
 * as it is. 3×3 convolutions of stride 1 use Winograd's algorithm (Lavin and Gray 2016) where the library has it.
 */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.js';
import type { OneDnnBackend } from '../backend.js';
import {
  ARG,
  DnnlError,
  QUERY,
  type ConvolutionAlgorithm,
  type Description,
  type Pointer,
  type Window,
} from '../dnnl.js';
import type { Layout } from '../layouts.js';
import type { Primitive } from '../primitive.js';
import { hasNumbers, isFloat, numbersOf, type Call, type NativeKernels } from './kernel.js';

interface Geometry {
  /** [batch, height, width, channels] of the image. */
  readonly image: readonly number[];
  /** [rows, columns, channels, filters or multiplier] of the kernel. */
  readonly kernel: readonly number[];
  /** [batch, rows, columns, filters] of the result. */
  readonly result: readonly number[];
  readonly window: Window;
  /** Each channel is filtered alone. */
  readonly depthwise: boolean;
}

interface Prepared {
  readonly primitive: Primitive;
  /** In the order in which the primitive takes its operands: two inputs and the result. */
  readonly layouts: readonly [Layout, Layout, Layout];
}

type Direction = 'forward' | 'gradInput' | 'gradKernel';

/**
 * Winograd's algorithm may work in so many times the memory of its operands. The gradient of a kernel with many channels wants a
 * transformed kernel per thread: 11 times for 16 images of 7×6 with 256 channels and two threads.
 */
const MOST_SCRATCH = 16;

/** For each direction: operands of the primitive, and where its descriptor tells their layouts. */
const OPERANDS = {
  forward: [
    [ARG.src, QUERY.src],
    [ARG.weights, QUERY.weights],
    [ARG.dst, QUERY.dst],
  ],
  gradInput: [
    [ARG.diffDst, QUERY.diffDst],
    [ARG.weights, QUERY.weights],
    [ARG.diffSrc, QUERY.diffSrc],
  ],
  gradKernel: [
    [ARG.src, QUERY.src],
    [ARG.diffDst, QUERY.diffDst],
    [ARG.diffWeights, QUERY.diffWeights],
  ],
} as const;

function prepare(backend: OneDnnBackend, direction: Direction, geometry: Geometry): Prepared {
  const { image, kernel, result, window, depthwise } = geometry;
  const key = `conv ${direction} ${depthwise} ${image.join()} ${kernel.join()} ${result.join()} ${window.strides.join()} ${window.dilations.join()} ${window.before.join()} ${window.after.join()}`;
  return backend.prepared(key, () => {
    const { layouts } = backend;
    const x = layouts.image(image);
    const w = depthwise ? layouts.depthwiseFilter(kernel) : layouts.filter(kernel);
    const y = layouts.image(result);
    const descriptor = describe(backend, direction, [x, w, y], geometry);
    const implementation = backend.dnnl.implementationOf(descriptor);
    if (implementation.startsWith('ref')) {
      backend.dnnl.destroy('primitive_desc', descriptor);
      throw new EngineError(
        `oneDNN has only its slow reference implementation (${implementation}) for a convolution of [${image.join(', ')}] with [${kernel.join(', ')}], stride ${window.strides.join(' by ')}; use --engine wasm`,
      );
    }
    const plain = { forward: [x, w, y], gradInput: [y, w, x], gradKernel: [x, y, w] }[direction];
    const chosen = OPERANDS[direction].map(([, query], i) =>
      layouts.chosen(backend.dnnl.layoutIn(descriptor, query), plain[i]!),
    ) as unknown as Prepared['layouts'];
    const primitive = backend.primitive(
      descriptor,
      OPERANDS[direction].map(([argument], i) => [argument, chosen[i]!] as const),
    );
    return { primitive, layouts: chosen };
  });
}

/** Gradients of a convolution are asked for together with the convolution they belong to. */
function describe(
  { dnnl }: OneDnnBackend,
  direction: Direction,
  plain: readonly [Layout, Layout, Layout],
  { kernel, window }: Geometry,
): Pointer {
  const [src, weights, dst] = plain.map(({ dims }) => dnnl.describe(dims)) as [
    Description,
    Description,
    Description,
  ];
  const make = (algorithm: ConvolutionAlgorithm): Pointer => {
    const forward = dnnl.convolution(algorithm, { src, weights, dst }, window);
    if (direction === 'forward') return forward;
    try {
      return direction === 'gradInput'
        ? dnnl.convolutionGradInput(algorithm, { diffSrc: src, weights, diffDst: dst }, window, forward)
        : dnnl.convolutionGradKernel(algorithm, { src, diffWeights: weights, diffDst: dst }, window, forward);
    } finally {
      dnnl.destroy('primitive_desc', forward);
    }
  };
  const is = (numbers: readonly number[], n: number): boolean => numbers.every((d) => d === n);
  try {
    if (is(kernel.slice(0, 2), 3) && is(window.strides, 1) && is(window.dilations, 0)) {
      try {
        const winograd = make('winograd');
        const scratch = dnnl.sizeOf(dnnl.layoutIn(winograd, QUERY.scratchpad));
        if (scratch <= MOST_SCRATCH * plain.reduce((sum, { bytes }) => sum + bytes, 0)) return winograd;
        dnnl.destroy('primitive_desc', winograd);
      } catch (error) {
        if (!(error instanceof DnnlError && error.unimplemented)) throw error;
      }
    }
    return make('direct');
  } finally {
    for (const description of [src, weights, dst]) dnnl.forget(description);
  }
}

function run(
  backend: OneDnnBackend,
  direction: Direction,
  geometry: Geometry,
  [a, b]: readonly [TensorInfo, TensorInfo],
): TensorInfo {
  const { primitive, layouts } = prepare(backend, direction, geometry);
  const shape = {
    forward: geometry.result,
    gradInput: geometry.image,
    gradKernel: geometry.kernel,
  }[direction];
  const [first, second] = [backend.in(a, layouts[0]), backend.in(b, layouts[1])];
  const { info, at } = backend.make(shape, layouts[2]);
  primitive.run(first, second, at);
  return info;
}

/** This project's own attributes: stride, dilation, and pad as [top, bottom, left, right]. */
function windowOf(attrs: Call['attrs']): Window {
  const [top, bottom, left, right] = numbersOf(attrs, 'pad');
  return {
    strides: numbersOf(attrs, 'stride'),
    dilations: numbersOf(attrs, 'dilation').map((d) => d - 1),
    before: [top!, left!],
    after: [bottom!, right!],
  };
}

const ownGradient =
  (direction: 'gradInput' | 'gradKernel', depthwise = false) =>
  ({ inputs, attrs, backend }: Call): TensorInfo | undefined => {
    const [a, b] = [inputs['0']!, inputs['1']!];
    if (!hasNumbers(a, b)) return undefined;
    const given = numbersOf(attrs, 'shape');
    const [image, kernel, result] =
      direction === 'gradInput' ? [given, b.shape, a.shape] : [a.shape, given, b.shape];
    return run(backend, direction, { image, kernel, result, window: windowOf(attrs), depthwise }, [a, b]);
  };

type Info = backend_util.Conv2DInfo;

function geometryOf(info: Info, depthwise: boolean): Geometry {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
  return {
    image: [batchSize, inHeight, inWidth, inChannels],
    kernel: [
      info.filterHeight,
      info.filterWidth,
      inChannels,
      depthwise ? outChannels / inChannels : outChannels,
    ],
    result: [batchSize, outHeight, outWidth, outChannels],
    window: {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight - 1, info.dilationWidth - 1],
      before: [padInfo.top, padInfo.left],
      after: reach(info),
    },
    depthwise,
  };
}

/** The padding below and to the right that the last position of the window needs; tfjs may tell more. */
function reach(info: Info): readonly number[] {
  const after = (image: number, result: number, stride: number, extent: number, before: number): number =>
    (result - 1) * stride + extent - before - image;
  return [
    after(info.inHeight, info.outHeight, info.strideHeight, info.effectiveFilterHeight, info.padInfo.top),
    after(info.inWidth, info.outWidth, info.strideWidth, info.effectiveFilterWidth, info.padInfo.left),
  ];
}

type Size4 = [number, number, number, number];

/** From the attributes of a tfjs kernel; undefined for what the library is not asked to do. */
function tfjsGeometry(
  attrs: Call['attrs'],
  image: readonly number[],
  kernel: readonly number[],
  depthwise = false,
): Geometry | undefined {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attrs as unknown as {
    strides: number | [number, number];
    pad: 'same' | 'valid' | number;
    dataFormat?: 'NHWC' | 'NCHW';
    dilations?: number | [number, number];
    dimRoundingMode?: 'floor';
  };
  if (dataFormat === 'NCHW') return undefined;
  const info = backend_util.computeConv2DInfo(
    image as Size4,
    kernel as Size4,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return info.inChannels === kernel[2] ? geometryOf(info, depthwise) : undefined;
}

const tfjs =
  (direction: Direction, names: readonly [string, string], given?: string, depthwise = false) =>
  ({ inputs, attrs, backend }: Call): TensorInfo | undefined => {
    const [a, b] = [inputs[names[0]]!, inputs[names[1]]!];
    if (!isFloat(a, b) || !hasNumbers(a, b)) return undefined;
    const shape = given === undefined ? [] : numbersOf(attrs, given);
    const [image, kernel] = {
      forward: [a.shape, b.shape],
      gradInput: [shape, b.shape],
      gradKernel: [a.shape, shape],
    }[direction];
    const geometry = tfjsGeometry(attrs, image!, kernel!, depthwise);
    if (!geometry) return undefined;
    // tfjs lets gradients be of another size than the convolution's result, and its own kernel reads a part of them.
    const gradient = { forward: undefined, gradInput: a, gradKernel: b }[direction];
    if (gradient && gradient.shape.join() !== geometry.result.join()) return undefined;
    return run(backend, direction, geometry, [a, b]);
  };

export const convolution: NativeKernels = {
  Conv2D: tfjs('forward', ['x', 'filter']),
  Conv2DBackpropInput: tfjs('gradInput', ['dy', 'filter'], 'inputShape'),
  Conv2DBackpropFilter: tfjs('gradKernel', ['x', 'dy'], 'filterShape'),
  DepthwiseConv2dNative: tfjs('forward', ['x', 'filter'], undefined, true),
  DepthwiseConv2dNativeBackpropInput: tfjs('gradInput', ['dy', 'filter'], 'inputShape', true),
  DepthwiseConv2dNativeBackpropFilter: tfjs('gradKernel', ['x', 'dy'], 'filterShape', true),
  'ed2l.conv2d_grad_input': ownGradient('gradInput'),
  'ed2l.conv2d_grad_kernel': ownGradient('gradKernel'),
  'ed2l.depthwise_conv2d_grad_input': ownGradient('gradInput', true),
  'ed2l.depthwise_conv2d_grad_kernel': ownGradient('gradKernel', true),
};
