/** @file An engine: where tensors live and kernels run. One interface over the tfjs backends; the tfjs tape and its memory scopes are never used. */
import { getKernel, getKernelsForBackend, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import type { DType } from '../../compiler/graph/graph.js';
import type { Target } from '../../compiler/targets/target.js';
import { openCpu } from './cpu.js';
import { EngineError } from './errors.js';
import type { Attrs, Data, View } from './kernels/kernel.js';
import { KERNELS } from './kernels/table.js';
import { openOneDnn } from './onednn/open.js';
import type { Operation } from './simd/operations.js';
import { size } from './size.js';
import { openTensorflow } from './tensorflow/open.js';
import { findTensorflow, hasGpu } from './tensorflow/package.js';
import { openWasm } from './wasm.js';

export type Tensor = TensorInfo;

/** What becomes a tensor. */
export interface Numbers {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** What the engines differ in. */
export interface Backend {
  readonly name: Target['name'];
  readonly target: Target;
  /** What computes, for people: `oneDNN 2.6.3`. */
  readonly about: string;
  readonly threads: number;
  readonly backend: KernelBackend;
  /** Bytes that fit; undefined: as many as the process gets. */
  readonly limit?: number;
  /** Whether so many bytes are free in one piece; kernels do not ask. */
  readonly hasRoom?: (bytes: number) => boolean;
  /** Memory with any content. */
  readonly make: (shape: number[], dtype: TensorInfo['dtype']) => Tensor;
  readonly view: (tensor: Tensor) => Data;
  /** Where tensors do not lie in this process's memory: one of these values, which it may keep. `view` then gives a copy. */
  readonly upload?: (values: Data, shape: number[], dtype: TensorInfo['dtype']) => Tensor;
  /** Whether every number is; only where the engine can tell faster than a loop over the view. May deny it of numbers whose sum overflows. */
  readonly isFinite?: (tensor: Tensor) => boolean;
  /** By operation: what takes the place of this project's kernel, if it takes the operands. */
  readonly operations?: Readonly<Record<string, Operation>>;
  readonly dispose: (tensor: Tensor) => void;
  readonly close: () => void;
}

const TFJS_TYPES = { f32: 'float32', i32: 'int32', bool: 'bool' } as const;

export class Engine {
  readonly #sizes = new Map<object, number>();
  #bytes = 0;
  #peak = 0;
  /** Bytes; undefined: as many as the process gets. */
  readonly #limit: number | undefined;

  constructor(
    readonly backend: Backend,
    /** Why this one was chosen, if nobody named it. */
    readonly reason?: string,
    /** Bytes that tensors may take, at most. */
    private readonly allowed?: number,
  ) {
    this.#limit =
      allowed === undefined ? backend.limit : Math.min(allowed, backend.limit ?? Number.POSITIVE_INFINITY);
    for (const kernel of getKernelsForBackend(backend.name)) kernel.setupFunc?.(backend.backend);
  }

  get name(): Target['name'] {
    return this.backend.name;
  }

  get target(): Target {
    return this.backend.target;
  }

  /** What computes: `oneDNN 2.6.3`. */
  get about(): string {
    return this.backend.about;
  }

  get threads(): number {
    return this.backend.threads;
  }

  /** Memory with any content. Throws EngineError when it does not fit. */
  allocate(shape: readonly number[], dtype: DType): Tensor {
    this.#reserve(bytesOf(shape, TFJS_TYPES[dtype]));
    return this.#count(this.backend.make([...shape], TFJS_TYPES[dtype]));
  }

  upload(values: Numbers['data'], shape: readonly number[]): Tensor {
    const dtype = values instanceof Int32Array ? 'i32' : 'f32';
    if (this.backend.upload) return this.#place(values.slice(), shape, dtype);
    const tensor = this.allocate(shape, dtype);
    this.view(tensor).set(values);
    return tensor;
  }

  /** By name. Throws EngineError when one does not fit, and then has kept none. */
  uploadAll(entries: Iterable<readonly [name: string, Numbers]>): Map<string, Tensor> {
    const uploaded = new Map<string, Tensor>();
    try {
      for (const [name, { data, shape }] of entries) uploaded.set(name, this.upload(data, shape));
    } catch (error) {
      for (const tensor of uploaded.values()) this.free(tensor);
      throw error;
    }
    return uploaded;
  }

  /** A copy. */
  download(tensor: Tensor): Data {
    return this.view(tensor).slice();
  }

  /** The memory itself, valid until the next allocation, or a copy; not to be written to. */
  view(tensor: Tensor): Data {
    return this.backend.view(tensor);
  }

  /** Runs a tfjs kernel with one result. */
  run(
    kernel: string,
    inputs: Record<string, Tensor>,
    attrs: Record<string, unknown>,
    output: { shape: readonly number[]; dtype: DType },
  ): Tensor {
    const found = getKernel(kernel, this.name);
    if (!found) throw new EngineError(`the ${this.name} engine has no kernel ${kernel}`);
    this.#reserve(bytesOf(output.shape, TFJS_TYPES[output.dtype]));
    const result = found.kernelFunc({ inputs, attrs: attrs as never, backend: this.backend.backend });
    return this.#count(Array.isArray(result) ? result[0]! : result);
  }

  /**
   * Runs the kernel of an operation: the engine's own if it has one that takes these operands, else this project's.
   * `outputs`: shape and type of each result.
   */
  runOperation(
    op: string,
    inputs: readonly Tensor[],
    attrs: Attrs,
    outputs: readonly { readonly shape: readonly number[]; readonly dtype: DType }[],
  ): Tensor[] {
    const native = getKernel(`ed2l.${op}`, this.name)?.kernelFunc({
      inputs: Object.fromEntries(inputs.map((tensor, i) => [i, tensor])),
      attrs: attrs as never,
      backend: this.backend.backend,
    }) as Tensor | Tensor[] | undefined;
    if (native !== undefined) return [native].flat().map((tensor) => this.#count(tensor));
    const view = (tensor: Tensor): View => ({ data: this.view(tensor), shape: tensor.shape });
    if (this.backend.upload) {
      const filled = outputs.map(({ shape, dtype }) => ({ data: arrayOf(shape, dtype), shape }));
      KERNELS[op]!(inputs.map(view), filled, attrs);
      return filled.map(({ data, shape }, i) => this.#place(data, shape, outputs[i]!.dtype));
    }
    const results: Tensor[] = [];
    try {
      for (const { shape, dtype } of outputs) results.push(this.allocate(shape, dtype));
      // Views come last: an allocation may move the heap.
      if (this.backend.operations?.[op]?.(inputs, results, attrs) !== true)
        KERNELS[op]!(inputs.map(view), results.map(view), attrs);
    } catch (error) {
      for (const tensor of results) this.free(tensor);
      throw error;
    }
    return results;
  }

  /** Whether every number is. */
  isFinite(tensor: Tensor): boolean {
    if (this.backend.isFinite?.(tensor)) return true;
    const data = this.view(tensor);
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
    return true;
  }

  /** Whether the tensor's memory is still its own. */
  holds(tensor: Tensor): boolean {
    return this.#sizes.has(tensor.dataId);
  }

  /** Giving back twice does nothing. */
  free(tensor: Tensor): void {
    const bytes = this.#sizes.get(tensor.dataId);
    if (bytes === undefined) return;
    this.#sizes.delete(tensor.dataId);
    this.#bytes -= bytes;
    this.backend.dispose(tensor);
  }

  /** Tensors and bytes alive, and the most bytes there ever were. */
  memory(): { readonly tensors: number; readonly bytes: number; readonly peak: number } {
    return { tensors: this.#sizes.size, bytes: this.#bytes, peak: this.#peak };
  }

  /** Throws EngineError if a plan of that peak cannot run here. */
  ensureFits(bytes: number): void {
    const limit = this.#limit;
    if (limit !== undefined && bytes > limit)
      throw new EngineError(
        `this training needs ${size(bytes)}, and the ${this.name} engine holds at most ${size(limit)}: ${this.#remedy}`,
      );
  }

  close(): void {
    this.backend.close();
  }

  /** Keeps the values. */
  #place(values: Data, shape: readonly number[], dtype: DType): Tensor {
    this.#reserve(values.byteLength);
    return this.#count(this.backend.upload!(values, [...shape], TFJS_TYPES[dtype]));
  }

  #reserve(bytes: number): void {
    const limit = this.#limit;
    if (limit === undefined || (this.#bytes + bytes <= limit && this.backend.hasRoom?.(bytes) !== false))
      return;
    throw new EngineError(
      `the ${this.name} engine is full: ${size(this.#bytes)} of ${size(limit)} are in use, and ${size(bytes)} more are needed; ${this.#remedy}`,
    );
  }

  get #remedy(): string {
    if (this.allowed !== undefined && this.allowed <= (this.backend.limit ?? Infinity))
      return 'use a smaller batch, or a larger --memory';
    return this.name === 'wasm' ? 'use a smaller batch, or another engine' : 'use a smaller batch';
  }

  #count(tensor: Tensor): Tensor {
    const bytes = bytesOf(tensor.shape, tensor.dtype);
    this.#sizes.set(tensor.dataId, bytes);
    this.#bytes += bytes;
    this.#peak = Math.max(this.#peak, this.#bytes);
    return tensor;
  }
}

function bytesOf(shape: readonly number[], dtype: TensorInfo['dtype']): number {
  return shape.reduce((n, d) => n * d, dtype === 'bool' ? 1 : 4);
}

/** Zeros. */
export function arrayOf(shape: readonly number[], dtype: DType): Data {
  const size = shape.reduce((n, d) => n * d, 1);
  if (dtype === 'i32') return new Int32Array(size);
  return dtype === 'bool' ? new Uint8Array(size) : new Float32Array(size);
}

export type EngineName = 'auto' | Target['name'];

export interface EngineOptions {
  /** Of every engine but cpu. Default: the physical cores of this machine. */
  readonly threads?: number;
  /** Bytes that tensors may take. Default: what the engine or this machine has. */
  readonly memory?: number;
}

/**
 * `auto`: tensorflow where it sees a GPU, else the first that can be opened of onednn, wasm and cpu; the engine's `reason` says why.
 * Throws EngineError if the named engine cannot be opened.
 */
export async function openEngine(name: EngineName = 'auto', options: EngineOptions = {}): Promise<Engine> {
  if (name !== 'auto') return new Engine(await open(name, options), undefined, options.memory);
  // Without a GPU's driver there is no need to load TensorFlow.
  if (hasGpu() && findTensorflow().gpu)
    return new Engine(await open('tensorflow', options), 'it sees a GPU', options.memory);
  const refusals: string[] = [];
  for (const next of ['onednn', 'wasm'] as const) {
    try {
      const reason = next === 'onednn' ? 'the fastest on a CPU' : refusals.join('; ');
      return new Engine(await open(next, options), reason, options.memory);
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  return new Engine(openCpu(), refusals.join('; '), options.memory);
}

async function open(name: Target['name'], options: EngineOptions): Promise<Backend> {
  switch (name) {
    case 'cpu':
      return openCpu();
    case 'onednn':
      return openOneDnn(options);
    case 'tensorflow':
      return openTensorflow(options.threads);
    case 'wasm':
      try {
        return await openWasm(options.threads);
      } catch (error) {
        throw error instanceof EngineError
          ? error
          : new EngineError(`the wasm engine could not be loaded: ${(error as Error).message}`);
      }
  }
}
