/** @file Every operation gives on every engine what its definition in double precision gives, its adjoints what difference quotients give, and no NaN disappears. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph } from '../../compiler/graph/graph.js';
import type { Engine } from '../../runtime/engines/engine.js';
import { differentiable } from '../support/derivative.js';
import { differences, errorAlong } from '../support/differences.js';
import { opTable } from '../../compiler/ops/table.js';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { cpu } from '../../compiler/targets/cpu.js';
import { onednn } from '../../compiler/targets/onednn.js';
import { tensorflow } from '../../compiler/targets/tensorflow.js';
import { wasm } from '../../compiler/targets/wasm.js';
import { runOnEngine } from '../support/engine-run.js';
import { openEngines } from '../support/engines.js';
import { interpret } from '../support/interpret.js';
import { build, CASES, drawOperands, graphOf, type Case } from '../support/operations.js';

const engines = await openEngines();
const TOLERANCE = 1e-5;
/** Of sums over a whole tensor, in single precision. */
const QUOTIENT_TOLERANCE = 1e-4;

type Feeds = Map<string, Float32Array | Int32Array>;

/** |a - b| / max(1, |b|): where terms cancel, no relative accuracy is left. */
function distance(a: ArrayLike<number>, b: Float64Array): number {
  const norm = (f: (x: number, i: number) => number): number =>
    Math.sqrt(b.reduce((sum, x, i) => sum + f(x, i) ** 2, 0));
  return (
    norm((x, i) => a[i]! - x) /
    Math.max(
      1,
      norm((x) => x),
    )
  );
}

/** Runs the graph on every engine, against its definition; gives what each found, by the output's name. */
function compare(
  graph: Graph,
  feeds: Feeds,
  batch: number,
): (readonly [Engine, Map<string, Float32Array>])[] {
  const expected = interpret(graph, feeds, batch);
  return engines.map((engine) => {
    const { outputs } = runOnEngine(engine, graph, { batch, values: feeds, scalars: { batch } });
    for (const { name, value } of graph.outputs) {
      const error = distance(outputs.get(`value:${name}`)!, expected[value]!);
      assert.ok(error < TOLERANCE, `${engine.name}, batch ${batch}, result ${name}: error ${error}`);
    }
    return [engine, outputs] as const;
  });
}

for (const operation of CASES) {
  test(operation.title, () => {
    const built = build(operation);
    for (const batch of [1, 33])
      compare(graphOf(built, built.outputs), drawOperands(operation, batch, 1), batch);
  });
}

test('the adjoints of every operation, as they stand in a training graph, are those of its definition and of difference quotients', () => {
  for (const operation of CASES) {
    const derived = differentiable(operation);
    if (!derived) continue;
    try {
      const feeds = derived.draw(5, 2);
      const expected = differences(derived, feeds, 5, 4);
      for (const [engine, outputs] of compare(derived.graph, feeds, 5)) {
        for (const difference of expected) {
          const error = errorAlong(outputs.get(`value:${difference.k}`)!, difference);
          assert.ok(error < QUOTIENT_TOLERANCE, `${engine.name}, operand ${difference.k}: error ${error}`);
        }
      }
    } catch (error) {
      throw new Error(`${operation.title}: ${(error as Error).message}`);
    }
  }
});

test('no operation swallows a NaN that its definition keeps', () => {
  for (const operation of CASES) {
    const built = build(operation);
    const graph = graphOf(built, built.outputs);
    operation.operands.forEach(({ domain }, k) => {
      if (domain === 'class' || domain === 'truth') return;
      const feeds = drawOperands(operation, 3, 3);
      feeds.get(`x${k}`)!.fill(NaN, 0, 1);
      const expected = interpret(graph, feeds, 3);
      for (const engine of engines) {
        const { outputs } = runOnEngine(engine, graph, { batch: 3, values: feeds, scalars: { batch: 3 } });
        for (const { name, value } of graph.outputs) {
          if (expected[value]!.every(Number.isFinite)) continue;
          const found = outputs.get(`value:${name}`)!;
          assert.not.ok(found.every(Number.isFinite), `${engine.name}: ${operation.title}, operand ${k}`);
        }
      }
    });
  }
});

test('every operation of the table is run here, or is one that plans never hold', () => {
  const graphs = (operation: Case): Graph[] => {
    const built = build(operation);
    const derived = differentiable(operation);
    return [graphOf(built, built.outputs), ...(derived ? [derived.graph] : [])];
  };
  // Also of engines that do not open here: what only their plans hold is run where they do.
  const run = new Set(
    CASES.flatMap(graphs).flatMap((graph) =>
      [cpu, wasm, onednn, tensorflow].flatMap((target) => [
        ...graph.nodes.map((n) => n.op),
        ...makePlan(graph, target).instructions.map((i) => i.op),
      ]),
    ),
  );
  const fed = ['parameter', 'statistic', 'slot', 'scalar', 'dropout_mask'];
  const removed = ['seed', 'mix', 'mask', 'stop', 'stop_where', 'batch_norm', 'dropout'];
  const updates = Object.keys(opTable).filter((op) => op.endsWith('_update'));
  const missing = Object.keys(opTable).filter((op) => ![...run, ...fed, ...removed, ...updates].includes(op));
  assert.equal(missing, []);
});

test('no engine keeps a tensor', () => {
  for (const engine of engines) assert.is(engine.memory().tensors, 0);
});

test.run();
