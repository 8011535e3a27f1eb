/** @file Batch norm in its three forms, dropout, and the parametric rectifier: operations over the last axis (channels). */
import type { Type } from '../graph/graph.js';
import { formatType } from '../graph/graph.js';
import { fromNumber } from '../scalar/coefficient.js';
import type { OpRule, Problem, Vjp } from './rule.js';
import { broadcast, f32, isProblem, otherShape, total } from './shape.js';

type Context = Parameters<Vjp>[0];

function perChannel(x: Type, others: readonly Type[]): Problem | undefined {
  const channels = x.shape.at(-1);
  const operand = others.findIndex((t) => t.shape.length !== 1 || t.shape[0] !== channels);
  if (operand < 0) return undefined;
  return {
    message: `${channels} channels are expected`,
    found: formatType(others[operand]!),
    expected: `f32[${channels}]`,
    operand: operand + 1,
  };
}

const normalized = (extra: (x: Type) => Type[]): OpRule['types'] => {
  return ([x, ...others]) => perChannel(x!, others) ?? [x!, ...extra(x!)];
};

const channelsOf = (x: Type): Type => f32([x.shape.at(-1)!]);

/** rsqrt(variance + epsilon) */
function inverseDeviation({ node, emit }: Context): number {
  return emit('rsqrt', [
    emit('add', [
      node.inputs[4]!,
      emit('constant', [], { value: fromNumber(node.attrs['epsilon'] as number) }),
    ]),
  ]);
}

export const normalization: Readonly<Record<string, OpRule>> = {
  batch_norm: {
    doc: 'Batch norm before it is known whether it trains or is evaluated: (x, gamma, beta, running mean, running variance). `evaluate: batch` keeps the batch for evaluation too.',
    types: normalized(() => []),
    vjp: { replacedBy: 'specialise' },
    closed: [3, 4],
    flops: () => 0,
  },
  batch_norm_train: {
    doc: 'γ (x - μ) / √(σ² + ε) + β with mean μ and biased variance σ² of this batch; also returns μ and σ² (Ioffe and Szegedy 2015).',
    types: normalized((x) => [channelsOf(x), channelsOf(x)]),
    vjp: ({ node, k, adjoint, emitAll }) => {
      const [x, gamma] = node.inputs as [number, number];
      const [, mean, variance] = node.outputs as [number, number, number];
      return emitAll('batch_norm_grad', [adjoint, x, gamma, mean, variance], node.attrs)[k]!;
    },
    flops: ([x], _, __, batch) => 8 * total([x!], batch),
  },
  batch_norm_grad: {
    doc: 'The adjoints of x, γ and β of batch_norm_train, through the batch statistics: (dy, x, γ, μ, σ²).',
    types: ([dy, x, ...others]) =>
      otherShape(x!, dy!.shape, 1) ?? perChannel(x!, others) ?? [dy!, channelsOf(dy!), channelsOf(dy!)],
    vjp: { none: 'its second derivative is not written yet; use batch_norm only outside a gradient' },
    flops: ([x], _, __, batch) => 10 * total([x!], batch),
  },
  batch_norm_apply: {
    doc: 'γ (x - μ) / √(σ² + ε) + β with given μ and σ².',
    types: normalized(() => []),
    vjp: (c) => {
      const [x, gamma, , mean] = c.node.inputs as [number, number, number, number];
      const shape = c.builder.type(c.node.inputs[c.k]!).shape;
      if (c.k === 0) return c.emit('mul', [c.adjoint, c.emit('mul', [gamma, inverseDeviation(c)])]);
      if (c.k === 2) return c.emit('sum_to', [c.adjoint], { shape });
      const normal = c.emit('mul', [c.emit('sub', [x, mean]), inverseDeviation(c)]);
      return c.emit('sum_to', [c.emit('mul', [c.adjoint, normal])], { shape });
    },
    closed: [3, 4],
    flops: ([x], _, __, batch) => 2 * total([x!], batch),
  },
  prelu: {
    doc: 'x where x > 0, else slope × x, with a slope per channel or one for all (He et al. 2015).',
    types: ([x, slope]) => {
      const shape = broadcast(x!.shape, slope!.shape);
      return isProblem(shape) ? shape : (otherShape(f32(shape), x!.shape, 1) ?? [x!]);
    },
    vjp: ({ node, k, adjoint, emit }) => {
      const [x, slope] = node.inputs as [number, number];
      return emit(k === 0 ? 'prelu_grad_input' : 'prelu_grad_slope', [adjoint, x, slope]);
    },
    flops: ([x], _, __, batch) => 2 * total([x!], batch),
  },
  prelu_grad_input: {
    doc: 'The adjoint of prelu in x: (dy, x, slope).',
    types: ([dy, x]) => otherShape(x!, dy!.shape, 1) ?? [dy!],
    vjp: { none: 'its slope changes in jumps' },
    flops: ([x], _, __, batch) => 2 * total([x!], batch),
  },
  prelu_grad_slope: {
    doc: 'The adjoint of prelu in the slope: (dy, x, slope).',
    types: ([dy, x, slope]) => otherShape(x!, dy!.shape, 1) ?? [slope!],
    vjp: { none: 'its slope changes in jumps' },
    flops: ([x], _, __, batch) => 3 * total([x!], batch),
  },
  prelu_grad: {
    doc: 'Both adjoints of prelu at once, (dy, x, slope) → (dx, dslope), for engines that compute them together.',
    types: ([dy, x, slope]) => otherShape(x!, dy!.shape, 1) ?? [dy!, slope!],
    vjp: { none: 'it stands only in graphs made for an engine' },
    flops: ([x], _, __, batch) => 5 * total([x!], batch),
  },
  dropout: {
    doc: 'Dropout before it is known whether it trains or is evaluated.',
    types: ([x]) => [x!],
    vjp: { replacedBy: 'specialise' },
    flops: () => 0,
  },
};
