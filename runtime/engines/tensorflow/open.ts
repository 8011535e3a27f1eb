/** @file The tensorflow engine: TensorFlow's own kernels on a GPU or a CPU, through the node backend of tfjs-node. */
import { getKernel, registerKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { tensorflow } from '../../../compiler/targets/tensorflow.js';
import { physicalCores } from '../cores.js';
import { arrayOf, type Backend } from '../engine.js';
import type { Data } from '../kernels/kernel.js';
import type { Attrs } from './kernels/kernel.js';
import { TENSORFLOW_KERNELS } from './kernels/table.js';
import { Operations, type Tensor } from './operations.js';
import { loadTensorflow } from './package.js';

const DTYPES = { float32: 'f32', int32: 'i32', bool: 'bool' } as const;

/** One per process, as TensorFlow is. */
let operations: Operations | undefined;

/** `threads` counts for the first call only; on a GPU they prepare its work. Throws EngineError if there is no TensorFlow. */
export function openTensorflow(threads = physicalCores()): Backend {
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  const { backend, version, gpu } = loadTensorflow();
  operations ??= new Operations(backend);
  const tf = operations;
  registerKernels(tf);
  return {
    name: 'tensorflow',
    target: tensorflow,
    about: `TensorFlow ${version} on the ${gpu ? 'GPU' : 'CPU'}`,
    threads: Number(process.env['TF_NUM_INTRAOP_THREADS']),
    backend,
    make: (shape, dtype) => tf.upload(arrayOf(shape, DTYPES[dtype as keyof typeof DTYPES]), shape, dtype),
    upload: (values, shape, dtype) => tf.upload(values, shape, dtype),
    view: ({ dataId }) => backend.readSync(dataId) as Data,
    isFinite: (tensor) => isFinite(tf, tensor),
    dispose: (tensor) => tf.dispose(tensor),
    close: () => undefined,
  };
}

function isFinite(tf: Operations, tensor: Tensor): boolean {
  const [all] = tf.scope(() => {
    const axes = tf.ints(tensor.shape.map((_, k) => k));
    return [tf.run('All', [tf.run('IsFinite', [tensor]), axes], { keep_dims: false })];
  });
  const [answer] = tf.backend.readSync(all!.dataId) as Uint8Array;
  tf.dispose(all!);
  return answer === 1;
}

/** By the names of this project's kernels, beside those that tfjs-node has registered by its own. */
function registerKernels(tf: Operations): void {
  for (const [op, kernel] of Object.entries(TENSORFLOW_KERNELS)) {
    const kernelName = `ed2l.${op}`;
    if (getKernel(kernelName, 'tensorflow')) continue;
    registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: (({ inputs, attrs }: { inputs: Record<string, Tensor>; attrs: Attrs }) =>
        tf.scope(() => kernel(tf, Object.values(inputs), attrs))) as never,
    } satisfies KernelConfig);
  }
}
