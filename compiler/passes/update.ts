/**
 * @file Appends what a step changes: one optimizer update per parameter with a gradient, and the running statistics of the groups it updates.
 * Removes: the outputs `gradient` (unless they are asked for). Introduces: `slot` leaves, update operations, `state` outputs.
 * Afterwards holds: a parameter without a gradient is not touched: no decay, no moment, bit for bit.
 */
import { GraphBuilder } from '../graph/builder.js';
import type { Graph, Node, Output, ValueId } from '../graph/graph.js';
import type { ModelIR, OptimizerIR, ParameterIR, StepIR } from '../model/ir.js';
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { ScalarExpr } from '../scalar/expression.js';
import { parseRational } from '../scalar/rational.js';
import { copyNode } from './rewrite.js';

const ORIGIN = { from: 'update' } as const;

/** Moments that an optimizer keeps per parameter, all 0 at first; state key `path/slot`. */
const SLOTS: Readonly<Record<OptimizerIR['kind'], readonly string[]>> = {
  adam: ['m', 'v'],
  rmsprop: ['s'],
  sgd: ['velocity'],
};

/** The run-time scalar of an optimizer's scheduled number. */
export const optimizerScalar = (step: string, index: number, option: string): string =>
  `optimizer.${step}.${index}.${option}`;

export function appendUpdates(
  graph: Graph,
  gradients: ReadonlyMap<string, ValueId>,
  model: ModelIR,
  step: StepIR,
  updatedGroups: ReadonlySet<string>,
): Graph {
  const builder = new GraphBuilder();
  for (const node of graph.nodes) copyNode(node, node.inputs, builder);
  const outputs: Output[] = [...graph.outputs];

  step.optimizers.forEach((optimizer, index) => {
    const number = (option: string, value: ScalarExpr | undefined, otherwise: Coefficient): Coefficient => {
      if (value === undefined) return otherwise;
      return value.kind === 'fixed'
        ? C.fromRational(parseRational(value.value))
        : C.named(optimizerScalar(step.name, index, option));
    };
    const parameters = optimizer.groups.flatMap((group) =>
      model.groups.find((g) => g.name === group)!.parameters.map((p) => ({ ...p, group })),
    );
    const clipped = clipByNorm(
      builder,
      parameters.flatMap((p) => (gradients.has(p.path) ? [[p.path, gradients.get(p.path)!] as const] : [])),
      optimizer.options['clip_norm'] && number('clip_norm', optimizer.options['clip_norm'], C.ONE),
    );
    for (const parameter of parameters) {
      const gradient = clipped.get(parameter.path);
      if (gradient === undefined) continue;
      outputs.push(...updateParameter(builder, parameter, gradient, optimizer, number));
    }
  });

  outputs.push(...updateStatistics(builder, graph, model, updatedGroups));
  return builder.build(outputs);
}

/** The group whose parameter or statistic changes. */
interface Place {
  readonly group: string;
}

type NumberOf = (option: string, value: ScalarExpr | undefined, otherwise: Coefficient) => Coefficient;

function updateParameter(
  builder: GraphBuilder,
  parameter: ParameterIR & Place,
  gradient: ValueId,
  optimizer: OptimizerIR,
  number: NumberOf,
): Output[] {
  const { path, shape, role, group } = parameter;
  const value = builder.emit('parameter', [], { path, shape }, ORIGIN, { group });
  const option = (name: string, otherwise: Coefficient = C.ZERO): Coefficient =>
    number(name, optimizer.options[name], otherwise);
  const rate = number('rate', optimizer.rate, C.ONE);
  const decays = optimizer.decayOn.includes(role);
  const attrs = {
    rate: role === 'bias' ? C.multiply(rate, option('bias_rate', C.ONE)) : rate,
    decay: decays ? option('weight_decay') : C.ZERO,
    decoupled: optimizer.decoupled,
  };
  const slots = slotsOf(optimizer).map((slot) => ({
    slot,
    value: builder.emit('slot', [], { path, slot, shape }, ORIGIN, { group }),
  }));
  const inputs = [value, gradient, ...slots.map((s) => s.value)];
  const results = emitUpdate(builder, optimizer, inputs, attrs, option, { group });
  const clamp = optimizer.options['clamp'];
  const next = clamp ? clampTo(builder, results[0]!, number('clamp', clamp, C.ONE), { group }) : results[0]!;
  return [
    { role: 'state', name: path, value: next },
    ...slots.map(({ slot }, i): Output => ({
      role: 'state',
      name: `${path}/${slot}`,
      value: results[i + 1]!,
    })),
  ];
}

/** The moments an optimizer keeps per parameter; plain SGD keeps none. */
export function slotsOf(optimizer: OptimizerIR): readonly string[] {
  const momentum = optimizer.options['momentum'];
  const plain =
    optimizer.kind === 'sgd' && (!momentum || (momentum.kind === 'fixed' && momentum.value === '0'));
  return plain ? [] : SLOTS[optimizer.kind];
}

function emitUpdate(
  builder: GraphBuilder,
  optimizer: OptimizerIR,
  inputs: readonly ValueId[],
  common: { readonly rate: Coefficient; readonly decay: Coefficient; readonly decoupled: boolean },
  option: (name: string, otherwise?: Coefficient) => Coefficient,
  place: Place,
): readonly ValueId[] {
  switch (optimizer.kind) {
    case 'adam': {
      const betas = {
        beta1: option('beta1', C.exactly(9, 10)),
        beta2: option('beta2', C.exactly(999, 1000)),
      };
      return builder.emitAll(
        'adam_update',
        inputs,
        { ...common, ...betas, epsilon: option('epsilon', EPSILON), count: 'count' },
        ORIGIN,
        place,
      );
    }
    case 'rmsprop':
      return builder.emitAll(
        'rmsprop_update',
        inputs,
        { ...common, rho: option('decay', C.exactly(9, 10)), epsilon: option('epsilon', EPSILON) },
        ORIGIN,
        place,
      );
    case 'sgd':
      return builder.emitAll(
        'sgd_update',
        inputs,
        { ...common, momentum: option('momentum'), nesterov: optimizer.nesterov },
        ORIGIN,
        place,
      );
  }
}

const EPSILON = C.exactly(1, 100_000_000);

function clampTo(builder: GraphBuilder, value: ValueId, bound: Coefficient, place: Place): ValueId {
  const limit = builder.emit('scalar', [], { by: bound }, ORIGIN);
  const below = builder.emit('minimum', [value, limit], {}, ORIGIN, place);
  return builder.emit('maximum', [below, builder.emit('neg', [limit], {}, ORIGIN)], {}, ORIGIN, place);
}

/** Scales the gradients of one optimizer together so that their joint norm is at most `limit` (Pascanu et al. 2013). */
function clipByNorm(
  builder: GraphBuilder,
  gradients: readonly (readonly [string, ValueId])[],
  limit: Coefficient | undefined,
): ReadonlyMap<string, ValueId> {
  if (!limit || gradients.length === 0) return new Map(gradients);
  const emit = (op: string, inputs: readonly ValueId[], attrs: Node['attrs'] = {}): ValueId =>
    builder.emit(op, inputs, attrs, ORIGIN);
  const squares = gradients.map(([, g]) => {
    const axes = builder.type(g).shape.map((_, i) => i);
    return emit('sum', [emit('square', [g])], { axes, keep: false });
  });
  const total = emit('sqrt', [squares.reduce((a, b) => emit('add', [a, b]))]);
  const bound = emit('scalar', [], { by: limit });
  const factor = emit('div', [bound, emit('maximum', [total, bound])]);
  return new Map(gradients.map(([path, g]) => [path, emit('mul', [g, factor])]));
}

/** running ← (1 - momentum) running + momentum × mean over the step's applications of the batch mean and of the unbiased batch variance. */
function updateStatistics(
  builder: GraphBuilder,
  graph: Graph,
  model: ModelIR,
  updated: ReadonlySet<string>,
): Output[] {
  const momenta = new Map<string, number>();
  for (const node of model.graph.nodes) {
    if (node.op === 'batch_norm') momenta.set(node.piece!, node.attrs['momentum'] as number);
  }
  const applications = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    if (node.op !== 'batch_norm_train' || !updated.has(node.group ?? '')) continue;
    applications.set(node.piece!, [...(applications.get(node.piece!) ?? []), node]);
  }
  const emit = (
    op: string,
    inputs: readonly ValueId[],
    attrs: Node['attrs'] = {},
    place: Partial<Place> = {},
  ): ValueId => builder.emit(op, inputs, attrs, ORIGIN, place);
  const average = (values: readonly ValueId[]): ValueId =>
    values.length === 1
      ? values[0]!
      : emit('scale', [values.reduce((a, b) => emit('add', [a, b]))], { by: C.exactly(1, values.length) });

  return [...applications].flatMap(([piece, nodes]) => {
    const momentum = momenta.get(piece)!;
    const place: Place = { group: nodes[0]!.group! };
    const shape = builder.type(nodes[0]!.outputs[1]!).shape;
    const unbiased = nodes.map((node) => {
      const perSample = builder
        .type(node.inputs[0]!)
        .shape.slice(1, -1)
        .reduce<number>((n, d) => n * (d as number), 1);
      const count = emit('scalar', [], { by: C.multiply(C.exactly(perSample), C.named('batch')) });
      const bessel = emit('div', [count, emit('sub', [count, emit('constant', [], { value: C.ONE })])]);
      return emit('mul', [node.outputs[2]!, bessel], {}, place);
    });
    const next = (name: string, batchValue: ValueId): Output => {
      const path = `${piece}.${name}`;
      const running = emit('statistic', [], { path, shape }, place);
      return {
        role: 'state',
        name: path,
        value: emit('running_update', [running, batchValue], { momentum }, place),
      };
    };
    return [next('mean', average(nodes.map((n) => n.outputs[1]!))), next('variance', average(unbiased))];
  });
}
