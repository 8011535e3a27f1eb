/** @file Opens the onednn backend: for this project's engine, and for tfjs code (`tf.setBackend('onednn')`). */
import { totalmem } from 'node:os';
import { findBackendFactory, registerBackend } from '@tensorflow/tfjs-core';
import { onednn } from '../../../compiler/targets/onednn.js';
import { physicalCores } from '../cores.js';
import type { Backend } from '../engine.js';
import type { Data } from '../kernels/kernel.js';
import { OneDnnBackend } from './backend.js';
import type { Dnnl } from './dnnl.js';
import { hasFiniteSum } from './kernels/reductions.js';
import { BACKEND_NAME, registerKernels } from './kernels/register.js';
import { openLibrary } from './library.js';
import { Dnnl2 } from './version-2.js';
import { Dnnl3 } from './version-3.js';

export interface OneDnnOptions {
  /** Default: the physical cores. Counts for the first backend of a process only. */
  readonly threads?: number;
  /** Bytes that tensors may take. Default: the memory of this machine, or of its container. */
  readonly memory?: number;
}

/** Throws EngineError if the system has no usable library. */
export function openOneDnn(options: OneDnnOptions = {}): Backend {
  const threads = options.threads ?? physicalCores();
  const limit = options.memory ?? memoryOfMachine();
  const backend = makeBackend(threads, limit);
  return {
    name: 'onednn',
    target: onednn,
    about: `oneDNN ${backend.dnnl.library.version.join('.')}`,
    threads,
    backend,
    limit,
    make: (shape, dtype) => {
      if (dtype === 'float32') return backend.make(shape, backend.layouts.rows(shape)).info;
      const size = shape.reduce((n, d) => n * d, 1);
      return backend.makeTensorInfo(
        shape,
        dtype,
        dtype === 'bool' ? new Uint8Array(size) : new Int32Array(size),
      );
    },
    view: ({ dataId }) => backend.dataOf(dataId).values as Data,
    isFinite: (tensor) => hasFiniteSum(backend, tensor),
    dispose: ({ dataId }) => void backend.disposeData(dataId, true),
    close: () => backend.dispose(),
  };
}

/** Makes `tf.setBackend('onednn')` work. It is preferred to tfjs's own backends. Throws EngineError if the system has no usable library. */
export function registerOneDnn(options: OneDnnOptions = {}): void {
  if (findBackendFactory(BACKEND_NAME)) return;
  const threads = options.threads ?? physicalCores();
  const limit = options.memory ?? memoryOfMachine();
  // Now: tfjs would go on with another backend.
  openLibrary(threads);
  // A new one each time: tfjs disposes of those it leaves.
  registerBackend(BACKEND_NAME, () => makeBackend(threads, limit), 4);
}

function makeBackend(threads: number, limit: number): OneDnnBackend {
  const library = openLibrary(threads);
  const dnnl: Dnnl = library.version[0] === 2 ? new Dnnl2(library) : new Dnnl3(library);
  registerKernels();
  return new OneDnnBackend(dnnl, limit);
}

function memoryOfMachine(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
