/** @file A float64 interpreter of graphs for tests: every operation by its definition, in plain loops. Independent of engines. */
import type { Attrs, Graph, Node, Shape, ValueId } from '../../compiler/graph/graph.js';
import { sizeOf } from '../../compiler/graph/graph.js';
import * as C from '../../compiler/scalar/coefficient.js';
import type { Coefficient } from '../../compiler/scalar/coefficient.js';

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** The values of all nodes, by value id. Feeds by name (inputs, labels), path (parameters, statistics), `path/slot` or application (dropout masks). */
export function interpret(
  graph: Graph,
  feeds: ReadonlyMap<string, ArrayLike<number>>,
  batch: number,
  scalars: Readonly<Record<string, number>> = {},
  /** What the node reads of a value that was computed; default: the value. */
  read: (node: Node, input: ValueId, data: Float64Array) => Float64Array = (_, __, data) => data,
): Float64Array[] {
  const values: Array64[] = [];
  const run: Run = { feeds, batch, scalars: { batch, ...scalars } };
  for (const node of graph.nodes) {
    const results = evaluate(
      node,
      node.inputs.map((id) => ({ ...values[id]!, data: read(node, id, values[id]!.data) })),
      run,
    );
    node.outputs.forEach((id, i) => {
      const shape = graph.values[id]!.shape.map((d) => (d === 'batch' ? batch : d));
      const data = results[i]!;
      if (data.length !== sizeOf(shape, batch))
        throw new Error(`interpret: ${node.op} made ${data.length} elements for [${shape.join(', ')}]`);
      values[id] = { shape, data };
    });
  }
  return values.map((v) => v.data);
}

interface Run {
  readonly feeds: ReadonlyMap<string, ArrayLike<number>>;
  readonly batch: number;
  readonly scalars: Readonly<Record<string, number>>;
}

const UNARY: Readonly<Record<string, (x: number, attrs: Attrs) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  exp: Math.exp,
  log: Math.log,
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  step: (x) => (x > 0 ? 1 : 0),
  sign: Math.sign,
  elu: (x, a) => (x > 0 ? x : (a['alpha'] as number) * Math.expm1(x)),
  leaky_relu: (x, a) => (x > 0 ? x : (a['slope'] as number) * x),
  clip: (x, a) => Math.min(Math.max(x, a['from'] as number), a['to'] as number),
  pow: (x, a) => x ** (a['exponent'] as number),
  not: (x) => (x ? 0 : 1),
  cast: (x) => x,
  stop: (x) => x,
};

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  equal: (a, b) => Number(a === b),
  not_equal: (a, b) => Number(a !== b),
  less: (a, b) => Number(a < b),
  less_equal: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greater_equal: (a, b) => Number(a >= b),
  and: (a, b) => Number(a && b),
  or: (a, b) => Number(a || b),
};

function evaluate(node: Node, inputs: readonly Array64[], run: Run): Float64Array[] {
  const { op, attrs } = node;
  const [a, b, c] = inputs;
  const number = (by: unknown): number => C.evaluate(by as Coefficient, run.scalars);
  const fed = (key: string): Float64Array => {
    const data = run.feeds.get(key);
    if (!data) throw new Error(`interpret: nothing is fed for ${key}`);
    return Float64Array.from(data);
  };
  const shape = attrs['shape'] === undefined ? [] : concrete(attrs['shape'] as Shape, run);
  const unary = UNARY[op];
  if (unary) return [a!.data.map((x) => unary(x, attrs))];
  const binary = BINARY[op];
  if (binary) return [zip([a!, b!], ([x, y]) => binary(x!, y!))];
  switch (op) {
    case 'input':
    case 'label':
      return [fed(attrs['name'] as string)];
    case 'parameter':
    case 'statistic':
      return [fed(attrs['path'] as string)];
    case 'slot':
      return [fed(`${String(attrs['path'])}/${String(attrs['slot'])}`)];
    case 'dropout_mask':
      return [fed(attrs['application'] as string)];
    case 'constant':
      return [Float64Array.of(number(attrs['value']))];
    case 'scalar':
    case 'seed':
      return [Float64Array.of(number(attrs['by']))];
    case 'ones':
      return [new Float64Array(volume(shape)).fill(1)];
    case 'scale':
    case 'mix': {
      const by = number(attrs['by']);
      return [a!.data.map((x) => x * by)];
    }
    case 'stop_where':
      return [a!.data];
    case 'mask':
      return [
        gather(a!.shape, (index) => {
          const m = b!.data[index[0]!]!;
          return m === 0 ? 0 : m * at(a!, index);
        }),
      ];
    case 'select':
      return [zip([a!, b!, c!], ([m, x, y]) => (m ? x! : y!))];
    case 'sum':
      return [reduceOver(a!, attrs['axes'] as number[], 0, (s, x) => s + x)];
    case 'max':
      return [reduceOver(a!, attrs['axes'] as number[], -Infinity, Math.max)];
    case 'min':
      return [reduceOver(a!, attrs['axes'] as number[], Infinity, Math.min)];
    case 'argmax': {
      const axis = attrs['axis'] as number;
      const best = reduceOver(a!, [axis], -Infinity, Math.max);
      const found = new Float64Array(best.length).fill(-1);
      each(a!.shape, (index, i) => {
        const cell = offset(
          index.filter((_, k) => k !== axis),
          a!.shape.filter((_, k) => k !== axis),
        );
        if (found[cell] === -1 && a!.data[i] === best[cell]) found[cell] = index[axis]!;
      });
      return [found];
    }
    case 'reshape':
      return [a!.data];
    case 'broadcast_to':
      return [gather(shape, (index) => at(a!, index))];
    case 'sum_to': {
      const out = new Float64Array(volume(shape));
      each(a!.shape, (index, i) => (out[broadcastOffset(index, shape)]! += a!.data[i]!));
      return [out];
    }
    case 'transpose': {
      const perm = attrs['perm'] as number[];
      const to = perm.map((p) => a!.shape[p]!);
      return [
        gather(
          to,
          (index) =>
            a!.data[
              offset(
                perm.map((_, k) => index[perm.indexOf(k)]!),
                a!.shape,
              )
            ]!,
        ),
      ];
    }
    case 'slice': {
      const axis = attrs['axis'] as number;
      const from = attrs['from'] as number;
      const to = a!.shape.map((d, k) => (k === axis ? (attrs['to'] as number) - from : d));
      return [
        gather(
          to,
          (index) =>
            a!.data[
              offset(
                index.map((i, k) => (k === axis ? i + from : i)),
                a!.shape,
              )
            ]!,
        ),
      ];
    }
    case 'concat': {
      const axis = attrs['axis'] as number;
      const starts: number[] = [];
      let total = 0;
      for (const part of inputs) {
        starts.push(total);
        total += part.shape[axis]!;
      }
      const to = a!.shape.map((d, k) => (k === axis ? total : d));
      return [
        gather(to, (index) => {
          const part = starts.findLastIndex((start) => start <= index[axis]!);
          return at(
            inputs[part]!,
            index.map((i, k) => (k === axis ? i - starts[part]! : i)),
          );
        }),
      ];
    }
    case 'pad': {
      const before = attrs['before'] as number[];
      const after = attrs['after'] as number[];
      const to = a!.shape.map((d, k) => d + before[k]! + after[k]!);
      return [
        gather(to, (index) => {
          const source = index.map((i, k) => i - before[k]!);
          return source.every((i, k) => i >= 0 && i < a!.shape[k]!) ? a!.data[offset(source, a!.shape)]! : 0;
        }),
      ];
    }
    case 'matmul': {
      const [x, y] = [attrs['transposeA'] ? transposed(a!) : a!, attrs['transposeB'] ? transposed(b!) : b!];
      const [m, inner] = x.shape as [number, number];
      const n = y.shape[1]!;
      return [
        gather([m, n], ([i, j]) => {
          let s = 0;
          for (let k = 0; k < inner; k++) s += x.data[i! * inner + k]! * y.data[k * n + j!]!;
          return s;
        }),
      ];
    }
    case 'one_hot': {
      const depth = attrs['depth'] as number;
      return [gather([a!.data.length, depth], ([i, j]) => Number(a!.data[i!] === j))];
    }
    default:
      return evaluateLayer(node, inputs, shape);
  }
}

/** Convolutions, pools, normalisation and fused losses. */
function evaluateLayer(node: Node, inputs: readonly Array64[], shape: readonly number[]): Float64Array[] {
  const { op, attrs } = node;
  const [a, b, c] = inputs as [Array64, Array64, Array64];
  switch (op) {
    case 'conv2d':
    case 'depthwise_conv2d': {
      const to = convShape(a, b, attrs, op === 'conv2d' ? 3 : 2);
      const out = new Float64Array(volume(to));
      convLoop(
        op === 'conv2d',
        a.shape,
        b.shape,
        to,
        attrs,
        (x, k, y) => (out[y]! += a.data[x]! * b.data[k]!),
      );
      return [out];
    }
    case 'conv2d_grad_input':
    case 'depthwise_conv2d_grad_input': {
      const out = new Float64Array(volume(shape));
      convLoop(
        !op.startsWith('depth'),
        shape,
        b.shape,
        a.shape,
        attrs,
        (x, k, y) => (out[x]! += a.data[y]! * b.data[k]!),
      );
      return [out];
    }
    case 'conv2d_grad_kernel':
    case 'depthwise_conv2d_grad_kernel': {
      const out = new Float64Array(volume(shape));
      convLoop(
        !op.startsWith('depth'),
        a.shape,
        shape,
        b.shape,
        attrs,
        (x, k, y) => (out[k]! += a.data[x]! * b.data[y]!),
      );
      return [out];
    }
    case 'prelu':
      return [zip([a, b], ([x, s]) => (x! > 0 ? x! : s! * x!))];
    case 'prelu_grad_input':
      return [zip([a, b, c], ([dy, x, s]) => (x! > 0 ? dy! : s! * dy!))];
    case 'prelu_grad_slope': {
      const out = new Float64Array(c.data.length);
      each(a.shape, (index, i) => {
        if (b.data[i]! <= 0) out[broadcastOffset(index, c.shape)]! += a.data[i]! * b.data[i]!;
      });
      return [out];
    }
    case 'batch_norm_train': {
      const { mean, variance } = moments(a);
      const epsilon = attrs['epsilon'] as number;
      const channels = mean.length;
      const y = a.data.map(
        (x, i) =>
          (b.data[i % channels]! * (x - mean[i % channels]!)) / Math.sqrt(variance[i % channels]! + epsilon) +
          c.data[i % channels]!,
      );
      return [y, mean, variance];
    }
    case 'batch_norm_grad':
      return batchNormGradient(inputs, attrs['epsilon'] as number);
    case 'batch_norm_apply': {
      const [, gamma, beta, mean, variance] = inputs.map((v) => v.data) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const n = gamma.length;
      return [
        a.data.map(
          (x, i) =>
            (gamma[i % n]! * (x - mean[i % n]!)) /
              Math.sqrt(variance[i % n]! + (attrs['epsilon'] as number)) +
            beta[i % n]!,
        ),
      ];
    }
    case 'softmax':
      return [logSoftmax(a).map(Math.exp)];
    case 'log_softmax':
      return [logSoftmax(a)];
    case 'softmax_cross_entropy': {
      const n = a.shape[1]!;
      const logs = logSoftmax(a);
      return [gather([a.shape[0]!], ([i]) => -sumOf(n, (j) => b.data[i! * n + j]! * logs[i! * n + j]!))];
    }
    case 'softmax_cross_entropy_grad': {
      const n = b.shape[1]!;
      const logs = logSoftmax(b);
      return [
        gather(b.shape, ([i, j]) => {
          const weight = sumOf(n, (k) => c.data[i! * n + k]!);
          return a.data[i!]! * (weight * Math.exp(logs[i! * n + j!]!) - c.data[i! * n + j!]!);
        }),
      ];
    }
    case 'max_pool':
      return [pool(a, attrs, (cells) => Math.max(...cells.map((i) => a.data[i]!)))];
    case 'avg_pool':
      return [pool(a, attrs, (cells) => cells.reduce((s, i) => s + a.data[i]!, 0) / cells.length)];
    case 'max_pool_grad': {
      const out = new Float64Array(b.data.length);
      pool(b, attrs, (cells, result) => {
        out[cells.find((i) => b.data[i] === c.data[result])!]! += a.data[result]!;
        return 0;
      });
      return [out];
    }
    case 'avg_pool_grad': {
      const out = new Float64Array(volume(shape));
      pool({ shape, data: out }, attrs, (cells, result) => {
        for (const i of cells) out[i]! += a.data[result]! / cells.length;
        return 0;
      });
      return [out];
    }
    case 'resize': {
      const [n, , , channels] = a.shape as Four;
      const to = [n, attrs['height'] as number, attrs['width'] as number, channels];
      const out = new Float64Array(volume(to));
      resizeLoop(a.shape, to, attrs, (from, result, share) => (out[result]! += share * a.data[from]!));
      return [out];
    }
    case 'resize_grad': {
      const out = new Float64Array(volume(shape));
      resizeLoop(shape, a.shape, attrs, (from, result, share) => (out[from]! += share * a.data[result]!));
      return [out];
    }
    default:
      throw new Error(`interpret does not know ${op}`);
  }
}

function batchNormGradient(inputs: readonly Array64[], epsilon: number): Float64Array[] {
  const [dy, x, gamma, mean, variance] = inputs.map((v) => v.data) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const n = gamma.length;
  const rows = x.length / n;
  const normal = x.map((v, i) => (v - mean[i % n]!) / Math.sqrt(variance[i % n]! + epsilon));
  const dgamma = new Float64Array(n);
  const dbeta = new Float64Array(n);
  dy.forEach((d, i) => {
    dgamma[i % n]! += d * normal[i]!;
    dbeta[i % n]! += d;
  });
  const dx = dy.map((d, i) => {
    const k = i % n;
    return (
      (gamma[k]! / Math.sqrt(variance[k]! + epsilon)) *
      (d - dbeta[k]! / rows - (normal[i]! * dgamma[k]!) / rows)
    );
  });
  return [dx, dgamma, dbeta];
}

function moments(x: Array64): { mean: Float64Array; variance: Float64Array } {
  const n = x.shape.at(-1)!;
  const rows = x.data.length / n;
  const mean = new Float64Array(n);
  const variance = new Float64Array(n);
  x.data.forEach((v, i) => (mean[i % n]! += v / rows));
  x.data.forEach((v, i) => (variance[i % n]! += (v - mean[i % n]!) ** 2 / rows));
  return { mean, variance };
}

function logSoftmax(x: Array64): Float64Array {
  const n = x.shape.at(-1)!;
  return x.data.map((v, i) => {
    const row = x.data.subarray(i - (i % n), i - (i % n) + n);
    const top = Math.max(...row);
    return v - top - Math.log(row.reduce((s, y) => s + Math.exp(y - top), 0));
  });
}

type Four = [number, number, number, number];

function convShape(x: Array64, kernel: Array64, attrs: Attrs, filtersAxis: number): number[] {
  const [n, h, w] = x.shape as Four;
  const [kh, kw] = kernel.shape as Four;
  const [sh, sw] = attrs['stride'] as [number, number];
  const [t, bottom, l, r] = attrs['pad'] as Four;
  const [dh, dw] = attrs['dilation'] as [number, number];
  const out = (size: number, k: number, pad: number, stride: number, dilation: number): number =>
    Math.floor((size + pad - dilation * (k - 1) - 1) / stride) + 1;
  return [n, out(h, kh, t + bottom, sh, dh), out(w, kw, l + r, sw, dw), kernel.shape[filtersAxis]!];
}

/** Calls `visit` with the offsets of every image element, kernel element and result element that meet. */
function convLoop(
  full: boolean,
  x: readonly number[],
  kernel: readonly number[],
  y: readonly number[],
  attrs: Attrs,
  visit: (x: number, k: number, y: number) => void,
): void {
  const [sh, sw] = attrs['stride'] as [number, number];
  const [top, , left] = attrs['pad'] as Four;
  const [dh, dw] = attrs['dilation'] as [number, number];
  const [, H, W, ci] = x as Four;
  const [kh, kw, , co] = kernel as Four;
  each(y, ([n, i, j, f], at) => {
    for (let p = 0; p < kh; p++) {
      for (let q = 0; q < kw; q++) {
        const row = i! * sh - top + p * dh;
        const column = j! * sw - left + q * dw;
        if (row < 0 || row >= H || column < 0 || column >= W) continue;
        const cell = ((n! * H + row) * W + column) * ci;
        if (!full) visit(cell + f!, (p * kw + q) * ci + f!, at);
        else for (let m = 0; m < ci; m++) visit(cell + m, ((p * kw + q) * ci + m) * co + f!, at);
      }
    }
  });
}

/** `fold` gets the offsets of the elements in each window, and the offset of its result. */
function pool(x: Array64, attrs: Attrs, fold: (cells: number[], result: number) => number): Float64Array {
  const [kh, kw] = attrs['size'] as [number, number];
  const [sh, sw] = attrs['stride'] as [number, number];
  const [top, bottom, left, right] = attrs['pad'] as Four;
  const [n, H, W, channels] = x.shape as Four;
  const to = [
    n,
    Math.floor((H + top + bottom - kh) / sh) + 1,
    Math.floor((W + left + right - kw) / sw) + 1,
    channels,
  ];
  return gather(to, ([s, i, j, f]) => {
    const cells: number[] = [];
    for (let p = 0; p < kh; p++) {
      for (let q = 0; q < kw; q++) {
        const row = i! * sh - top + p;
        const column = j! * sw - left + q;
        if (row >= 0 && row < H && column >= 0 && column < W)
          cells.push(((s! * H + row) * W + column) * channels + f!);
      }
    }
    return fold(cells, offset([s!, i!, j!, f!], to));
  });
}

/** Calls `visit` with source element, result element and the share of the source in it: a tent around each pixel's centre, or the nearest pixel. */
function resizeLoop(
  x: readonly number[],
  y: readonly number[],
  attrs: Attrs,
  visit: (from: number, result: number, share: number) => void,
): void {
  const [, H, W, channels] = x as Four;
  const share = (i: number, r: number, from: number, to: number): number => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    if (attrs['method'] === 'nearest') return Number(Math.floor(((i + 0.5) * from) / to) === r);
    // Beyond the border, the border's pixel goes on.
    const clamped = Math.min(from - 1, Math.max(0, centre));
    return Math.max(0, 1 - Math.abs(clamped - r));
  };
  each(y, ([n, i, j, f], result) => {
    for (let row = 0; row < H; row++) {
      for (let column = 0; column < W; column++) {
        const weight = share(i!, row, H, y[1]!) * share(j!, column, W, y[2]!);
        if (weight > 0) visit(((n! * H + row) * W + column) * channels + f!, result, weight);
      }
    }
  });
}

const volume = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const concrete = (shape: Shape, run: Run): number[] => shape.map((d) => (d === 'batch' ? run.batch : d));
const sumOf = (n: number, f: (i: number) => number): number =>
  Array.from({ length: n }, (_, i) => f(i)).reduce((s, x) => s + x, 0);

function each(shape: readonly number[], visit: (index: number[], at: number) => void): void {
  const index = shape.map(() => 0);
  const total = volume(shape);
  for (let at = 0; at < total; at++) {
    visit(index, at);
    for (let k = shape.length - 1; k >= 0; k--) {
      if (++index[k]! < shape[k]!) break;
      index[k] = 0;
    }
  }
}

function gather(shape: readonly number[], value: (index: number[]) => number): Float64Array {
  const out = new Float64Array(volume(shape));
  each(shape, (index, at) => (out[at] = value(index)));
  return out;
}

const offset = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((o, i, k) => o * shape[k]! + i, 0);

/** The element of `shape` that an index into its broadcast reads. */
function broadcastOffset(index: readonly number[], shape: readonly number[]): number {
  const lead = index.length - shape.length;
  return shape.reduce((o, d, k) => o * d + (d === 1 ? 0 : index[lead + k]!), 0);
}

const at = (x: Array64, index: readonly number[]): number => x.data[broadcastOffset(index, x.shape)]!;

function zip(operands: readonly Array64[], f: (values: number[]) => number): Float64Array {
  const rank = Math.max(...operands.map((o) => o.shape.length));
  const shape = Array.from({ length: rank }, (_, k) =>
    Math.max(...operands.map((o) => o.shape[k - rank + o.shape.length] ?? 1)),
  );
  return gather(shape, (index) => f(operands.map((o) => at(o, index))));
}

function transposed(x: Array64): Array64 {
  const [m, n] = x.shape as [number, number];
  return { shape: [n, m], data: gather([n, m], ([i, j]) => x.data[j! * n + i!]!) };
}

/** `axes` reduced in index order. */
function reduceOver(
  x: Array64,
  axes: readonly number[],
  initial: number,
  fold: (a: number, b: number) => number,
): Float64Array {
  const keptAxes = x.shape.map((_, k) => k).filter((k) => !axes.includes(k));
  const shape = keptAxes.map((k) => x.shape[k]!);
  const out = new Float64Array(volume(shape)).fill(initial);
  each(x.shape, (index, i) => {
    const cell = offset(
      keptAxes.map((k) => index[k]!),
      shape,
    );
    out[cell] = fold(out[cell]!, x.data[i]!);
  });
  return out;
}
