/** @file How many operands and which attributes every operation takes. The verifier holds graphs from files to it. */
import type { Attr, Node, Type } from '../graph/graph.js';

/** `whole`: 0, 1, …; `sizes`: a list of those; `pair`: two sizes of at least 1, rows before columns; `sides`: top, bottom, left, right. */
export type AttrKind =
  'number' | 'whole' | 'text' | 'flag' | 'coefficient' | 'shape' | 'sizes' | 'pair' | 'sides';

export interface Signature {
  /** The number of operands, or the least and the most. */
  readonly operands: number | readonly [least: number, most: number];
  readonly attrs: Readonly<Record<string, AttrKind>>;
  /** Attributes that may be left out. */
  readonly optional: readonly string[];
}

/** Operations whose type rule says which element types it takes; all others take f32. */
const OWN_RULE = new Set(
  'equal not_equal less less_equal greater greater_equal and or not select mask stop_where cast one_hot reshape broadcast_to transpose slice concat'.split(
    ' ',
  ),
);

const takes = (
  operands: Signature['operands'],
  attrs: Signature['attrs'] = {},
  optional: readonly string[] = [],
): Signature => ({ operands, attrs, optional });
const each = (names: string, signature: Signature): Record<string, Signature> =>
  Object.fromEntries(names.split(' ').map((name) => [name, signature]));

const WINDOW = { stride: 'pair', pad: 'sides', dilation: 'pair' } as const;
const POOL = { size: 'pair', stride: 'pair', pad: 'sides' } as const;
const OPTIMIZER = { rate: 'coefficient', decay: 'coefficient', decoupled: 'flag' } as const;
const STATE = { path: 'text', shape: 'shape' } as const;
const DROPOUT = { rate: 'coefficient', application: 'text' } as const;

export const signatures: Readonly<Record<string, Signature>> = {
  input: takes(0, { name: 'text', shape: 'shape' }),
  label: takes(0, { name: 'text' }),
  ...each('parameter statistic', takes(0, STATE)),
  slot: takes(0, { ...STATE, slot: 'text' }),
  constant: takes(0, { value: 'coefficient' }),
  scalar: takes(0, { by: 'coefficient' }),
  ones: takes(0, { shape: 'shape' }),
  seed: takes(0, { term: 'text', by: 'coefficient' }),
  dropout_mask: takes(0, { ...DROPOUT, shape: 'shape' }),

  ...each(
    'neg abs square sqrt rsqrt reciprocal exp log relu sigmoid tanh softplus step sign not stop softmax log_softmax',
    takes(1),
  ),
  elu: takes(1, { alpha: 'number' }),
  leaky_relu: takes(1, { slope: 'number' }),
  clip: takes(1, { from: 'number', to: 'number' }),
  pow: takes(1, { exponent: 'number' }),
  cast: takes(1, { dtype: 'text' }),
  ...each('scale mix', takes(1, { by: 'coefficient' })),
  ...each(
    'add sub mul div maximum minimum equal not_equal less less_equal greater greater_equal and or',
    takes(2),
  ),
  select: takes(3),
  mask: takes(2, { of: 'text' }),
  stop_where: takes(2),

  ...each('sum max min', takes(1, { axes: 'sizes', keep: 'flag' })),
  argmax: takes(1, { axis: 'whole' }),
  ...each('reshape broadcast_to sum_to', takes(1, { shape: 'shape' })),
  transpose: takes(1, { perm: 'sizes' }),
  slice: takes(1, { axis: 'whole', from: 'whole', to: 'whole' }),
  concat: takes([1, Infinity], { axis: 'whole' }),
  pad: takes(1, { before: 'sizes', after: 'sizes' }),
  one_hot: takes(1, { depth: 'whole' }),

  matmul: takes(2, { transposeA: 'flag', transposeB: 'flag' }),
  batch_matmul: takes(2),
  ...each('conv2d depthwise_conv2d', takes(2, WINDOW)),
  ...each(
    'conv2d_grad_input conv2d_grad_kernel depthwise_conv2d_grad_input depthwise_conv2d_grad_kernel batch_conv2d',
    takes(2, { ...WINDOW, shape: 'shape' }),
  ),
  adjoint_kernel: takes(1, { stride: 'pair', phase: 'whole' }),
  ...each('max_pool avg_pool', takes(1, POOL)),
  max_pool_grad: takes(3, POOL),
  avg_pool_grad: takes(1, { ...POOL, shape: 'shape' }),
  resize: takes(1, { height: 'whole', width: 'whole', method: 'text' }),
  resize_grad: takes(1, { shape: 'shape', method: 'text' }),

  batch_norm: takes(5, { epsilon: 'number', momentum: 'number', evaluate: 'text' }, ['evaluate']),
  batch_norm_train: takes(3, { epsilon: 'number' }),
  ...each('batch_norm_grad batch_norm_apply', takes(5, { epsilon: 'number' })),
  dropout: takes(1, DROPOUT),
  prelu: takes(2),
  ...each('prelu_grad_input prelu_grad_slope prelu_grad', takes(3)),
  softmax_cross_entropy: takes(2),
  softmax_cross_entropy_grad: takes(3),

  sgd_update: takes([2, 3], { ...OPTIMIZER, momentum: 'coefficient', nesterov: 'flag' }),
  adam_update: takes(4, {
    ...OPTIMIZER,
    beta1: 'coefficient',
    beta2: 'coefficient',
    epsilon: 'coefficient',
    count: 'text',
  }),
  rmsprop_update: takes(3, { ...OPTIMIZER, rho: 'coefficient', epsilon: 'coefficient' }),
  running_update: takes(2, { momentum: 'number' }),
};

const isWhole = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0;
const isListOf = (attr: Attr, holds: (item: unknown) => boolean, length?: number): boolean =>
  Array.isArray(attr) && (length === undefined || attr.length === length) && attr.every(holds);

const KINDS: Readonly<Record<AttrKind, (attr: Attr) => boolean>> = {
  number: (attr) => Number.isFinite(attr),
  whole: isWhole,
  text: (attr) => typeof attr === 'string',
  flag: (attr) => typeof attr === 'boolean',
  coefficient: (attr) => typeof attr === 'object' && 'factor' in attr,
  shape: (attr) => isListOf(attr, (d) => d === 'batch' || isWhole(d)),
  sizes: (attr) => isListOf(attr, isWhole),
  pair: (attr) => isListOf(attr, (n) => isWhole(n) && (n as number) > 0, 2),
  sides: (attr) => isListOf(attr, isWhole, 4),
};

/** What is wrong with the number and element types of the operands and with the attributes of a node. Empty: nothing. */
export function checkSignature({ op, inputs, attrs }: Node, types: readonly Type[]): string[] {
  const signature = Object.hasOwn(signatures, op) ? signatures[op] : undefined;
  if (!signature) return [`there is no operation called ${op}`];
  const { operands } = signature;
  const [least, most] = typeof operands === 'number' ? [operands, operands] : operands;
  const problems: string[] = [];
  if (inputs.length < least || inputs.length > most)
    problems.push(`${inputs.length} operands where ${least === most ? least : `${least} to ${most}`} belong`);
  const other = OWN_RULE.has(op) ? -1 : types.findIndex((t) => t.dtype !== 'f32');
  if (other >= 0) problems.push(`operand ${other} is ${types[other]!.dtype}, not f32`);
  for (const [name, kind] of Object.entries(signature.attrs)) {
    const attr = Object.hasOwn(attrs, name) ? attrs[name] : undefined;
    if (attr === undefined) {
      if (!signature.optional.includes(name)) problems.push(`the attribute ${name} is missing`);
    } else if (!KINDS[kind](attr)) problems.push(`the attribute ${name} is not a ${kind}`);
  }
  for (const name of Object.keys(attrs))
    if (!Object.hasOwn(signature.attrs, name)) problems.push(`there is no attribute ${name}`);
  return problems;
}
