/** @file Finds and loads tfjs-node or tfjs-node-gpu, and says whether its TensorFlow sees a GPU. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { env, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { builtFolder, packageIn } from './place.js';

/** What is used of the package's backend. */
export interface NodeBackend extends KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: Readonly<Record<`TF_${string}`, number>> & { readonly TF_Version: string };
  executeMultipleOutputs(
    op: string,
    attrs: readonly { readonly name: string; readonly type: number; readonly value: unknown }[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): TensorInfo[];
}

export interface Loaded {
  readonly backend: NodeBackend;
  /** Of TensorFlow. */
  readonly version: string;
  readonly gpu: boolean;
}

export type Found =
  | { readonly available: true; readonly gpu: boolean; readonly reason: string }
  | { readonly available: false; readonly gpu: false; readonly reason: string };

/** Not `import`: the executable's one file cannot import packages while it runs. */
const require = createRequire(import.meta.url);
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** One TensorFlow per process. */
let loaded: Loaded | undefined;

/**
 * The package's folder: what ED2LC_TFJS_NODE names, what is installed beside ed2lc, or what `npm run tensorflow:build` made.
 * undefined: there is none.
 */
export function packagePath(): string | undefined {
  const named = process.env['ED2LC_TFJS_NODE'];
  if (named) return named;
  for (const name of PACKAGES) {
    try {
      return join(require.resolve(`${name}/package.json`), '..');
    } catch {
      // The next one.
    }
  }
  const built = packageIn(builtFolder());
  return existsSync(built) ? built : undefined;
}

/** Whether the engine can be opened, and on what it would compute. Loads the package if there is one, in about a second; else it costs nothing. */
export function findTensorflow(): Found {
  try {
    const { version, gpu } = loadTensorflow();
    return { available: true, gpu, reason: describe(version, gpu) };
  } catch (error) {
    return { available: false, gpu: false, reason: (error as Error).message };
  }
}

/** `TensorFlow 2.18.1 on this machine's GPU` */
export function describe(version: string, gpu: boolean): string {
  if (gpu) return `TensorFlow ${version} on the GPU`;
  return `TensorFlow ${version} on the CPU${hasGpu() ? ', though this machine has a GPU: its CUDA libraries or the driver do not fit this TensorFlow' : ''}`;
}

/** Whether a graphics processor of NVIDIA's, the only ones that this engine can use, has a driver here. */
export function hasGpu(): boolean {
  try {
    return readdirSync('/dev').some((name) => /^nvidia\d+$|^dxg$/.test(name));
  } catch {
    return false;
  }
}

/** Throws EngineError if there is no package, or it does not load. */
export function loadTensorflow(): Loaded {
  if (loaded) return loaded;
  const path = packagePath();
  if (path === undefined)
    throw new EngineError(
      'neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed; ed2lc doctor says how to get one',
    );
  // Without a word about the processor's features; and GPU memory as it is needed, not all of it at once.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  mendNode();
  try {
    const backend = quietly(() => (require(path) as { backend(): NodeBackend }).backend());
    loaded = { backend, version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
    return loaded;
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new EngineError(`${path} could not be loaded: ${line!.trim()}`);
  }
}

/** Node 23 took away two functions that tfjs-node 4.22 calls at its first operation. */
function mendNode(): void {
  const functions = util as unknown as Record<string, unknown>;
  functions['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  functions['isArray'] ??= Array.isArray;
}

/** The package brings a tfjs of its own where it is not installed beside ours, which then warns of every kernel that both have. */
function quietly<T>(work: () => T): T {
  const before = env().getBool('PROD');
  env().set('PROD', true);
  try {
    return work();
  } finally {
    env().set('PROD', before);
  }
}
