/** @file Operations that run on the pool, over the addresses of their tensors. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { isWinograd } from '../../../compiler/targets/winograd.js';
import { EngineError } from '../errors.js';
import { numbers, sizeOf, type Attrs } from '../kernels/kernel.js';
import type { Memory } from './assembler.js';
import { shapeNumbers } from './jobs.js';
import { batchNormGrad, batchNormTrain, preluGrad, type Layer, type Placed } from './normalization.js';
import type { Pool } from './pool.js';
import { kernelBytes, workBytes, type Shape } from './winograd.js';

/** Fills the outputs; false: it does not take these operands. */
export type Operation = (
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  attrs: Attrs,
) => boolean;

export interface Heap {
  readonly memory: Memory;
  malloc(bytes: number): number;
  free(at: number): void;
}

export function operationsOn(
  pool: Pool,
  backend: BackendWasm,
  heap: Heap,
): Readonly<Record<string, Operation>> {
  const at = ({ dataId }: TensorInfo): number => backend.dataIdMap.get(dataId).memoryOffset;
  const withMemory = (bytes: number, use: (at: number) => void): boolean => {
    const memory = heap.malloc(bytes);
    if (memory === 0)
      throw new EngineError('the wasm engine has no memory left to work in: use a smaller batch');
    try {
      use(memory);
    } finally {
      heap.free(memory);
    }
    return true;
  };
  const { threads } = pool;
  const floats = (from: number, length: number): Float32Array =>
    new Float32Array(heap.memory.buffer, from, length);
  const doubles = (from: number, length: number): Float64Array =>
    new Float64Array(heap.memory.buffer, from, length);
  const placed = (tensor: TensorInfo): Placed => ({
    at: at(tensor),
    data: floats(at(tensor), sizeOf(tensor.shape)),
  });
  /** `channels`: the operand with a number for each. */
  const byChannel =
    (layer: Layer, channels: number): Operation =>
    (inputs, outputs, attrs) => {
      if (sizeOf(inputs[channels]!.shape) % 4 !== 0) return false;
      layer(pool, { withMemory, floats, doubles }, inputs.map(placed), outputs.map(placed), attrs);
      return true;
    };
  return {
    batch_norm_train: byChannel(batchNormTrain, 1),
    batch_norm_grad: byChannel(batchNormGrad, 2),
    prelu_grad: byChannel(preluGrad, 2),
    conv2d: ([x, kernel], [y], attrs) => {
      if (!isWinograd(kernel!.shape, attrs)) return false;
      const shape = shapeOf(x!, y!, attrs);
      const planes = kernelBytes(shape);
      return withMemory(planes + threads * workBytes(shape), (memory) => {
        pool.run('transformKernel', [at(kernel!), memory, shape.channels, shape.filters]);
        pool.run('convolve', [at(x!), memory, at(y!), memory + planes, ...shapeNumbers(shape)]);
      });
    },
    conv2d_grad_kernel: ([x, dy], [dk], attrs) => {
      if (!isWinograd(dk!.shape, attrs)) return false;
      const shape = shapeOf(x!, dy!, attrs);
      const planes = threads * kernelBytes(shape);
      return withMemory(planes + threads * workBytes(shape), (memory) => {
        pool.run('sumKernelGradient', [at(x!), at(dy!), memory, memory + planes, ...shapeNumbers(shape)]);
        pool.run('endKernelGradient', [memory, at(dk!), shape.channels, shape.filters]);
      });
    },
  };
}

function shapeOf(x: TensorInfo, y: TensorInfo, attrs: Attrs): Shape {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [, rows, columns, filters] = y.shape as [number, number, number, number];
  const [top, , left] = numbers(attrs, 'pad') as [number, number, number, number];
  return { batch, height, width, channels, rows, columns, filters, top, left };
}
