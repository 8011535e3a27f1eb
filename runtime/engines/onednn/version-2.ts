/** @file The C interface of oneDNN 2.x: operations are described in structures, from which primitive descriptors are made. */
import {
  BACKWARD,
  BINARY,
  CONVOLUTION,
  Dnnl,
  FORWARD,
  POOLING,
  REDUCTION,
  dimsOf,
  type BatchNorm,
  type BinaryAlgorithm,
  type ConvolutionAlgorithm,
  type Description,
  type EltwiseAlgorithm,
  type Pointer,
  type PoolingAlgorithm,
  type PostOp,
  type ReductionAlgorithm,
  type Window,
} from './dnnl.js';

/** Larger than `dnnl_memory_desc_t` and than every operation's structure in any 2.x. */
const [MEMORY_BYTES, OPERATION_BYTES] = [1024, 8192];
/** `sizeof(dnnl_memory_desc_t)` in every 2.x: what may be read of one that is the library's. */
const DESCRIPTION_BYTES = 696;
const [USE_GLOBAL, USE_SCALE, USE_SHIFT] = [1, 8, 16];
const POST_OP_BASE = 16_384;

const ELTWISE: Readonly<Record<EltwiseAlgorithm, number>> = {
  relu: 0x1f,
  tanh: 0x2f,
  elu: 0x3f,
  square: 0x4f,
  abs: 0x5f,
  sqrt: 0x6f,
  linear: 0x7f,
  logistic: 0xaf,
  exp: 0xbf,
  log: 0xef,
  clip: 0xff,
  pow: 0x20,
};

export class Dnnl2 extends Dnnl {
  describe(dims: readonly number[], strides?: readonly number[]): Description {
    const memory = new Uint8Array(MEMORY_BYTES);
    const parameters = ['void *', 'int', 'void *', 'int'];
    if (strides)
      this.succeed(
        'dnnl_memory_desc_init_by_strides',
        [...parameters, 'void *'],
        memory,
        dims.length,
        dimsOf(dims),
        Dnnl.F32,
        dimsOf(strides),
      );
    else
      this.succeed(
        'dnnl_memory_desc_init_by_tag',
        [...parameters, 'int'],
        memory,
        dims.length,
        dimsOf(dims),
        Dnnl.F32,
        Dnnl.ANY,
      );
    return memory;
  }

  copyOf(description: Pointer): Description {
    return this.library.bytesAt(description, DESCRIPTION_BYTES);
  }

  /** Descriptions are memory of the host. */
  forget(): void {}

  convolution(
    algorithm: ConvolutionAlgorithm,
    operands: { src: Description; weights: Description; bias?: Description; dst: Description },
    window: Window,
  ): Pointer {
    const { src, weights, bias, dst } = operands;
    return this.#from(
      'dilated_convolution_forward',
      ['int', 'int', 'void *', 'void *', 'void *', 'void *', ...WINDOW],
      [FORWARD.training, CONVOLUTION[algorithm], src, weights, bias ?? null, dst, ...windowOf(window)],
    );
  }

  convolutionGradInput(
    algorithm: ConvolutionAlgorithm,
    operands: { diffSrc: Description; weights: Description; diffDst: Description },
    window: Window,
    hint: Pointer,
  ): Pointer {
    const { diffSrc, weights, diffDst } = operands;
    return this.#from(
      'dilated_convolution_backward_data',
      ['int', 'void *', 'void *', 'void *', ...WINDOW],
      [CONVOLUTION[algorithm], diffSrc, weights, diffDst, ...windowOf(window)],
      { hint },
    );
  }

  convolutionGradKernel(
    algorithm: ConvolutionAlgorithm,
    operands: { src: Description; diffWeights: Description; diffDst: Description },
    window: Window,
    hint: Pointer,
  ): Pointer {
    const { src, diffWeights, diffDst } = operands;
    return this.#from(
      'dilated_convolution_backward_weights',
      ['int', 'void *', 'void *', 'void *', 'void *', ...WINDOW],
      [CONVOLUTION[algorithm], src, diffWeights, null, diffDst, ...windowOf(window)],
      { hint },
    );
  }

  matmul(
    operands: { a: Description; b: Description; bias?: Description; result: Description },
    posts: readonly PostOp[] = [],
  ): Pointer {
    const { a, b, bias, result } = operands;
    return this.#from('matmul', ['void *', 'void *', 'void *', 'void *'], [a, b, bias ?? null, result], {
      posts,
    });
  }

  binary(
    algorithm: BinaryAlgorithm,
    a: Description,
    b: Description,
    result: Description,
    posts: readonly PostOp[] = [],
  ): Pointer {
    return this.#from('binary', ['int', 'void *', 'void *', 'void *'], [BINARY[algorithm], a, b, result], {
      posts,
    });
  }

  eltwise(
    algorithm: EltwiseAlgorithm,
    data: Description,
    alpha: number,
    beta: number,
    posts: readonly PostOp[] = [],
  ): Pointer {
    return this.#from(
      'eltwise_forward',
      ['int', 'int', 'void *', 'float', 'float'],
      [FORWARD.inference, ELTWISE[algorithm], data, alpha, beta],
      { posts },
    );
  }

  batchNorm({ data, epsilon, given }: BatchNorm): Pointer {
    return this.#from(
      'batch_normalization_forward',
      ['int', 'void *', 'float', 'unsigned int'],
      [given ? FORWARD.inference : FORWARD.training, data, epsilon, flagsOf(given)],
    );
  }

  batchNormGrad({ data, epsilon, given }: BatchNorm, hint: Pointer): Pointer {
    return this.#from(
      'batch_normalization_backward',
      ['int', 'void *', 'void *', 'float', 'unsigned int'],
      [BACKWARD, data, data, epsilon, flagsOf(given)],
      { hint },
    );
  }

  prelu(data: Description, weights: Description): Pointer {
    return this.#from('prelu_forward', ['int', 'void *', 'void *'], [FORWARD.training, data, weights]);
  }

  preluGrad(data: Description, weights: Description, diffWeights: Description, hint: Pointer): Pointer {
    return this.#from(
      'prelu_backward',
      ['void *', 'void *', 'void *', 'void *'],
      [data, weights, data, diffWeights],
      { hint },
    );
  }

  pooling(
    algorithm: PoolingAlgorithm,
    { src, dst }: { src: Description; dst: Description },
    size: readonly number[],
    window: Window,
  ): Pointer {
    const { strides, dilations, before, after } = window;
    return this.#from(
      'pooling_v2_forward',
      ['int', 'int', 'void *', 'void *', ...WINDOW, 'void *'],
      [
        FORWARD.training,
        POOLING[algorithm],
        src,
        dst,
        ...[strides, size, dilations, before, after].map(dimsOf),
      ],
    );
  }

  poolingGrad(
    algorithm: PoolingAlgorithm,
    { src, dst }: { src: Description; dst: Description },
    size: readonly number[],
    window: Window,
    hint: Pointer,
  ): Pointer {
    const { strides, dilations, before, after } = window;
    return this.#from(
      'pooling_v2_backward',
      ['int', 'void *', 'void *', ...WINDOW, 'void *'],
      [POOLING[algorithm], src, dst, ...[strides, size, dilations, before, after].map(dimsOf)],
      { hint },
    );
  }

  reduction(algorithm: ReductionAlgorithm, src: Description, dst: Description): Pointer {
    return this.#from(
      'reduction',
      ['int', 'void *', 'void *', 'float', 'float'],
      [REDUCTION[algorithm], src, dst, 0, 0],
    );
  }

  softmax(data: Description, axis: number): Pointer {
    return this.#from('softmax_forward', ['int', 'void *', 'int'], [FORWARD.inference, data, axis]);
  }

  postOperand(index: number): number {
    return (POST_OP_BASE * (index + 1)) | 2;
  }

  protected appendEltwise(list: Pointer, algorithm: EltwiseAlgorithm, alpha: number, beta: number): void {
    this.succeed(
      'dnnl_post_ops_append_eltwise',
      ['void *', 'float', 'int', 'float', 'float'],
      list,
      1,
      ELTWISE[algorithm],
      alpha,
      beta,
    );
  }

  #from(
    operation: string,
    parameters: readonly string[],
    values: readonly unknown[],
    { hint = null, posts = [] }: { hint?: Pointer | null; posts?: readonly PostOp[] } = {},
  ): Pointer {
    const description = new Uint8Array(OPERATION_BYTES);
    this.succeed(`dnnl_${operation}_desc_init`, ['void *', ...parameters], description, ...values);
    return this.withAttributes(posts, (attributes) =>
      this.make(
        'dnnl_primitive_desc_create',
        ['void *', 'void *', 'void *', 'void *'],
        description,
        attributes,
        this.engine,
        hint,
      ),
    );
  }
}

const WINDOW = ['void *', 'void *', 'void *', 'void *'];

const windowOf = ({ strides, dilations, before, after }: Window): readonly BigInt64Array[] =>
  [strides, dilations, before, after].map(dimsOf);

const flagsOf = (given: boolean): number => USE_SCALE | USE_SHIFT | (given ? USE_GLOBAL : 0);
