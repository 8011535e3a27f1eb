/** @file Every operation of the op table on awkward operands: one channel, odd sizes, strides with and without padding, dilation, broadcasts. */
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Attrs, Graph, Shape, ValueId } from '../../compiler/graph/graph.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { randomFrom } from './random-graph.js';

/** What the elements of an operand are drawn from. `class` is a label, all others are f32 (`truth` is cast to bool). */
export type Domain = 'normal' | 'positive' | 'whole' | 'truth' | 'class' | 'probability';

export interface Operand {
  readonly shape: Shape;
  readonly domain: Domain;
}

export interface Case {
  readonly op: string;
  readonly title: string;
  readonly operands: readonly Operand[];
  readonly attrs: Attrs;
}

const CLASSES = 4;

const of = (domain: Domain, ...shape: Shape): Operand => ({ domain, shape });
const normal = (...shape: Shape): Operand => of('normal', ...shape);

function cases(op: string, attrs: Attrs, ...operandSets: readonly (readonly Operand[])[]): Case[] {
  return operandSets.map((operands) => {
    const shapes = operands.map((o) => `[${o.shape.join()}]`).join(' ');
    return {
      op,
      attrs,
      operands,
      title: [
        op,
        shapes,
        ...Object.entries(attrs).map(
          ([name, a]) =>
            `${name} ${typeof a === 'object' && 'factor' in a ? C.formatCoefficient(a) : String(a)}`,
        ),
      ].join(' '),
    };
  });
}

const image = ['batch', 5, 3, 2] as const;

const unary = (op: string, domain: Domain = 'normal', attrs: Attrs = {}): Case[] =>
  cases(op, attrs, [of(domain, ...image)], [of(domain, 'batch', 7)], [of(domain)]);

const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [image, image],
  [image, [2]],
  [image, []],
  [[2], image],
  [image, ['batch', 1, 1, 2]],
  [
    ['batch', 1],
    ['batch', 6],
  ],
  [
    ['batch', 4, 3],
    [4, 1],
  ],
  [['batch', 1, 1, 1], image],
];

const binary = (op: string, a: Domain = 'normal', b: Domain = a): Case[] =>
  cases(op, {}, ...PAIRS.map(([x, y]) => [of(a, ...x), of(b, ...y)]));

interface Window {
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Above, below, left, right. */
  readonly pad: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
}

const half = [1, 1, 1, 1] as const;
const none = [0, 0, 0, 0] as const;

const WINDOWS: readonly Window[] = [
  { size: [6, 5], kernel: [3, 3], stride: [1, 1], pad: half, channels: 1, filters: 3 },
  { size: [7, 5], kernel: [3, 3], stride: [2, 2], pad: half, channels: 1, filters: 2 },
  { size: [6, 8], kernel: [3, 3], stride: [2, 2], pad: half, channels: 3, filters: 4 },
  { size: [6, 7], kernel: [3, 3], stride: [2, 2], pad: none, channels: 2, filters: 1 },
  { size: [8, 6], kernel: [4, 4], stride: [2, 2], pad: half, channels: 3, filters: 2 },
  { size: [5, 7], kernel: [1, 1], stride: [2, 2], pad: none, channels: 4, filters: 5 },
  { size: [9, 8], kernel: [5, 3], stride: [3, 2], pad: [2, 1, 0, 1], channels: 2, filters: 3 },
  { size: [7, 6], kernel: [2, 3], stride: [1, 2], pad: [0, 1, 2, 1], channels: 2, filters: 2 },
  { size: [8, 7], kernel: [3, 3], stride: [1, 1], pad: [2, 2, 2, 2], dilation: [2, 2], channels: 2, filters: 3 },
  { size: [9, 9], kernel: [3, 2], stride: [2, 1], pad: half, dilation: [2, 3], channels: 1, filters: 2 },
  { size: [3, 3], kernel: [3, 3], stride: [1, 1], pad: none, channels: 5, filters: 6 },
  { size: [4, 4], kernel: [3, 3], stride: [1, 1], pad: [3, 3, 3, 3], channels: 2, filters: 2 },
  { size: [8, 8], kernel: [2, 2], stride: [3, 3], pad: none, channels: 3, filters: 2 },
  // Channels that fill no block of 8 or 16, that fill some exactly, and padding on one side alone.
  { size: [9, 7], kernel: [3, 3], stride: [1, 1], pad: half, channels: 7, filters: 17 },
  { size: [8, 6], kernel: [3, 3], stride: [2, 2], pad: [0, 1, 0, 1], channels: 17, filters: 7 },
  { size: [8, 7], kernel: [3, 3], stride: [2, 2], pad: [0, 1, 1, 1], channels: 8, filters: 16 },
  { size: [5, 6], kernel: [3, 3], stride: [1, 1], pad: half, channels: 16, filters: 16 },
  { size: [7, 9], kernel: [3, 3], stride: [2, 2], pad: none, channels: 16, filters: 9 },
  { size: [9, 8], kernel: [3, 3], stride: [1, 1], pad: [2, 2, 2, 2], dilation: [2, 2], channels: 17, filters: 8 },
  { size: [6, 5], kernel: [1, 1], stride: [1, 1], pad: none, channels: 16, filters: 7 },
  // Large enough for a kernel gradient in strips.
  { size: [45, 36], kernel: [3, 3], stride: [1, 1], pad: half, channels: 1, filters: 8 },
  { size: [89, 40], kernel: [3, 3], stride: [2, 2], pad: [0, 1, 1, 0], channels: 1, filters: 14 },
]; // prettier-ignore

/** A convolution and its two adjoints, which must be one another's derivatives. */
function convolutions(family: string, w: Window): Case[] {
  const deep = family === 'depthwise_conv2d';
  const [sh, sw] = w.stride;
  const [dh, dw] = w.dilation ?? [1, 1];
  const [top, bottom, left, right] = w.pad;
  const out = (size: number, kernel: number, pad: number, stride: number, dilation: number): number =>
    Math.floor((size + pad - dilation * (kernel - 1) - 1) / stride) + 1;
  const rows = out(w.size[0], w.kernel[0], top + bottom, sh, dh);
  const columns = out(w.size[1], w.kernel[1], left + right, sw, dw);
  const x = ['batch', ...w.size, w.channels] as const;
  const k = deep ? [...w.kernel, w.channels, 1] : [...w.kernel, w.channels, w.filters];
  const y = ['batch', rows, columns, deep ? w.channels : w.filters] as const;
  const window = { stride: [sh, sw], pad: [...w.pad], dilation: [dh, dw] };
  return [
    ...cases(family, window, [normal(...x), normal(...k)]),
    ...cases(`${family}_grad_input`, { ...window, shape: x }, [normal(...y), normal(...k)]),
    ...cases(`${family}_grad_kernel`, { ...window, shape: k }, [normal(...x), normal(...y)]),
  ];
}

const POOLS = [
  { size: [2, 2], stride: [2, 2], pad: none },
  { size: [3, 3], stride: [2, 2], pad: half },
  { size: [3, 2], stride: [1, 2], pad: [1, 0, 0, 1] },
] as const;

function pools({ size, stride, pad }: (typeof POOLS)[number]): Case[] {
  const attrs = { size: [...size], stride: [...stride], pad: [...pad] };
  const x = ['batch', 7, 6, 3] as const;
  const y: Shape = [
    'batch',
    Math.floor((7 + pad[0] + pad[1] - size[0]) / stride[0]) + 1,
    Math.floor((6 + pad[2] + pad[3] - size[1]) / stride[1]) + 1,
    3,
  ];
  return [
    ...cases('max_pool', attrs, [normal(...x)]),
    ...cases('avg_pool', attrs, [normal(...x)]),
    ...cases('avg_pool_grad', { ...attrs, shape: x }, [normal(...y)]),
  ];
}

const RESIZES = [
  [
    [4, 6],
    [7, 3],
  ],
  [
    [5, 5],
    [10, 10],
  ],
  [
    [6, 4],
    [3, 4],
  ],
] as const;

const resizes = (method: string): Case[] =>
  RESIZES.flatMap(([from, to]) => [
    ...cases('resize', { height: to[0], width: to[1], method }, [normal('batch', ...from, 2)]),
    ...cases('resize_grad', { method, shape: ['batch', ...from, 2] }, [normal('batch', ...to, 2)]),
  ]);

/** Activations with what normalises or bends them, per channel. */
const LAYERS: readonly (readonly [Shape, number])[] = [
  [image, 2],
  [['batch', 4, 5, 1], 1],
  [['batch', 6], 6],
  // As many channels as it takes for sums by products.
  [['batch', 3, 2, 16], 16],
  [['batch', 2, 3, 7], 7],
  [['batch', 3, 1, 17], 17],
];

const perChannel = (...kinds: readonly (readonly [Domain, 'x' | 'c'])[]): Operand[][] =>
  LAYERS.map(([x, c]) => kinds.map(([domain, kind]) => of(domain, ...(kind === 'x' ? x : [c]))));

const slopes: Operand[][] = [...perChannel(['normal', 'x'], ['normal', 'c']), [normal(...image), normal(1)]];

const BROADCASTS: readonly (readonly ['batch', number, number, number])[] = [image, ['batch', 2, 3, 4]];

/** Operations whose derivative is not that of their value; plans never hold them. */
export const STOPS: readonly Case[] = cases(
  'stop_where',
  {},
  [normal(...image), of('truth', 'batch')],
  [normal('batch', 3), normal('batch')],
  [normal('batch'), of('truth', 'batch')],
);

export const CASES: readonly Case[] = [
  ...['neg', 'abs', 'square', 'exp', 'relu', 'sigmoid', 'tanh', 'softplus', 'step', 'sign'].flatMap(
    (op) => unary(op),
  ),
  ...['sqrt', 'rsqrt', 'reciprocal', 'log'].flatMap((op) => unary(op, 'positive')),
  ...unary('elu', 'normal', { alpha: 0.7 }),
  ...unary('leaky_relu', 'normal', { slope: 0.2 }),
  ...unary('clip', 'normal', { from: -0.5, to: 0.8 }),
  ...unary('pow', 'positive', { exponent: -1.5 }),
  ...unary('scale', 'normal', { by: C.exactly(-3, 7) }),
  ...unary('not', 'truth'),
  ...cases('cast', { dtype: 'f32' }, [of('truth', ...image)], [of('class', 'batch')]),
  ...['add', 'sub', 'mul', 'maximum', 'minimum'].flatMap((op) => binary(op)),
  ...binary('div', 'normal', 'positive'),
  ...['equal', 'not_equal', 'less', 'less_equal', 'greater', 'greater_equal'].flatMap((op) =>
    binary(op, 'whole'),
  ),
  ...['and', 'or'].flatMap((op) => binary(op, 'truth')),
  ...cases(
    'select',
    {},
    [of('truth', ...image), normal(...image), normal(...image)],
    [of('truth', 'batch', 1), normal('batch', 3), normal()],
    [of('truth', 'batch', 1, 1, 1), normal(...image), normal(2)],
  ),

  ...['sum', 'max', 'min'].flatMap((op) =>
    [[0], [1], [3], [0, 1, 2], [1, 2, 3], [0, 3], [0, 1, 2, 3]].flatMap((axes, i) =>
      cases(op, { axes, keep: i % 2 === 0 }, [normal(...image)]),
    ),
  ),
  ...[1, 2, 3].flatMap((axis) => cases('argmax', { axis }, [of('whole', ...image)])),

  ...cases('reshape', { shape: ['batch', 10, 3] }, [normal(...image)]),
  ...BROADCASTS.flatMap((shape) => [
    ...cases('broadcast_to', { shape }, [normal()], [normal(shape[3]!)], [normal('batch', 1, 1, shape[3]!)]),
    ...cases('broadcast_to', { shape }, [normal('batch', 1, shape[2]!, 1)]),
  ]),
  ...[[], [2], [1], ['batch', 1, 1, 2], ['batch', 1, 3, 1], [5, 1, 1]].flatMap((shape) =>
    cases('sum_to', { shape: shape as Shape }, [normal(...image)]),
  ),
  ...cases('sum_to', { shape: [16] }, [normal('batch', 3, 2, 16)]),
  ...cases('transpose', { perm: [1, 0] }, [normal(5, 3)], [normal('batch', 4)]),
  ...cases('transpose', { perm: [3, 1, 2, 0] }, [normal(...image)]),
  ...cases('transpose', { perm: [1, 2, 0, 3] }, [normal(...image)]),
  ...cases('slice', { axis: 1, from: 1, to: 4 }, [normal(...image)], [normal('batch', 6)]),
  ...cases('slice', { axis: 3, from: 1, to: 2 }, [normal(...image)]),
  ...cases('concat', { axis: 3 }, [normal(...image), normal('batch', 5, 3, 1), normal('batch', 5, 3, 4)]),
  ...cases('concat', { axis: 1 }, [normal('batch', 3), normal('batch', 1)]),
  ...cases('pad', { before: [0, 1, 0, 2], after: [0, 0, 3, 1] }, [normal(...image)]),

  ...[false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) =>
      [
        [5, 7, 3],
        [1, 4, 1],
      ].flatMap(([m, k, n]) =>
        cases('matmul', { transposeA, transposeB }, [
          transposeA ? normal(k!, m!) : normal(m!, k!),
          transposeB ? normal(n!, k!) : normal(k!, n!),
        ]),
      ),
    ),
  ),
  ...cases('matmul', { transposeA: false, transposeB: false }, [normal('batch', 9), normal(9, 4)]),
  ...cases('matmul', { transposeA: true, transposeB: false }, [normal('batch', 3), normal('batch', 5)]),
  ...cases('one_hot', { depth: CLASSES }, [of('class', 'batch')]),

  ...WINDOWS.flatMap((w) => [...convolutions('conv2d', w), ...convolutions('depthwise_conv2d', w)]),
  ...POOLS.flatMap(pools),
  ...POOLS.flatMap(({ size, stride, pad }) =>
    cases('max_pool', { size: [...size], stride: [...stride], pad: [...pad] }, [normal('batch', 5, 5, 1)]),
  ),
  ...resizes('bilinear'),
  ...resizes('nearest'),

  ...cases('batch_norm_train', { epsilon: 1e-5 }, ...perChannel(['normal', 'x'], ['normal', 'c'], ['normal', 'c'])),
  ...cases(
    'batch_norm_apply',
    { epsilon: 1e-3 },
    ...perChannel(['normal', 'x'], ['normal', 'c'], ['normal', 'c'], ['normal', 'c'], ['positive', 'c']),
  ),
  ...cases('prelu', {}, ...slopes),
  ...cases('prelu_grad_input', {}, ...slopes.map(([x, s]) => [x!, x!, s!])),
  ...cases('prelu_grad_slope', {}, ...slopes.map(([x, s]) => [x!, x!, s!])),

  ...['softmax', 'log_softmax'].flatMap((op) => cases(op, {}, [normal('batch', 7)], [normal(...image)])),
  ...cases('softmax_cross_entropy', {}, [normal('batch', CLASSES), of('probability', 'batch', CLASSES)]),
  ...cases('softmax_cross_entropy_grad', {}, [
    normal('batch'),
    normal('batch', CLASSES),
    of('probability', 'batch', CLASSES),
  ]),
]; // prettier-ignore

export interface Built {
  readonly builder: GraphBuilder;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
}

const ORIGIN = { from: 'source' } as const;

/** Operand k is fed by the name `x<k>`. */
export function build({ op, operands, attrs }: Case): Built {
  const builder = new GraphBuilder();
  const inputs = operands.map(({ shape, domain }, k) => {
    const name = `x${k}`;
    if (domain === 'class') return builder.emit('label', [], { name }, ORIGIN);
    const fed = builder.emit('input', [], { name, shape }, ORIGIN);
    return domain === 'truth' ? builder.emit('cast', [fed], { dtype: 'bool' }, ORIGIN) : fed;
  });
  return { builder, inputs, outputs: builder.emitAll(op, inputs, attrs, ORIGIN) };
}

/** The results as outputs `value:0`, `value:1`, … */
export const graphOf = ({ builder }: Built, outputs: readonly ValueId[]): Graph =>
  builder.build(outputs.map((value, i) => ({ role: 'value', name: String(i), value })));

export function drawOperand(
  { shape, domain }: Operand,
  batch: number,
  random: () => number,
): Float32Array | Int32Array {
  const size = shape.reduce<number>((n, d) => n * (d === 'batch' ? batch : d), 1);
  if (domain === 'class') return Int32Array.from({ length: size }, () => Math.floor(random() * CLASSES));
  const draw: Record<Exclude<Domain, 'class'>, () => number> = {
    normal: () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
    positive: () => 0.3 + 2 * random(),
    whole: () => Math.floor(random() * 5) - 2,
    truth: () => Number(random() < 0.5),
    probability: random,
  };
  return Float32Array.from({ length: size }, draw[domain]);
}

export function drawOperands(
  { operands }: Pick<Case, 'operands'>,
  batch: number,
  seed: number,
): Map<string, Float32Array | Int32Array> {
  const random = randomFrom(seed);
  return new Map(operands.map((operand, k) => [`x${k}`, drawOperand(operand, batch, random)]));
}
