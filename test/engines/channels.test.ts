/** @file Batch norm and the rectifier's gradients on wasm's own threads, where channels come in fours, against their definitions in double precision. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { runOnEngine } from '../support/engine-run.js';
import { interpret } from '../support/interpret.js';
import { randomFrom } from '../support/random-graph.js';

const engine = await openEngine('wasm', { threads: 2 });
const ORIGIN = { from: 'test' };
const ATTRS = { epsilon: 1e-5 };

/** Training batch norm with its gradient, and the rectifier's gradients, of images or vectors. */
function layers(shape: readonly (number | 'batch')[]): Graph {
  const builder = new GraphBuilder();
  const channels = [shape.at(-1)!];
  const input = (name: string, of: readonly (number | 'batch')[]): number =>
    builder.emit('input', [], { name, shape: of }, ORIGIN);
  const [x, dy] = [input('x', shape), input('dy', shape)];
  const [gamma, beta, slope] = ['gamma', 'beta', 'slope'].map((name) => input(name, channels));
  const forward = builder.emitAll('batch_norm_train', [x, gamma!, beta!], ATTRS, ORIGIN);
  const [, mean, variance] = forward;
  const backward = builder.emitAll('batch_norm_grad', [dy, x, gamma!, mean!, variance!], ATTRS, ORIGIN);
  const rectifier = ['prelu_grad_input', 'prelu_grad_slope'].map((op) =>
    builder.emit(op, [dy, x, slope!], {}, ORIGIN),
  );
  const names = ['y', 'mean', 'variance', 'dx', 'dgamma', 'dbeta', 'rectified', 'dslope'];
  const values = [...forward, ...backward, ...rectifier];
  return builder.build(values.map((value, i) => ({ role: 'value', name: names[i]!, value })));
}

/** Numbers for the inputs; x is not centred. */
function draw(graph: Graph, batch: number): Map<string, Float32Array> {
  const random = randomFrom(11);
  return new Map(
    graph.nodes
      .filter(({ op }) => op === 'input')
      .map(({ attrs, outputs }) => {
        const size = graph.values[outputs[0]!]!.shape.reduce<number>(
          (n, d) => n * (d === 'batch' ? batch : d),
          1,
        );
        const middle = attrs['name'] === 'x' ? 0.2 : 0;
        return [
          attrs['name'] as string,
          Float32Array.from({ length: size }, () => random() - 0.5 + middle),
        ] as const;
      }),
  );
}

for (const [batch, ...shape] of [
  [33, 4],
  [1, 3, 3, 8],
  [3, 5, 7, 20],
  [5, 31, 17, 16],
  [64, 2, 2, 256],
] as const) {
  test(`batch ${batch}, ${shape.join('×')}`, () => {
    const graph = layers(['batch', ...shape]);
    const values = draw(graph, batch);
    const expected = interpret(graph, values, batch);
    const { outputs } = runOnEngine(engine, graph, { batch, values, scalars: {} });
    for (const { name, value } of graph.outputs) {
      const [found, right] = [outputs.get(`value:${name}`)!, expected[value]!];
      const norm = (f: (i: number) => number): number => Math.hypot(...Array.from(right, (_, i) => f(i)));
      const error = norm((i) => found[i]! - right[i]!) / norm((i) => right[i]!);
      assert.ok(error < 3e-6, `${name}: error ${error}`);
    }
  });
}

test('the rectifier has one kernel for both gradients', () => {
  const { instructions } = makePlan(layers(['batch', 2, 2, 8]), engine.target);
  assert.is(instructions.filter(({ kernel }) => kernel === 'ed2l.prelu_grad').length, 1);
});

test('statistics far from zero keep their variance', () => {
  const graph = layers(['batch', 4, 4, 8]);
  const values = draw(graph, 16);
  values.set(
    'x',
    values.get('x')!.map((v) => v + 1000),
  );
  const expected = interpret(graph, values, 16);
  const { outputs } = runOnEngine(engine, graph, { batch: 16, values, scalars: {} });
  const variance = graph.outputs.find(({ name }) => name === 'variance')!.value;
  expected[variance]!.forEach((right, c) => {
    assert.ok(Math.abs(outputs.get('value:variance')![c]! - right) < 1e-3 * right);
  });
});

test('no NaN is swallowed', () => {
  const graph = layers(['batch', 3, 3, 8]);
  for (const name of ['x', 'dy', 'gamma', 'beta', 'slope']) {
    const values = draw(graph, 3);
    values.get(name)![5] = NaN;
    const expected = interpret(graph, values, 3);
    const { outputs } = runOnEngine(engine, graph, { batch: 3, values, scalars: {} });
    for (const output of graph.outputs) {
      const found = outputs.get(`value:${output.name}`)!;
      expected[output.value]!.forEach((right, i) => {
        if (Number.isNaN(right)) assert.ok(Number.isNaN(found[i]), `${output.name} of ${name}`);
      });
    }
  }
});

test.run();
