/** @file Gradients of every spec equal central differences of the losses along random directions, as its routes let them pass; a wrong derivative is caught. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph } from '../../compiler/graph/graph.js';
import { opTable } from '../../compiler/ops/table.js';
import type { OpRule, Vjp } from '../../compiler/ops/rule.js';
import { routedObjective } from '../../compiler/passes/objective.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { interpret } from '../support/interpret.js';
import { randomFrom } from '../support/random-graph.js';
import { shieldedValues } from '../support/shielded.js';
import { randomSample, stepsOf, tinyModel, ZOO, type Sample } from '../support/zoo.js';

const BATCH = 4;
const DIRECTIONS = 5;
const STEP = 1e-5;

/** The largest relative error over groups and directions of <gradient, d> against the difference quotient. */
function worstError(model: ModelIR, seed: number): number {
  const sample = randomSample(model, BATCH, seed);
  const random = randomFrom(seed + 1);
  const { stage, steps } = stepsOf(model);
  let worst = 0;
  for (const { step, graph, forward } of steps) {
    const gradients = gradientsOf(graph, sample);
    const objective = routedObjective(forward, model, stage, step);
    const shielded = shieldedValues(forward, sample.values, BATCH, sample.scalars);
    for (const group of model.groups) {
      if (!group.parameters.some((p) => gradients.has(p.path))) continue;
      // What the group's parameters want: the losses routed to it, weighted.
      const wanted = objective.losses.flatMap(({ value, weight, route, masks }) => {
        const by = route.get(group.name);
        const mask = masks?.get(group.name);
        const masked = mask && { group: group.name, mask };
        return by ? [{ value, masked, weight: C.evaluate(C.multiply(weight, by), sample.scalars) }] : [];
      });
      for (let i = 0; i < DIRECTIONS; i++) {
        const direction = new Map(
          group.parameters.map((p) => [
            p.path,
            Float64Array.from(sample.values.get(p.path)!, () => random() * 2 - 1),
          ]),
        );
        const value = (by: number): number => {
          const feeds = moved(sample, direction, by);
          const plain = shielded(feeds);
          return wanted.reduce((sum, { value, masked, weight }) => {
            return sum + weight * (masked ? shielded(feeds, masked) : plain)[value]![0]!;
          }, 0);
        };
        const quotient = (value(STEP) - value(-STEP)) / (2 * STEP);
        let product = 0;
        for (const [path, d] of direction) gradients.get(path)?.forEach((g, k) => (product += g * d[k]!));
        worst = Math.max(worst, Math.abs(product - quotient) / Math.max(1e-3, Math.abs(quotient)));
      }
    }
  }
  return worst;
}

function moved(
  sample: Sample,
  direction: ReadonlyMap<string, Float64Array>,
  by: number,
): ReadonlyMap<string, ArrayLike<number>> {
  const values = new Map<string, ArrayLike<number>>(sample.values);
  for (const [path, d] of direction)
    values.set(
      path,
      Float64Array.from(sample.values.get(path)!, (x, i) => x + by * d[i]!),
    );
  return values;
}

const withMoments = (
  graph: Graph,
  values: ReadonlyMap<string, ArrayLike<number>>,
): ReadonlyMap<string, ArrayLike<number>> => {
  const all = new Map(values);
  for (const n of graph.nodes)
    if (n.op === 'slot')
      all.set(
        `${String(n.attrs['path'])}/${String(n.attrs['slot'])}`,
        new Float64Array(values.get(n.attrs['path'] as string)!.length),
      );
  return all;
};

/** Only what the gradients need: the interpreter knows no updates. */
function gradientsOf(graph: Graph, { values, scalars }: Sample): Map<string, Float64Array> {
  const cut: Graph = { ...graph, nodes: graph.nodes.filter((n) => !n.op.endsWith('_update')) };
  const numbers = interpret(cut, withMoments(graph, values), BATCH, scalars);
  return new Map(graph.outputs.filter((o) => o.role === 'gradient').map((o) => [o.name, numbers[o.value]!]));
}

for (const [file, name] of ZOO) {
  test(`${name}: 5 directions per group agree with central differences within 1e-2`, () => {
    const model = tinyModel(file, name);
    const error = worstError(model, 3);
    assert.ok(error < 1e-2, String(error));
  });
}

test('a wrong derivative is caught', () => {
  const model = tinyModel('specs/ed2l.ed2l', 'ed2l');
  const table = opTable as Record<string, OpRule>;
  const right = table['prelu']!;
  const wrong: Vjp = (c) => (c.k === 0 ? c.adjoint : (right.vjp as Vjp)(c));
  table['prelu'] = { ...right, vjp: wrong };
  try {
    assert.ok(worstError(model, 3) > 1e-2);
  } finally {
    table['prelu'] = right;
  }
});

test.run();
