/** @file Registers with tfjs every kernel of the onednn backend: those of the library, and for all else the `cpu` backend's, which run on it as they are. */
import '@tensorflow/tfjs-backend-cpu';
import { getKernelsForBackend, registerKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import type { Call, NativeKernels } from './kernel.js';
import { matmul } from './matmul.js';
import { normalization } from './normalization.js';
import { reductions } from './reductions.js';
import { updates } from './updates.js';
import { withActivations } from './with-activation.js';

export const BACKEND_NAME = 'onednn';

/** By the names of tfjs kernels, and of this project's own (`ed2l.…`). */
export const NATIVE_KERNELS: NativeKernels = {
  ...convolution,
  ...elementwise,
  ...matmul,
  ...normalization,
  ...reductions,
  ...updates,
  ...withActivations,
};

let registered = false;

/** Doing it twice does nothing. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  const fallbacks = new Map(getKernelsForBackend('cpu').map((config) => [config.kernelName, config]));
  for (const config of fallbacks.values())
    if (!Object.hasOwn(NATIVE_KERNELS, config.kernelName))
      registerKernel({ ...config, backendName: BACKEND_NAME });
  for (const [kernelName, native] of Object.entries(NATIVE_KERNELS)) {
    const fallback = fallbacks.get(kernelName);
    registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ((call: Call) => native(call) ?? fallback?.kernelFunc(call as never)) as never,
    } satisfies KernelConfig);
  }
}
