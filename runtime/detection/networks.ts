/**
 * @file The three networks as compiled graphs on whichever engine runs. The weights were learned on images with width before height
 * (MATLAB's order); their kernels are turned once when they are loaded, so that images need not be.
 */
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Graph, Node } from '../../compiler/graph/graph.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import type { Engine, Tensor as EngineTensor } from '../engines/engine.js';
import { Executor } from '../engines/executor.js';
import type { Tensor, Weights } from './weights.js';
import { layersOf, type LayerShape, type NetName } from './widths.js';

/** Windows and strides of the pooling behind each convolution, null: none. Windows at the lower and right edge may be cut off (ceil mode). */
const POOLS: Readonly<Record<NetName, readonly (2 | 3 | null)[]>> = {
  pnet: [2, null, null],
  rnet: [3, 3, null],
  onet: [3, 3, 2, null],
};
const STRIDE = 2;
/** Sides of what the latter two look at. */
export const SIDES = { pnet: 12, rnet: 24, onet: 48 } as const;
/** Batches are filled up to one of these, so that an engine prepares few sizes of kernels. */
const BATCHES = [1, 2, 4, 8, 16, 32, 64] as const;
const LARGEST = 64;

/** What a network says of each window: rows of numbers. */
export interface Answers {
  readonly count: number;
  /** Probabilities of a face. */
  readonly scores: Float32Array;
  /** [count, 4]: left, top, right, bottom as fractions of the window's size, to be added. */
  readonly offsets: Float32Array;
  /** [count, 10]: five x, then five y, as fractions of the window; of the last network only. */
  readonly landmarks: Float32Array;
}

/** Holds the weights on an engine until it is closed. */
export class Networks {
  readonly #state = new Map<string, EngineTensor>();
  readonly #executors = new Map<string, Executor>();
  /** The heads of a network are its last. */
  readonly #layers: Readonly<Record<NetName, readonly Merged[]>>;

  constructor(
    readonly engine: Engine,
    weights: Weights,
  ) {
    const of = (net: NetName): Merged[] => {
      const { body, heads } = layersOf(net, weights.widths);
      return [...body.map((layer) => loaded(layer, weights)), mergeHeads(net, heads, weights)];
    };
    this.#layers = { pnet: of('pnet'), rnet: of('rnet'), onet: of('onet') };
    const named = Object.values(this.#layers)
      .flat()
      .flatMap(({ name, weights: kernel, bias, slopes }) => [
        [`${name}/weights`, kernel] as const,
        [`${name}/bias`, bias] as const,
        ...(slopes ? [[`${name}/slopes`, slopes] as const] : []),
      ]);
    const numbers = named.map(([path, { shape, values }]) => [path, { shape, data: values }] as const);
    for (const [path, tensor] of engine.uploadAll(numbers)) this.#state.set(path, tensor);
  }

  /**
   * The first network on one image of even sides, at least 12: an answer for each window of 12 by 12, every two pixels, row by row.
   * @param pixels [height, width, 3], scaled to about -1…1.
   */
  scan(pixels: Float32Array, height: number, width: number): Answers {
    return answers(this.#run('pnet', pixels, 1, height, width), this.#widthOf('pnet'));
  }

  /** The second or third on windows of 24 or 48 pixels a side. @param pixels [count, side, side, 3] */
  judge(net: 'rnet' | 'onet', pixels: Float32Array, count: number): Answers {
    const side = SIDES[net];
    const size = side * side * 3;
    const width = this.#widthOf(net);
    const rows = new Float32Array(count * width);
    for (let start = 0; start < count; start += LARGEST) {
      const own = Math.min(LARGEST, count - start);
      const batch = BATCHES.find((n) => n >= own)!;
      const part = new Float32Array(batch * size);
      part.set(pixels.subarray(start * size, (start + own) * size));
      rows.set(this.#run(net, part, batch, side, side).subarray(0, own * width), start * width);
    }
    return answers(rows, width);
  }

  close(): void {
    for (const tensor of this.#state.values()) this.engine.free(tensor);
    this.#state.clear();
  }

  #widthOf(net: NetName): number {
    return this.#layers[net].at(-1)!.bias.shape[0]!;
  }

  #run(net: NetName, pixels: Float32Array, batch: number, height: number, width: number): Float32Array {
    const key = `${net} ${height} ${width}`;
    let executor = this.#executors.get(key);
    if (!executor) {
      const graph = graphOf(net, this.#layers[net], height, width);
      executor = new Executor(this.engine, makePlan(graph, this.engine.target));
      this.#executors.set(key, executor);
    }
    const image = this.engine.upload(pixels, [batch, height, width, 3]);
    try {
      const results = executor.run({
        batch,
        feeds: new Map([['image', image]]),
        state: this.#state,
        slots: new Map(),
        scalars: {},
      });
      const rows = results.get('predict:rows')!;
      const numbers = this.engine.download(rows) as Float32Array;
      this.engine.free(rows);
      return numbers;
    } finally {
      this.engine.free(image);
    }
  }
}

interface Merged {
  readonly kind: LayerShape['kind'];
  readonly name: string;
  readonly weights: Tensor;
  readonly bias: Tensor;
  readonly slopes?: Tensor;
}

function loaded({ kind, name, slopes }: LayerShape, { tensors, widths }: Weights): Merged {
  const weights = tensors.get(`${name}/weights`)!;
  const net = name.split('/')[0] as NetName;
  // Only what follows the flattening has an order of rows to turn.
  const channels = widths[net].at(-2)!;
  return {
    kind,
    name,
    weights: kind === 'conv' ? turnKernel(weights) : turnRows(weights, channels),
    bias: tensors.get(`${name}/bias`)!,
    ...(slopes !== undefined && { slopes: tensors.get(slopes)! }),
  };
}

/** Heads read the same, and so are one layer. */
function mergeHeads(net: NetName, heads: readonly LayerShape[], { tensors }: Weights): Merged {
  const parts = heads.map(({ name }) => tensors.get(`${name}/weights`)!);
  const rows = parts[0]!.shape.at(-2)!;
  const outputs = parts.reduce((n, { shape }) => n + shape.at(-1)!, 0);
  const values = new Float32Array(rows * outputs);
  let column = 0;
  for (const { shape, values: own } of parts) {
    const width = shape.at(-1)!;
    for (let row = 0; row < rows; row++)
      values.set(own.subarray(row * width, (row + 1) * width), row * outputs + column);
    column += width;
  }
  const biases = heads.flatMap(({ name }) => [...tensors.get(`${name}/bias`)!.values]);
  return {
    kind: heads[0]!.kind,
    name: `${net}/heads`,
    weights: { shape: [...parts[0]!.shape.slice(0, -1), outputs], values },
    bias: { shape: [outputs], values: Float32Array.from(biases) },
  };
}

/** Rows for columns. */
function turnKernel({ shape, values }: Tensor): Tensor {
  const [rows, columns, channels, filters] = shape as [number, number, number, number];
  const size = channels * filters;
  const turned = new Float32Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      turned.set(
        values.subarray((i * columns + j) * size, (i * columns + j + 1) * size),
        (j * rows + i) * size,
      );
  return { shape: [columns, rows, channels, filters], values: turned };
}

/** The rows of a matrix behind a flattened square image. */
function turnRows({ shape, values }: Tensor, channels: number): Tensor {
  const [rows, columns] = shape as [number, number];
  const side = Math.round(Math.sqrt(rows / channels));
  const asKernel: Tensor = { shape: [side, side, channels, columns], values };
  return { shape, values: turnKernel(asKernel).values };
}

function graphOf(net: NetName, layers: readonly Merged[], height: number, width: number): Graph {
  const builder = new GraphBuilder();
  const origin = { from: 'detection' } as const;
  const emit = (op: string, inputs: number[], attrs: Node['attrs'] = {}): number =>
    builder.emit(op, inputs, attrs, origin);
  const parameter = (path: string, { shape }: Tensor): number => emit('parameter', [], { path, shape });
  let x = emit('input', [], { name: 'image', shape: ['batch', height, width, 3] });
  for (const [i, { kind, name, weights, bias, slopes }] of layers.entries()) {
    if (kind === 'dense' && layers[i - 1]!.kind === 'conv')
      x = emit('reshape', [x], { shape: ['batch', weights.shape[0]!] });
    const kernel = parameter(`${name}/weights`, weights);
    x =
      kind === 'conv'
        ? emit('conv2d', [x, kernel], { stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] })
        : emit('matmul', [x, kernel], { transposeA: false, transposeB: false });
    x = emit('add', [x, parameter(`${name}/bias`, bias)]);
    if (slopes) x = emit('prelu', [x, parameter(`${name}/slopes`, slopes)]);
    const size = POOLS[net][i];
    if (kind === 'conv' && size) x = pool(builder, emit, x, size);
  }
  return builder.build([{ role: 'predict', name: 'rows', value: x }]);
}

/** Largest elements, the last window of an uneven rest cut off at the edge: ceil((n - size) / 2) + 1 of them. */
function pool(
  builder: GraphBuilder,
  emit: (op: string, inputs: number[], attrs: Node['attrs']) => number,
  x: number,
  size: number,
): number {
  const [, height, width] = builder.type(x).shape as readonly number[];
  const beyond = (n: number): number => Math.ceil((n - size) / STRIDE) * STRIDE + size - n;
  return emit('max_pool', [x], {
    size: [size, size],
    stride: [STRIDE, STRIDE],
    pad: [0, beyond(height!), 0, beyond(width!)],
  });
}

function answers(rows: Float32Array, width: number): Answers {
  const count = rows.length / width;
  const scores = new Float32Array(count);
  const offsets = new Float32Array(4 * count);
  const landmarks = new Float32Array(width > 6 ? 10 * count : 0);
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * width, (i + 1) * width);
    scores[i] = 1 / (1 + Math.exp(row[0]! - row[1]!));
    offsets.set(row.subarray(2, 6), 4 * i);
    if (width > 6) landmarks.set(row.subarray(6, 16), 10 * i);
  }
  return { count, scores, offsets, landmarks };
}
