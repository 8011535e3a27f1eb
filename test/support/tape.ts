/** @file The gradient oracle: runs a forward graph with plain tfjs operations and differentiates each loss with tfjs's own tape. */
import * as tf from '@tensorflow/tfjs';
import type { Graph, Node, Shape, ValueId } from '../../compiler/graph/graph.js';
import type { RoutedObjective } from '../../compiler/routing/terms.js';
import * as C from '../../compiler/scalar/coefficient.js';
import type { Coefficient } from '../../compiler/scalar/coefficient.js';

export interface TapeFeeds {
  /** Parameters and statistics by path, inputs and labels by name. */
  readonly values: ReadonlyMap<string, Float32Array | Int32Array>;
  readonly batch: number;
  readonly scalars: Readonly<Record<string, number>>;
  /** By application. */
  readonly masks: ReadonlyMap<string, Float32Array>;
}

/** Gradient per parameter path of the routed, weighted sum of losses: one tape per loss, then plain addition. */
export async function tapeGradients(
  graph: Graph,
  objective: RoutedObjective,
  feeds: TapeFeeds,
): Promise<Map<string, Float32Array>> {
  await tf.setBackend('cpu');
  const parameterNodes = graph.nodes.filter((n) => n.op === 'parameter');
  const pathOf = new Map(parameterNodes.map((n) => [n.outputs[0]!, n.attrs['path'] as string]));
  const total = new Map<string, Float32Array>();
  for (const loss of objective.losses) {
    for (const { name, parameters } of unmaskedTogether(loss, objective)) {
      const mask = name === undefined ? undefined : loss.masks!.get(name)!;
      const sources = parameters.map(({ p }) => {
        const node = parameterNodes.find((n) => n.outputs[0] === p)!;
        return tf.tensor(feeds.values.get(pathOf.get(p)!)!, node.attrs['shape'] as number[]);
      });
      const gradients = tf.grads((...watched: tf.Tensor[]) => {
        const known = new Map(parameters.map(({ p }, i) => [p, watched[i]!]));
        const exits = mask && { group: name!, mask: mask.value };
        return runForward(graph, feeds, known, exits).get(loss.value)!.asScalar();
      })(sources);
      gradients.forEach((gradient, i) => {
        const { p, by } = parameters[i]!;
        const weight = C.evaluate(C.multiply(loss.weight, by), feeds.scalars);
        const path = pathOf.get(p)!;
        const data = gradient.dataSync() as Float32Array;
        const known = total.get(path) ?? new Float32Array(data.length);
        total.set(
          path,
          known.map((x, j) => x + weight * data[j]!),
        );
      });
      tf.dispose([...gradients, ...sources]);
    }
  }
  return total;
}

/** A comparison, whose derivative is 0 wherever it has one; tfjs has none for it. */
const flat =
  (compare: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
    tf.customGrad((...operands: unknown[]) => {
      const [u, v] = operands as [tf.Tensor, tf.Tensor];
      return { value: compare(u, v), gradFunc: () => [tf.zerosLike(u), tf.zerosLike(v)] };
    })(x, y);

/** The parameters that one tape serves: those of a masked group by themselves, those of all others together. */
function unmaskedTogether(
  { route, masks }: RoutedObjective['losses'][number],
  { groups }: RoutedObjective,
): { name?: string; parameters: { p: ValueId; by: Coefficient }[] }[] {
  const of = (name: string): { p: ValueId; by: Coefficient }[] =>
    groups.find((g) => g.name === name)!.parameters.map((p) => ({ p, by: route.get(name)! }));
  const plain = [...route.keys()].filter((name) => !masks?.has(name));
  return [
    { parameters: plain.flatMap(of) },
    ...[...(masks?.keys() ?? [])].map((name) => ({ name, parameters: of(name) })),
  ].filter(({ parameters }) => parameters.length > 0);
}

/** Every value of the graph; the parameters in `known` are watched by the tape. Reading `exits.group` from outside masks the gradient. */
function runForward(
  graph: Graph,
  feeds: TapeFeeds,
  known: ReadonlyMap<ValueId, tf.Tensor>,
  exits?: { readonly group: string; readonly mask: ValueId },
): Map<ValueId, tf.Tensor> {
  const values = new Map<ValueId, tf.Tensor>(known);
  const inGroup = new Set(graph.nodes.flatMap((n) => (n.group === exits?.group ? n.outputs : [])));
  for (const node of graph.nodes) {
    if (values.has(node.outputs[0]!)) continue;
    const inputs = node.inputs.map((id) =>
      exits && inGroup.has(id) && node.group !== exits.group
        ? perSample(values.get(id)!, values.get(exits.mask)!)
        : values.get(id)!,
    );
    const results = evaluate(node, inputs, feeds);
    results.forEach((tensor, i) => values.set(node.outputs[i]!, tensor));
  }
  return values;
}

/** x, whose gradient is multiplied by `factor` [batch]. */
function perSample(x: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  const spread = factor.cast('float32').reshape([-1, ...x.shape.slice(1).map(() => 1)]);
  return tf.customGrad((y: unknown) => ({
    value: (y as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, spread),
  }))(x);
}

function sizes(shape: unknown, feeds: TapeFeeds): number[] {
  return (shape as Shape).map((d) => (d === 'batch' ? feeds.batch : d));
}

type Pair = [number, number];

function evaluate(node: Node, inputs: tf.Tensor[], feeds: TapeFeeds): tf.Tensor[] {
  const [a, b, c] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
  const attrs = node.attrs;
  const number = (name: string): number => attrs[name] as number;
  const coefficient = (name: string): number => C.evaluate(attrs[name] as Coefficient, feeds.scalars);
  const data = (name: string): Float32Array | Int32Array => {
    const found = feeds.values.get(name);
    if (!found) throw new Error(`no value for ${name}`);
    return found;
  };
  const unary: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    neg: tf.neg,
    abs: tf.abs,
    square: tf.square,
    sqrt: tf.sqrt,
    rsqrt: tf.rsqrt,
    exp: tf.exp,
    log: tf.log,
    relu: tf.relu,
    sigmoid: tf.sigmoid,
    tanh: tf.tanh,
    softplus: tf.softplus,
    sign: tf.sign,
    reciprocal: tf.reciprocal,
    not: tf.logicalNot,
    stop: (x) =>
      tf.customGrad((y: unknown) => ({
        value: (y as tf.Tensor).clone(),
        gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
      }))(x),
    step: (x) => tf.step(x),
  };
  const binary: Record<string, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor> = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    maximum: tf.maximum,
    minimum: tf.minimum,
    equal: flat(tf.equal),
    not_equal: flat(tf.notEqual),
    less: flat(tf.less),
    less_equal: flat(tf.lessEqual),
    greater: flat(tf.greater),
    greater_equal: flat(tf.greaterEqual),
    and: tf.logicalAnd,
    or: tf.logicalOr,
  };
  if (unary[node.op]) return [unary[node.op]!(a)];
  if (binary[node.op]) return [binary[node.op]!(a, b)];
  const axes = attrs['axes'] as number[] | undefined;
  const keep = attrs['keep'] as boolean | undefined;
  switch (node.op) {
    case 'input':
    case 'label':
      return [
        tf.tensor(
          data(attrs['name'] as string),
          node.op === 'label' ? [feeds.batch] : sizes(attrs['shape'], feeds),
          node.op === 'label' ? 'int32' : 'float32',
        ),
      ];
    case 'parameter':
    case 'statistic':
      return [tf.tensor(data(attrs['path'] as string), sizes(attrs['shape'], feeds))];
    case 'constant':
      return [tf.scalar(coefficient('value'))];
    case 'scalar':
      return [tf.scalar(coefficient('by'))];
    case 'ones':
      return [tf.ones(sizes(attrs['shape'], feeds))];
    case 'dropout_mask':
      return [tf.tensor(feeds.masks.get(attrs['application'] as string)!, sizes(attrs['shape'], feeds))];
    case 'elu': {
      const alpha = number('alpha');
      return [tf.add(tf.relu(a), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(a, 0)), 1)))];
    }
    case 'leaky_relu':
      return [tf.leakyRelu(a, number('slope'))];
    case 'clip':
      return [tf.clipByValue(a, number('from'), number('to'))];
    case 'pow':
      return [tf.pow(a, number('exponent'))];
    case 'cast':
      return [
        tf.cast(a, attrs['dtype'] === 'f32' ? 'float32' : attrs['dtype'] === 'bool' ? 'bool' : 'int32'),
      ];
    case 'scale':
      return [tf.mul(a, coefficient('by'))];
    case 'stop_where':
      return [perSample(a, tf.sub(1, b.cast('float32')))];
    case 'select':
      return [
        tf.where(
          tf.broadcastTo(a as tf.Tensor<tf.Rank>, tf.broadcastTo(b, tf.add(b, c).shape).shape).asType('bool'),
          tf.broadcastTo(b, tf.add(b, c).shape),
          tf.broadcastTo(c, tf.add(b, c).shape),
        ),
      ];
    case 'sum':
      return [tf.sum(a, axes, keep)];
    case 'max':
      return [tf.max(a, axes, keep)];
    case 'min':
      return [tf.min(a, axes, keep)];
    case 'argmax':
      return [tf.argMax(a, number('axis'))];
    case 'reshape':
      return [tf.reshape(a, sizes(attrs['shape'], feeds))];
    case 'broadcast_to':
      return [tf.broadcastTo(a, sizes(attrs['shape'], feeds))];
    case 'transpose':
      return [tf.transpose(a, attrs['perm'] as number[])];
    case 'slice': {
      const begin = a.shape.map(() => 0);
      const size = [...a.shape];
      begin[number('axis')] = number('from');
      size[number('axis')] = number('to') - number('from');
      return [tf.slice(a, begin, size)];
    }
    case 'concat':
      return [tf.concat(inputs, number('axis'))];
    case 'pad':
      return [
        tf.pad(
          a,
          (attrs['before'] as number[]).map((p, i): Pair => [p, (attrs['after'] as number[])[i]!]),
        ),
      ];
    case 'matmul':
      return [
        tf.matMul(
          a as tf.Tensor2D,
          b as tf.Tensor2D,
          attrs['transposeA'] as boolean,
          attrs['transposeB'] as boolean,
        ),
      ];
    case 'conv2d':
      return [
        tf.conv2d(
          padded(a, attrs['pad'] as number[]),
          b as tf.Tensor4D,
          attrs['stride'] as Pair,
          'valid',
          'NHWC',
          attrs['dilation'] as Pair,
        ),
      ];
    case 'depthwise_conv2d':
      return [
        tf.depthwiseConv2d(
          padded(a, attrs['pad'] as number[]),
          b as tf.Tensor4D,
          attrs['stride'] as Pair,
          'valid',
          'NHWC',
          attrs['dilation'] as Pair,
        ),
      ];
    case 'conv2d_grad_input': {
      // As a forward operation this is the transposed convolution; tfjs takes symmetric pads only through a crop.
      const [, h, w, channels] = sizes(attrs['shape'], feeds) as [number, number, number, number];
      const [t, bottom, l, r] = attrs['pad'] as [number, number, number, number];
      const full = tf.conv2dTranspose(
        a as tf.Tensor4D,
        b as tf.Tensor4D,
        [feeds.batch, h + t + bottom, w + l + r, channels],
        attrs['stride'] as Pair,
        'valid',
      );
      return [tf.slice(full, [0, t, l, 0], [feeds.batch, h, w, channels])];
    }
    case 'max_pool':
      return [
        tf.maxPool(
          tf.pad(a as tf.Tensor4D, spatial(attrs['pad'] as number[]), -1e30) as tf.Tensor4D,
          attrs['size'] as Pair,
          attrs['stride'] as Pair,
          'valid',
        ),
      ];
    case 'avg_pool':
      return [tf.avgPool(a as tf.Tensor4D, attrs['size'] as Pair, attrs['stride'] as Pair, 'valid')];
    case 'prelu':
      return [tf.prelu(a, b)];
    case 'batch_norm_train': {
      const over = a.shape.map((_, i) => i).slice(0, -1);
      const mean = tf.mean(a, over);
      const variance = tf.mean(tf.square(tf.sub(a, mean)), over);
      const normal = tf.div(tf.sub(a, mean), tf.sqrt(tf.add(variance, number('epsilon'))));
      return [tf.add(tf.mul(normal, b), c), mean, variance];
    }
    case 'batch_norm_apply': {
      const [x, gamma, beta, mean, variance] = inputs as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      return [
        tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, number('epsilon')))), gamma), beta),
      ];
    }
    case 'softmax':
      return [tf.softmax(a)];
    case 'log_softmax':
      return [tf.logSoftmax(a)];
    case 'softmax_cross_entropy':
      return [tf.neg(tf.sum(tf.mul(b, tf.logSoftmax(a)), -1))];
    case 'one_hot':
      return [tf.cast(tf.oneHot(a as tf.Tensor1D, number('depth')), 'float32')];
    default:
      throw new Error(`the tape oracle does not know ${node.op}`);
  }
}

const spatial = (pad: readonly number[]): [Pair, Pair, Pair, Pair] => [
  [0, 0],
  [pad[0]!, pad[1]!],
  [pad[2]!, pad[3]!],
  [0, 0],
];

function padded(x: tf.Tensor, pad: readonly number[]): tf.Tensor4D {
  return tf.pad(x as tf.Tensor4D, spatial(pad)) as tf.Tensor4D;
}
