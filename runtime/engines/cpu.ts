/** @file The tfjs `cpu` backend: slow, simple, deterministic; the reference. */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { cpu } from '../../compiler/targets/cpu.js';
import type { Backend } from './engine.js';
import type { Data } from './kernels/kernel.js';

export function openCpu(): Backend {
  const backend = new MathBackendCPU();
  // Otherwise the first use prints an advertisement for another package.
  Object.assign(backend, { firstUse: false });
  const view = (tensor: TensorInfo): Data => backend.data.get(tensor.dataId).values as Data;
  return {
    name: 'cpu',
    target: cpu,
    about: 'plain JavaScript',
    threads: 1,
    backend,
    make: (shape, dtype) => {
      const size = shape.reduce((n, d) => n * d, 1);
      const values =
        dtype === 'int32'
          ? new Int32Array(size)
          : dtype === 'bool'
            ? new Uint8Array(size)
            : new Float32Array(size);
      return backend.makeTensorInfo(shape, dtype, values);
    },
    view,
    dispose: (tensor) => void backend.disposeData(tensor.dataId, true),
    close: () => backend.dispose(),
  };
}
