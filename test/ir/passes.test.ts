/** @file The passes of a training step: each keeps its promise and the numbers, and every node says where it comes from. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { sizeOf, type Attrs, type Graph, type ValueId } from '../../compiler/graph/graph.js';
import { printGraph } from '../../compiler/graph/print.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { lowerCarriers } from '../../compiler/passes/lower-carriers.js';
import { runTrainingPasses, TRAINING_PASSES } from '../../compiler/passes/pipeline.js';
import { simplify } from '../../compiler/passes/simplify.js';
import { differentiate } from '../../compiler/routing/differentiate.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { interpret } from '../support/interpret.js';
import { randomCase, randomFrom } from '../support/random-graph.js';
import { randomSpec } from '../support/random-spec.js';
import { randomFeeds, scalarsOf } from '../support/routed-gradients.js';
import { checkText, modelOf } from '../support/specs.js';
import { randomSample, tinyModel, ZOO } from '../support/zoo.js';

const random = Array.from({ length: 20 }, (_, seed) => modelOf(checkText(randomSpec(seed)), 'random'));
const models = [...ZOO.map(([file, name]) => tinyModel(file, name)), ...random];
const BATCH = 3;

/** The graphs after each pass, by its name, for every step. */
function passesOf(model: ModelIR): ReadonlyMap<string, Graph>[] {
  return model.stages.flatMap((stage) =>
    stage.steps.map((step) => {
      const graphs = new Map<string, Graph>();
      runTrainingPasses(
        { model, stage, step, gradients: false },
        { verify: true, observe: (pass, graph) => void graphs.set(pass, graph) },
      );
      return graphs;
    }),
  );
}

test('the passes run in their order, each keeping its promise, for every spec and random ones', () => {
  for (const model of models)
    for (const graphs of passesOf(model))
      assert.equal(
        [...graphs.keys()],
        TRAINING_PASSES.map((p) => p.name),
      );
  assert.equal(
    TRAINING_PASSES.map((p) => p.name),
    ['specialise', 'simplify', 'differentiate', 'update', 'lower-carriers'],
  );
});

test('an observer may stop the passes', () => {
  const [model] = models as [ModelIR];
  const [stage] = model.stages as [ModelIR['stages'][0]];
  const seen: string[] = [];
  const graph = runTrainingPasses(
    { model, stage, step: stage.steps[0]!, gradients: false },
    {
      observe: (pass) => {
        seen.push(pass);
        return pass === 'simplify';
      },
    },
  );
  assert.equal(seen, ['specialise', 'simplify']);
  assert.not.ok(graph.nodes.some((n) => n.op === 'seed'));
});

test('every node of a training graph stands in the source or says what made it, and every adjoint for which losses', () => {
  for (const model of models) {
    for (const graphs of passesOf(model)) {
      const forward = graphs.get('simplify')!.nodes.length;
      graphs.get('differentiate')!.nodes.forEach(({ op, origin, piece, group }, i) => {
        if (i < forward) {
          assert.is(origin.from, 'source', op);
          assert.ok(origin.span, `${op} has no place in the source`);
        } else {
          assert.match(origin.from, /^(adjoint of|vjp of) /);
          assert.match(origin.carrier!, /^\{.+: .+\}$/);
          assert.ok(origin.span, `${op} (${origin.from}) has lost its place`);
        }
        if (piece !== undefined) assert.is(piece.split('.')[0], group);
      });
      for (const { op, origin, group } of graphs.get('update')!.nodes)
        if (op.endsWith('_update') || op === 'slot')
          assert.ok(origin.from === 'update' && group !== undefined, op);
    }
  }
});

/** Everything a forward graph is fed, dropout masks of ones and zeros included. */
function feedsFor(
  model: ModelIR,
  graph: Graph,
  seed: number,
): { feeds: Map<string, ArrayLike<number>>; scalars: Record<string, number> } {
  const sample = randomSample(model, BATCH, seed);
  const draw = randomFrom(seed);
  const feeds = new Map<string, ArrayLike<number>>(sample.values);
  for (const { op, attrs, outputs } of graph.nodes) {
    if (op !== 'dropout_mask') continue;
    const size = sizeOf(graph.values[outputs[0]!]!.shape, BATCH);
    feeds.set(
      attrs['application'] as string,
      Float64Array.from({ length: size }, () => Math.round(draw()) * 2),
    );
  }
  return { feeds, scalars: sample.scalars };
}

test('simplification changes no number of any spec, and finds nothing more when run again', () => {
  models.forEach((model, seed) => {
    for (const graphs of passesOf(model)) {
      const [before, after] = [graphs.get('specialise')!, graphs.get('simplify')!];
      const { feeds, scalars } = feedsFor(model, before, seed);
      const [a, b] = [before, after].map((graph) => {
        const values = interpret(graph, feeds, BATCH, scalars);
        return graph.outputs.map((o) => values[o.value]![0]!);
      }) as [number[], number[]];
      a.forEach((x, i) =>
        assert.ok(
          Math.abs(x - b[i]!) <= 1e-12 * Math.max(1, Math.abs(x)),
          `${model.name}: ${x} became ${b[i]}`,
        ),
      );
      assert.is(printGraph(simplify(after)), printGraph(after));
    }
  });
});

type Emit = (op: string, inputs: readonly ValueId[], attrs?: Attrs) => ValueId;

/** Builds a graph of one output from a vector x of 3 numbers and a matrix m of 3 × 6. */
function graphOf(build: (emit: Emit, x: ValueId, m: ValueId) => ValueId): Graph {
  const builder = new GraphBuilder();
  const emit: Emit = (op, inputs, attrs = {}) => builder.emit(op, inputs, attrs, { from: 'source' });
  const value = build(
    emit,
    emit('input', [], { name: 'x', shape: ['batch', 3] }),
    emit('input', [], { name: 'm', shape: ['batch', 6] }),
  );
  return builder.build([{ role: 'value', name: 'y', value }]);
}

const by = (n: number, d = 1): Attrs => ({ by: C.exactly(n, d) });
const REWRITES: readonly (readonly [what: string, build: Parameters<typeof graphOf>[0], left: readonly string[]])[] = [
  ['scalings become one', (e, x) => e('scale', [e('scale', [x], by(2))], by(3)), ['input', 'scale']],
  ['scaling there and back is nothing', (e, x) => e('exp', [e('scale', [e('scale', [x], by(2))], by(1, 2))]), ['input', 'exp']],
  ['scaling by 1 is nothing', (e, x) => e('exp', [e('scale', [x], by(1))]), ['input', 'exp']],
  ['two signs cancel', (e, x) => e('neg', [e('neg', [x])]), ['input']],
  ['reshapes become one', (e, _, m) => e('reshape', [e('reshape', [m], { shape: ['batch', 2, 3] })], { shape: ['batch', 3, 2] }), ['input', 'reshape']],
  ['a reshape there and back is nothing', (e, _, m) => e('exp', [e('reshape', [e('reshape', [m], { shape: ['batch', 2, 3] })], { shape: ['batch', 6] })]), ['input', 'exp']],
  ['a broadcast to the same shape is nothing', (e, x) => e('exp', [e('broadcast_to', [x], { shape: ['batch', 3] })]), ['input', 'exp']],
  ['a slice of one part of a concat is that part', (e, x, m) => e('slice', [e('concat', [x, m], { axis: 1 })], { axis: 1, from: 3, to: 9 }), ['input']],
  ['a slice within a part slices the part', (e, x, m) => e('slice', [e('concat', [x, m], { axis: 1 })], { axis: 1, from: 4, to: 6 }), ['input', 'slice']],
  ['a slice over some parts joins these alone', (e, x, m) => e('slice', [e('concat', [x, m, e('exp', [m])], { axis: 1 })], { axis: 1, from: 1, to: 8 }), ['input', 'input', 'concat', 'slice']],
  ['what nobody reads is left out', (e, x, m) => (e('exp', [m]), e('tanh', [x])), ['input', 'tanh']],
]; // prettier-ignore

for (const [what, build, left] of REWRITES) {
  test(what, () => {
    const before = graphOf(build);
    const after = simplify(before);
    assert.equal(after.nodes.map((n) => n.op).sort(), [...left].sort());
    const draw = randomFrom(1);
    const feeds = new Map(
      [
        ['x', 6],
        ['m', 12],
      ].map(([name, n]) => [
        name as string,
        Float64Array.from({ length: n as number }, () => draw() * 2 - 1),
      ]),
    );
    const y = (graph: Graph): Float64Array => interpret(graph, feeds, 2)[graph.outputs[0]!.value]!;
    assert.equal([...y(after)], [...y(before)]);
  });
}

test('equal computations stand once', () => {
  const graph = graphOf((e, x) => e('mul', [e('tanh', [x]), e('tanh', [x])]));
  assert.equal(
    graph.nodes.map((n) => n.op),
    ['input', 'input', 'tanh', 'mul'],
  );
});

test('lowering carriers changes no gradient, also where a coefficient stands for a sum', () => {
  let sums = 0;
  for (let seed = 0; seed < 120; seed++) {
    const c = randomCase(seed, seed % 2 ? 'symbolic' : 'real');
    const result = differentiate(c.graph, c.objective);
    const outputs = [...result.gradients].map(
      ([p, value]) => ({ role: 'gradient', name: String(p), value }) as const,
    );
    const before = { ...result.graph, outputs };
    const after = lowerCarriers(before, result.terms.sums);
    if (result.terms.sums.size > 0) sums++;
    for (const node of after.nodes) assert.not.ok(['seed', 'mix', 'stop'].includes(node.op));
    const feeds = randomFeeds(c, seed);
    const expected = interpret(before, feeds, 1, scalarsOf(c, result));
    // No name of a sum is left: the run-time scalars of the case are enough.
    const found = interpret(after, feeds, 1, c.scalars);
    after.outputs.forEach(({ name, value }, i) => {
      expected[outputs[i]!.value]!.forEach((x, k) =>
        assert.ok(
          Math.abs(x - found[value]![k]!) <= 1e-12 * Math.max(1, Math.abs(x)),
          `seed ${seed}, ${name}`,
        ),
      );
    });
  }
  assert.ok(sums > 3, `${sums} cases had sums`);
});

test.run();
