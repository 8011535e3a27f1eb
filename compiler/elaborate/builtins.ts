/**
 * @file The built-in names and their signatures, as docs/language.md lists them.
 * `a, b; c: 3` — a and b must be given, c has a default; `items…` takes any number of positional arguments.
 */

export type BuiltInKind =
  | 'parametric' // layers with parameters
  | 'combinator'
  | 'function' // of one tensor; without it, a layer
  | 'reduction'
  | 'other'
  | 'loss'
  | 'schedule'
  | 'optimizer'
  | 'init'
  | 'noise';

const TABLE: Readonly<Record<BuiltInKind, Readonly<Record<string, string>>>> = {
  parametric: {
    dense: 'units; bias: true, init: he()',
    cosine_dense: 'units; normalize: both, init: he()',
    conv: 'filters; kernel: 3, stride: 1, pad: half, dilation: 1, bias: true, init: he()',
    depthwise_conv: '; kernel: 3, stride: 1, pad: half, dilation: 1, bias: true, init: he()',
    conv_transpose: 'filters; kernel: 4, stride: 2, pad: 1, bias: true, init: he()',
    batch_norm: '; momentum: 0.1, epsilon: 1e-5, affine: true, evaluate: running',
    instance_norm: '; epsilon: 1e-5, affine: true',
    layer_norm: '; epsilon: 1e-5',
    prelu: '; slope: 0.25, shared: false',
    conv3d: 'filters; kernel: 3, stride: 1, pad: half, dilation: 1, bias: true, init: he()',
    embedding: 'count, features',
    spectral_norm: 'layer',
  },
  combinator: { residual: 'body; skip: identity()', repeat: 'n, body', identity: '' },
  function: {
    relu: 'x',
    sigmoid: 'x',
    tanh: 'x',
    softplus: 'x',
    exp: 'x',
    log: 'x',
    sqrt: 'x',
    square: 'x',
    abs: 'x',
    leaky_relu: 'x; slope: 0.2',
    elu: 'x; alpha: 1',
    clip: 'x, from, to',
    softmax: 'x; axis: channels',
    log_softmax: 'x; axis: channels',
    normalize: 'x; axis: channels, epsilon: 1e-12',
    max_pool: 'x, size; stride: size, pad: 0',
    avg_pool: 'x, size; stride: size, pad: 0',
    global_avg_pool: 'x',
    flatten: 'x',
    reshape: 'x, sizes…',
    resize: 'x, height, width; method: bilinear',
    slice: 'x, from, to; axis: channels',
    spread: 'x, height, width',
    dropout: 'x, rate',
  },
  reduction: {
    mean: 'x; axis: all, where: none',
    sum: 'x; axis: all, where: none',
    max: 'x; axis: all, where: none',
    min: 'x; axis: all, where: none',
    var: 'x; axis: all, where: none',
    std: 'x; axis: all, where: none',
    norm: 'x; axis: rest',
  },
  other: {
    concat: 'parts…; axis: channels',
    dot: 'a, b',
    select: 'condition, a, b',
    number: 'condition',
    one_hot: 'label',
    argmax: 'x',
    size: 'label',
    gradient: 'y; wrt',
    stop: 'x; where: true',
    accuracy: 'z, y',
  },
  loss: {
    cross_entropy: 'logits, target; weights: none, smoothing: 0, where: none',
    binary_cross_entropy: 'logits, target',
    am_softmax: 'cos, label; m: 0.35, s: 30',
    a_softmax: 'cos, label; m: 4, s: 1, lambda: 0',
    arc_softmax: 'cos, label; m: 0.5, s: 30',
    mse: 'a, b',
    mae: 'a, b',
    huber: 'a, b; delta: 1',
    contrastive: 'distance, same; margin: 1',
    triplet: 'anchor, positive, negative; margin: 0.2',
    kl: 'p, q',
  },
  schedule: {
    linear: 'from, to; start: 0, end: 1',
    cosine: 'from, to',
    exponential: 'from, factor, every',
    staircase: 'from; factor: 0.1, at: [0.5, 0.75]',
    piecewise: 'points',
    plateau: 'from, loss; factor: 0.1, patience: 10',
  },
  optimizer: {
    sgd: 'rate; momentum: 0, nesterov: false, weight_decay: 0, decoupled: false, decay_on: all, bias_rate: 1, clip_norm: none, clamp: none',
    adam: '; rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0, decoupled: false, decay_on: all, bias_rate: 1, clip_norm: none, clamp: none',
    rmsprop:
      '; rate: 1e-3, decay: 0.9, epsilon: 1e-8, weight_decay: 0, decoupled: false, decay_on: all, bias_rate: 1, clip_norm: none, clamp: none',
  },
  init: { he: '; slope: 0', xavier: '; fan: both', gaussian: '; sd: 0.01', constant: 'value' },
  noise: {
    normal: 'sizes…; mean: 0, sd: 1, like: none',
    uniform: 'sizes…; from: 0, to: 1, like: none',
    bernoulli: 'p, sizes…',
    categorical: 'n',
    shuffle: 'x',
  },
};

/** Numbers known at each iteration. */
export const VARIABLES = ['epoch', 'iteration', 'progress'] as const;

/** Functions that work on numbers as on tensors. */
export const NUMERIC_FUNCTIONS: readonly string[] = ['exp', 'log', 'sqrt', 'square', 'abs', 'min', 'max'];

export interface ParameterSpec {
  readonly name: string;
  /** As it would be written in a call; absent: the argument must be given. */
  readonly default?: string;
  /** Takes all further positional arguments. */
  readonly variadic: boolean;
}

export interface BuiltIn {
  readonly name: string;
  readonly kind: BuiltInKind;
  readonly parameters: readonly ParameterSpec[];
}

/** Reads a signature in the notation of the table. */
export function parseSignature(text: string): ParameterSpec[] {
  const parameters: ParameterSpec[] = [];
  // Commas inside `[0.5, 0.75]` and `he()` do not separate.
  for (const part of text.split(/[;,](?![^[(]*[\])])/)) {
    const [name, value] = part.split(/:(.*)/s).map((s) => s.trim());
    if (!name) continue;
    const variadic = name.endsWith('…');
    parameters.push({
      name: variadic ? name.slice(0, -1) : name,
      variadic,
      ...(value !== undefined && { default: value }),
    });
  }
  return parameters;
}

const BY_NAME: ReadonlyMap<string, BuiltIn> = new Map(
  Object.entries(TABLE).flatMap(([kind, entries]) =>
    Object.entries(entries).map(
      ([name, text]) =>
        [name, { name, kind: kind as BuiltInKind, parameters: parseSignature(text) }] as const,
    ),
  ),
);

export const builtIn = (name: string): BuiltIn | undefined => BY_NAME.get(name);

export const isBuiltIn = (name: string): boolean =>
  BY_NAME.has(name) || (VARIABLES as readonly string[]).includes(name);

/** The names of some kinds, for suggestions. */
export const builtInNames = (...kinds: readonly BuiltInKind[]): string[] =>
  [...BY_NAME.values()].filter((b) => kinds.length === 0 || kinds.includes(b.kind)).map((b) => b.name);
