/** @file Kernels of tfjs that add a bias and apply an activation at once, as its layers ask for them: one native kernel after the other. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import type { Call, NativeKernel, NativeKernels } from './kernel.js';
import { matmul } from './matmul.js';
import { normalization } from './normalization.js';

/** Of a tensor alone. */
const ACTIVATIONS: Readonly<Record<string, NativeKernel>> = {
  relu: elementwise['Relu']!,
  elu: elementwise['Elu']!,
  sigmoid: elementwise['Sigmoid']!,
};

function activated(y: TensorInfo, { inputs, attrs, backend }: Call): TensorInfo | undefined {
  const activation = attrs['activation'] as string | undefined;
  if (activation === 'prelu') {
    const alpha = inputs['preluActivationWeights']!;
    return one(normalization['Prelu']!({ inputs: { x: y, alpha }, attrs: {}, backend }));
  }
  if (activation === 'leakyrelu') {
    const alpha = attrs['leakyreluAlpha']!;
    return one(elementwise['LeakyRelu']!({ inputs: { x: y }, attrs: { alpha }, backend }));
  }
  return one(ACTIVATIONS[activation!]?.({ inputs: { x: y }, attrs: {}, backend }));
}

const one = (result: TensorInfo | TensorInfo[] | undefined): TensorInfo | undefined =>
  Array.isArray(result) ? result[0] : result;

const withActivation =
  (kernel: NativeKernel): NativeKernel =>
  (call) => {
    const { inputs, attrs, backend } = call;
    const { bias } = inputs;
    const activation = (attrs['activation'] as string | undefined) ?? 'linear';
    const steps: ((y: TensorInfo) => TensorInfo | undefined)[] = [];
    if (bias) steps.push((y) => one(elementwise['Add']!({ inputs: { a: y, b: bias }, attrs: {}, backend })));
    if (activation !== 'linear') steps.push((y) => activated(y, call));
    let result = one(kernel(call));
    for (const step of steps) {
      if (!result) return undefined;
      const next = step(result);
      backend.disposeData(result.dataId);
      result = next;
    }
    return result;
  };

export const withActivations: NativeKernels = {
  FusedConv2D: withActivation(convolution['Conv2D']!),
  FusedDepthwiseConv2D: withActivation(convolution['DepthwiseConv2dNative']!),
  _FusedMatMul: withActivation(matmul['BatchMatMul']!),
};
