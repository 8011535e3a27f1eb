/** @file The C interface of oneDNN 3.x: primitive descriptors are made in one call, memory descriptions are handles. */
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

const [USE_GLOBAL, USE_SCALE, USE_SHIFT] = [1, 2, 4];
const POST_OP_BASE = 32_768;
const SOFTMAX_ACCURATE = 0x30000;

const ELTWISE: Readonly<Record<EltwiseAlgorithm, number>> = {
  relu: 0x20,
  tanh: 0x21,
  elu: 0x22,
  square: 0x23,
  abs: 0x24,
  sqrt: 0x25,
  linear: 0x26,
  logistic: 0x29,
  exp: 0x2a,
  log: 0x2d,
  clip: 0x2e,
  pow: 0x30,
};

export class Dnnl3 extends Dnnl {
  describe(dims: readonly number[], strides?: readonly number[]): Description {
    const parameters = ['int', 'void *', 'int'];
    if (strides)
      return this.make(
        'dnnl_memory_desc_create_with_strides',
        [...parameters, 'void *'],
        dims.length,
        dimsOf(dims),
        Dnnl.F32,
        dimsOf(strides),
      );
    return this.make(
      'dnnl_memory_desc_create_with_tag',
      [...parameters, 'int'],
      dims.length,
      dimsOf(dims),
      Dnnl.F32,
      Dnnl.ANY,
    );
  }

  copyOf(description: Pointer): Description {
    return this.make('dnnl_memory_desc_clone', ['void *'], description);
  }

  forget(description: Description): void {
    this.succeed('dnnl_memory_desc_destroy', ['void *'], description);
  }

  convolution(
    algorithm: ConvolutionAlgorithm,
    operands: { src: Description; weights: Description; bias?: Description; dst: Description },
    window: Window,
  ): Pointer {
    const { src, weights, bias, dst } = operands;
    return this.#make(
      'convolution_forward',
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
    return this.#make(
      'convolution_backward_data',
      ['int', 'void *', 'void *', 'void *', ...WINDOW, 'void *'],
      [CONVOLUTION[algorithm], diffSrc, weights, diffDst, ...windowOf(window), hint],
    );
  }

  convolutionGradKernel(
    algorithm: ConvolutionAlgorithm,
    operands: { src: Description; diffWeights: Description; diffDst: Description },
    window: Window,
    hint: Pointer,
  ): Pointer {
    const { src, diffWeights, diffDst } = operands;
    return this.#make(
      'convolution_backward_weights',
      ['int', 'void *', 'void *', 'void *', 'void *', ...WINDOW, 'void *'],
      [CONVOLUTION[algorithm], src, diffWeights, null, diffDst, ...windowOf(window), hint],
    );
  }

  matmul(
    operands: { a: Description; b: Description; bias?: Description; result: Description },
    posts: readonly PostOp[] = [],
  ): Pointer {
    const { a, b, bias, result } = operands;
    return this.#make(
      'matmul',
      ['void *', 'void *', 'void *', 'void *'],
      [a, b, bias ?? null, result],
      posts,
    );
  }

  binary(
    algorithm: BinaryAlgorithm,
    a: Description,
    b: Description,
    result: Description,
    posts: readonly PostOp[] = [],
  ): Pointer {
    return this.#make(
      'binary',
      ['int', 'void *', 'void *', 'void *'],
      [BINARY[algorithm], a, b, result],
      posts,
    );
  }

  eltwise(
    algorithm: EltwiseAlgorithm,
    data: Description,
    alpha: number,
    beta: number,
    posts: readonly PostOp[] = [],
  ): Pointer {
    return this.#make(
      'eltwise_forward',
      ['int', 'int', 'void *', 'void *', 'float', 'float'],
      [FORWARD.inference, ELTWISE[algorithm], data, data, alpha, beta],
      posts,
    );
  }

  batchNorm({ data, epsilon, given }: BatchNorm): Pointer {
    return this.#make(
      'batch_normalization_forward',
      ['int', 'void *', 'void *', 'float', 'unsigned int'],
      [given ? FORWARD.inference : FORWARD.training, data, data, epsilon, flagsOf(given)],
    );
  }

  batchNormGrad({ data, epsilon, given }: BatchNorm, hint: Pointer): Pointer {
    return this.#make(
      'batch_normalization_backward',
      ['int', 'void *', 'void *', 'void *', 'float', 'unsigned int', 'void *'],
      [BACKWARD, data, data, data, epsilon, flagsOf(given), hint],
    );
  }

  prelu(data: Description, weights: Description): Pointer {
    return this.#make(
      'prelu_forward',
      ['int', 'void *', 'void *', 'void *'],
      [FORWARD.training, data, weights, data],
    );
  }

  preluGrad(data: Description, weights: Description, diffWeights: Description, hint: Pointer): Pointer {
    return this.#make(
      'prelu_backward',
      ['void *', 'void *', 'void *', 'void *', 'void *', 'void *'],
      [data, weights, data, diffWeights, data, hint],
    );
  }

  pooling(
    algorithm: PoolingAlgorithm,
    { src, dst }: { src: Description; dst: Description },
    size: readonly number[],
    window: Window,
  ): Pointer {
    const { strides, dilations, before, after } = window;
    return this.#make(
      'pooling_forward',
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
    return this.#make(
      'pooling_backward',
      ['int', 'void *', 'void *', ...WINDOW, 'void *', 'void *'],
      [POOLING[algorithm], src, dst, ...[strides, size, dilations, before, after].map(dimsOf), hint],
    );
  }

  reduction(algorithm: ReductionAlgorithm, src: Description, dst: Description): Pointer {
    return this.#make(
      'reduction',
      ['int', 'void *', 'void *', 'float', 'float'],
      [REDUCTION[algorithm], src, dst, 0, 0],
    );
  }

  softmax(data: Description, axis: number): Pointer {
    return this.#make(
      'softmax_forward',
      ['int', 'int', 'void *', 'void *', 'int'],
      [FORWARD.inference, SOFTMAX_ACCURATE, data, data, axis],
    );
  }

  postOperand(index: number): number {
    return (POST_OP_BASE * (index + 1)) | 2;
  }

  protected appendEltwise(list: Pointer, algorithm: EltwiseAlgorithm, alpha: number, beta: number): void {
    this.succeed(
      'dnnl_post_ops_append_eltwise',
      ['void *', 'int', 'float', 'float'],
      list,
      ELTWISE[algorithm],
      alpha,
      beta,
    );
  }

  #make(
    operation: string,
    parameters: readonly string[],
    values: readonly unknown[],
    posts: readonly PostOp[] = [],
  ): Pointer {
    return this.withAttributes(posts, (attributes) =>
      this.make(
        `dnnl_${operation}_primitive_desc_create`,
        ['void *', ...parameters, 'void *'],
        this.engine,
        ...values,
        attributes,
      ),
    );
  }
}

const WINDOW = ['void *', 'void *', 'void *', 'void *'];

const windowOf = ({ strides, dilations, before, after }: Window): readonly BigInt64Array[] =>
  [strides, dilations, before, after].map(dimsOf);

const flagsOf = (given: boolean): number => USE_SCALE | USE_SHIFT | (given ? USE_GLOBAL : 0);
