/** @file What the engine asks of oneDNN, in the words that its 2.x and 3.x C interfaces share. Each call that fails throws. */
import { EngineError } from '../errors.js';
import type { Library, NativeFunction } from './library.js';

/** Address of an object of the library, or of numbers. */
export type Pointer = bigint;

/** A memory description: a structure of 2.x, a handle of 3.x. Both are passed as a pointer. */
export type Description = Uint8Array | Pointer;

/** How a result of 4-byte floats is changed before it is written. */
export type PostOp =
  | { readonly kind: 'binary'; readonly algorithm: BinaryAlgorithm; readonly operand: Description }
  | {
      readonly kind: 'eltwise';
      readonly algorithm: EltwiseAlgorithm;
      readonly alpha?: number;
      readonly beta?: number;
    };

/** Rows before columns; `before` and `after` are paddings. Dilations count from 0, as oneDNN does. */
export interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export type ConvolutionAlgorithm = 'direct' | 'winograd';
export type BinaryAlgorithm = keyof typeof BINARY;
export type EltwiseAlgorithm = (typeof ELTWISE)[number];
export type PoolingAlgorithm = keyof typeof POOLING;
export type ReductionAlgorithm = keyof typeof REDUCTION;

export const BINARY = {
  add: 0x1fff0,
  mul: 0x1fff1,
  max: 0x1fff2,
  min: 0x1fff3,
  div: 0x1fff4,
  sub: 0x1fff5,
} as const;
export const ELTWISE = [
  'relu',
  'tanh',
  'elu',
  'square',
  'abs',
  'sqrt',
  'linear',
  'logistic',
  'exp',
  'log',
  'clip',
  'pow',
] as const;
export const POOLING = { max: 0x1ff, avg: 0x3ff } as const;
export const REDUCTION = { max: 0x2fff2, min: 0x2fff3, sum: 0x2fff4, mean: 0x2fff6 } as const;
export const CONVOLUTION = { direct: 1, winograd: 2 } as const;

/** Which operand of a primitive a memory is; the numbers are the same in 2.x and 3.x. */
export const ARG = {
  src: 1,
  src1: 2,
  dst: 17,
  weights: 33,
  bias: 41,
  mean: 49,
  variance: 50,
  scale: 51,
  shift: 52,
  workspace: 64,
  scratchpad: 80,
  diffSrc: 129,
  diffDst: 145,
  diffWeights: 161,
  diffScale: 255,
  diffShift: 256,
} as const;

/** What a primitive descriptor can be asked for. */
export const QUERY = {
  implementation: 8,
  src: 129,
  diffSrc: 130,
  weights: 131,
  diffWeights: 132,
  dst: 133,
  diffDst: 134,
  workspace: 135,
  scratchpad: 136,
} as const;

export const FORWARD = { training: 64, inference: 96 } as const;
export const BACKWARD = 128;
const [F32, ANY, CPU, USER_SCRATCHPAD] = [3, 1, 1, 1];
const UNIMPLEMENTED = 3;

const STATUS = ['success', 'out of memory', 'invalid arguments', 'not implemented', 'iterator ends', 'runtime error', 'not required']; // prettier-ignore

export class DnnlError extends EngineError {
  constructor(
    readonly call: string,
    readonly status: number,
  ) {
    super(`oneDNN refused ${call}: ${STATUS[status] ?? `status ${status}`}`);
  }

  get unimplemented(): boolean {
    return this.status === UNIMPLEMENTED;
  }
}

export interface BatchNorm {
  readonly data: Description;
  readonly epsilon: number;
  /** Mean and variance are given, not computed. */
  readonly given: boolean;
}

/** oneDNN behind one interface. Descriptors of primitives are pointers that the caller destroys. */
export abstract class Dnnl {
  readonly engine: Pointer;
  readonly stream: Pointer;
  readonly #out = new BigUint64Array(1);
  readonly #functions = new Map<string, NativeFunction>();

  constructor(readonly library: Library) {
    this.engine = this.make('dnnl_engine_create', ['int', 'size_t'], CPU, 0);
    this.stream = this.make('dnnl_stream_create', ['void *', 'unsigned int'], this.engine, 1);
  }

  /** Numbers in memory with these strides (in elements); without strides: as the primitive likes it best. */
  abstract describe(dims: readonly number[], strides?: readonly number[]): Description;
  /** Of one that a primitive chose, to outlive it. */
  abstract copyOf(description: Pointer): Description;
  /** What was described or copied is not used any more. */
  abstract forget(description: Description): void;
  abstract convolution(
    algorithm: ConvolutionAlgorithm,
    operands: { src: Description; weights: Description; bias?: Description; dst: Description },
    window: Window,
  ): Pointer;
  abstract convolutionGradInput(
    algorithm: ConvolutionAlgorithm,
    operands: { diffSrc: Description; weights: Description; diffDst: Description },
    window: Window,
    hint: Pointer,
  ): Pointer;
  abstract convolutionGradKernel(
    algorithm: ConvolutionAlgorithm,
    operands: { src: Description; diffWeights: Description; diffDst: Description },
    window: Window,
    hint: Pointer,
  ): Pointer;
  abstract matmul(
    operands: { a: Description; b: Description; bias?: Description; result: Description },
    posts?: readonly PostOp[],
  ): Pointer;
  abstract binary(
    algorithm: BinaryAlgorithm,
    a: Description,
    b: Description,
    result: Description,
    posts?: readonly PostOp[],
  ): Pointer;
  abstract eltwise(
    algorithm: EltwiseAlgorithm,
    data: Description,
    alpha: number,
    beta: number,
    posts?: readonly PostOp[],
  ): Pointer;
  abstract batchNorm(options: BatchNorm): Pointer;
  abstract batchNormGrad(options: BatchNorm, hint: Pointer): Pointer;
  abstract prelu(data: Description, weights: Description): Pointer;
  abstract preluGrad(
    data: Description,
    weights: Description,
    diffWeights: Description,
    hint: Pointer,
  ): Pointer;
  abstract pooling(
    algorithm: PoolingAlgorithm,
    operands: { src: Description; dst: Description },
    size: readonly number[],
    window: Window,
  ): Pointer;
  abstract poolingGrad(
    algorithm: PoolingAlgorithm,
    operands: { src: Description; dst: Description },
    size: readonly number[],
    window: Window,
    hint: Pointer,
  ): Pointer;
  abstract reduction(algorithm: ReductionAlgorithm, src: Description, dst: Description): Pointer;
  abstract softmax(data: Description, axis: number): Pointer;
  /** The name of the argument that the `index`-th post-op reads. */
  abstract postOperand(index: number): number;

  reorder(from: Description, to: Description): Pointer {
    return this.withAttributes([], (attributes) =>
      this.make(
        'dnnl_reorder_primitive_desc_create',
        ['void *', 'void *', 'void *', 'void *', 'void *'],
        from,
        this.engine,
        to,
        this.engine,
        attributes,
      ),
    );
  }

  sizeOf(description: Description): number {
    return Number(this.call('dnnl_memory_desc_get_size', 'size_t', ['void *'], description));
  }

  areEqual(a: Description, b: Description): boolean {
    return this.call('dnnl_memory_desc_equal', 'int', ['void *', 'void *'], a, b) === 1;
  }

  /** The layout that a primitive chose, valid as long as its descriptor. */
  layoutIn(descriptor: Pointer, what: number, index = 0): Pointer {
    return this.call(
      'dnnl_primitive_desc_query_md',
      'void *',
      ['void *', 'int', 'int'],
      descriptor,
      what,
      index,
    ) as Pointer;
  }

  /** Such as `jit:avx2`, or `ref:any` for the slow one. */
  implementationOf(descriptor: Pointer): string {
    this.succeed(
      'dnnl_primitive_desc_query',
      ['void *', 'int', 'int', 'void *'],
      descriptor,
      QUERY.implementation,
      0,
      this.#out,
    );
    return this.library.textAt(this.#out[0]!);
  }

  primitive(descriptor: Pointer): Pointer {
    return this.make('dnnl_primitive_create', ['void *'], descriptor);
  }

  memory(description: Description, at: Pointer): Pointer {
    return this.make('dnnl_memory_create', ['void *', 'void *', 'void *'], description, this.engine, at);
  }

  destroy(kind: 'primitive_desc' | 'primitive' | 'memory', pointer: Pointer): void {
    this.succeed(`dnnl_${kind}_destroy`, ['void *'], pointer);
  }

  close(): void {
    this.succeed('dnnl_stream_destroy', ['void *'], this.stream);
    this.succeed('dnnl_engine_destroy', ['void *'], this.engine);
  }

  call(name: string, result: string, parameters: readonly string[], ...values: readonly unknown[]): unknown {
    return this.bound(name, result, parameters)(...values);
  }

  bound(name: string, result: string, parameters: readonly string[]): NativeFunction {
    let found = this.#functions.get(name);
    if (!found) this.#functions.set(name, (found = this.library.bind(name, result, parameters)));
    return found;
  }

  succeed(name: string, parameters: readonly string[], ...values: readonly unknown[]): void {
    const status = this.call(name, 'int', parameters, ...values) as number;
    if (status !== 0) throw new DnnlError(name, status);
  }

  /** Calls a function whose first parameter receives a new object. */
  make(name: string, parameters: readonly string[], ...values: readonly unknown[]): Pointer {
    this.succeed(name, ['void *', ...parameters], this.#out, ...values);
    return this.#out[0]!;
  }

  /** Scratch memory is given by the caller, so that all primitives share it. */
  protected withAttributes<T>(posts: readonly PostOp[], work: (attributes: Pointer) => T): T {
    const attributes = this.make('dnnl_primitive_attr_create', []);
    try {
      this.succeed('dnnl_primitive_attr_set_scratchpad_mode', ['void *', 'int'], attributes, USER_SCRATCHPAD);
      if (posts.length > 0) this.#addPostOps(attributes, posts);
      return work(attributes);
    } finally {
      this.succeed('dnnl_primitive_attr_destroy', ['void *'], attributes);
    }
  }

  protected abstract appendEltwise(
    list: Pointer,
    algorithm: EltwiseAlgorithm,
    alpha: number,
    beta: number,
  ): void;

  #addPostOps(attributes: Pointer, posts: readonly PostOp[]): void {
    const list = this.make('dnnl_post_ops_create', []);
    try {
      for (const post of posts)
        if (post.kind === 'eltwise')
          this.appendEltwise(list, post.algorithm, post.alpha ?? 0, post.beta ?? 0);
        else
          this.succeed(
            'dnnl_post_ops_append_binary',
            ['void *', 'int', 'void *'],
            list,
            BINARY[post.algorithm],
            post.operand,
          );
      this.succeed('dnnl_primitive_attr_set_post_ops', ['void *', 'void *'], attributes, list);
    } finally {
      this.succeed('dnnl_post_ops_destroy', ['void *'], list);
    }
  }

  protected static readonly F32 = F32;
  protected static readonly ANY = ANY;
}

export const dimsOf = (numbers: readonly number[]): BigInt64Array => {
  const dims = new BigInt64Array(12);
  numbers.forEach((n, i) => (dims[i] = BigInt(n)));
  return dims;
};
