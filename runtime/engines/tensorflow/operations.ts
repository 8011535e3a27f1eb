/** @file Single operations of TensorFlow, through the node backend of tfjs-node. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import type { NodeBackend } from './package.js';

export type Tensor = TensorInfo;

/** By TensorFlow's names. Strings under the names of TYPES are types; numbers are whole except under those of FLOATS. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly number[]>>;

const FLOATS = ['epsilon', 'alpha'];
const TYPES = ['T', 'Tidx', 'dtype', 'DstT', 'output_type'];
/** The status code of what does not fit. */
const EXHAUSTED = 8;
/** Small tensors that are kept since the same ones are asked for again and again: axes, sizes, rates. */
const CONSTANTS = 512;

export class Operations {
  /** TensorFlow's own shape of each tensor; an alias has another one. */
  readonly #shapes = new WeakMap<object, readonly number[]>();
  readonly #constants = new Map<string, Tensor>();
  #made: Tensor[] = [];

  constructor(readonly backend: NodeBackend) {}

  get gpu(): boolean {
    return this.backend.isUsingGpuDevice;
  }

  /** What `work` makes on the way and does not return is given back. */
  scope<T extends Tensor[] | undefined>(work: () => T): T {
    const outer = this.#made;
    this.#made = [];
    let results: T | undefined;
    try {
      results = work();
      return results;
    } finally {
      for (const tensor of this.#made)
        if (!results?.some(({ dataId }) => dataId === tensor.dataId)) this.dispose(tensor);
      this.#made = outer;
    }
  }

  /** The first result. */
  run(op: string, inputs: readonly Tensor[], attrs: Attributes = {}): Tensor {
    return this.runAll(op, inputs, 1, attrs)[0]!;
  }

  /** TensorFlow finds the types of the inputs itself. Throws EngineError. */
  runAll(op: string, inputs: readonly Tensor[], outputs: number, attrs: Attributes = {}): Tensor[] {
    const operands = inputs.map((tensor) => this.#reshaped(tensor));
    return this.#execute(op, operands, outputs, attrs).map((tensor) => this.#keep(tensor));
  }

  upload(
    values: Float32Array | Int32Array | Uint8Array,
    shape: readonly number[],
    dtype: Tensor['dtype'],
  ): Tensor {
    const dataId = this.backend.write(values, [...shape], dtype);
    this.#shapes.set(dataId, shape);
    return { dataId, shape: [...shape], dtype };
  }

  /** Whole numbers, such as axes and sizes; kept, and not to be given back. */
  ints(values: readonly number[]): Tensor {
    return this.#constant(`[${values.join()}]`, () =>
      this.upload(Int32Array.from(values), [values.length], 'int32'),
    );
  }

  int(value: number): Tensor {
    return this.#constant(`${value}i`, () => this.upload(Int32Array.of(value), [], 'int32'));
  }

  /** A number; kept, and not to be given back. */
  float(value: number): Tensor {
    return this.#constant(`${value}f`, () => this.upload(Float32Array.of(value), [], 'float32'));
  }

  /** No numbers at all. */
  nothing(): Tensor {
    return this.#constant('nothing', () => this.upload(new Float32Array(0), [0], 'float32'));
  }

  dispose(tensor: Tensor): void {
    this.backend.disposeData(tensor.dataId, true);
  }

  #keep({ dataId, shape, dtype }: Tensor): Tensor {
    const tensor = { dataId, shape, dtype };
    this.#shapes.set(dataId, shape);
    this.#made.push(tensor);
    return tensor;
  }

  /** Another shape of the same memory, in which TensorFlow must see it. */
  #reshaped(tensor: Tensor): Tensor {
    const own = this.#shapes.get(tensor.dataId);
    if (!own || (own.length === tensor.shape.length && own.every((d, i) => d === tensor.shape[i])))
      return tensor;
    const [result] = this.#execute('Reshape', [tensor, this.ints(tensor.shape)], 1, {});
    return this.#keep(result!);
  }

  #execute(op: string, inputs: readonly Tensor[], outputs: number, attrs: Attributes): Tensor[] {
    try {
      return this.backend.executeMultipleOutputs(
        op,
        Object.entries(attrs).map(([name, value]) => this.#attribute(name, value)),
        inputs,
        outputs,
      );
    } catch (error) {
      const { message } = error as Error;
      if (message.startsWith(`Invalid TF_Status: ${EXHAUSTED}\n`))
        throw new EngineError('the tensorflow engine is full; use a smaller batch, or --engine cpu');
      throw new EngineError(
        `TensorFlow's ${op} failed: ${message.replace(/^.*\nMessage: /, '').split('\n')[0]}`,
      );
    }
  }

  #attribute(name: string, value: Attributes[string]): { name: string; type: number; value: unknown } {
    const { binding } = this.backend;
    if (typeof value === 'boolean') return { name, type: binding.TF_ATTR_BOOL!, value };
    if (name === 'shape') return { name, type: binding.TF_ATTR_SHAPE!, value };
    if (typeof value !== 'string')
      return { name, type: FLOATS.includes(name) ? binding.TF_ATTR_FLOAT! : binding.TF_ATTR_INT!, value };
    if (!TYPES.includes(name)) return { name, type: binding.TF_ATTR_STRING!, value };
    const types = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL } as Record<
      string,
      number
    >;
    return { name, type: binding.TF_ATTR_TYPE!, value: types[value]! };
  }

  #constant(key: string, make: () => Tensor): Tensor {
    const found = this.#constants.get(key);
    if (found) return found;
    const tensor = make();
    this.#constants.set(key, tensor);
    if (this.#constants.size > CONSTANTS) {
      const [[oldest, old]] = this.#constants as unknown as [[string, Tensor]];
      this.#constants.delete(oldest);
      this.dispose(old);
    }
    return tensor;
  }
}
