/** @file Plans give memory back exactly once and never too early, and need what they predict, for every spec and target. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makePlan } from '../../compiler/plan/make-plan.js';
import type { Plan } from '../../compiler/plan/plan.js';
import { predictPeak } from '../../compiler/plan/predict-peak.js';
import { compileModel, type Program } from '../../compiler/program.js';
import { cpu } from '../../compiler/targets/cpu.js';
import { wasm } from '../../compiler/targets/wasm.js';
import { openEngine, type EngineName } from '../../runtime/engines/engine.js';
import { EngineError } from '../../runtime/engines/errors.js';
import type { OneDnnBackend } from '../../runtime/engines/onednn/backend.js';
import { runOnEngine } from '../support/engine-run.js';
import { randomSpec } from '../support/random-spec.js';
import { skip } from '../support/skipped.js';
import { checkSpec, checkText, modelOf } from '../support/specs.js';
import { randomSample, tinyModel, ZOO } from '../support/zoo.js';

const BATCH = 5;
const FED = ['@input', '@label', '@state'];

const plansOf = ({ stages, evaluation }: Program): Plan[] =>
  [cpu, wasm].flatMap((target) =>
    [...stages.flatMap((s) => s.steps.map((step) => step.graph)), evaluation].map((g) => makePlan(g, target)),
  );

/** Walks the plan as the executor does, with names for memory in place of memory. */
function checkMemory(plan: Plan, where: string): void {
  const memory = new Map<number, number>();
  const alive = new Set<number>();
  const fed = new Set<number>();
  const lastRead = new Map<number, number>();
  const freedAt = new Map<number, number>();
  plan.instructions.forEach(({ kernel, inputs, outputs, free }, at) => {
    for (const [, value] of inputs) {
      assert.ok(memory.has(value), `${where}: ${at} reads ${value} before it is made`);
      assert.ok(alive.has(memory.get(value)!), `${where}: ${at} reads ${value}, which was given back`);
      lastRead.set(memory.get(value)!, at);
    }
    for (const { value } of outputs) {
      assert.not.ok(memory.has(value), `${where}: ${value} is made twice`);
      memory.set(value, kernel === '@alias' ? memory.get(inputs[0]![1])! : value);
      alive.add(memory.get(value)!);
      lastRead.set(memory.get(value)!, at);
      if (FED.includes(kernel)) fed.add(value);
    }
    for (const value of free) {
      assert.ok(alive.delete(value), `${where}: ${at} gives ${value} back, which is not alive`);
      assert.not.ok(fed.has(value), `${where}: ${at} gives back what is not the step's own`);
      freedAt.set(value, at);
    }
  });
  for (const [value, at] of freedAt)
    assert.is(lastRead.get(value), at, `${where}: ${value} is given back right after its last use`);
  const kept = new Set([...fed, ...plan.outputs.map((o) => memory.get(o.value)!)]);
  assert.equal([...alive].sort(), [...kept].sort(), `${where}: what is left are feeds, state and outputs`);
}

test('every value of every plan is given back once, after its last use, and nothing else is', () => {
  const random = Array.from({ length: 20 }, (_, seed) => modelOf(checkText(randomSpec(seed)), 'random'));
  for (const model of [...ZOO.map(([file, name]) => tinyModel(file, name)), ...random])
    for (const plan of plansOf(compileModel(model))) checkMemory(plan, `${model.name} on ${plan.target}`);
});

test('a plan holds no operation that its target has no kernel for, and nothing of the model', () => {
  for (const [file, name] of ZOO) {
    for (const plan of plansOf(compileModel(tinyModel(file, name)))) {
      assert.equal(
        JSON.parse(JSON.stringify(plan, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))).format,
        'ed2l-plan',
      );
      for (const { kernel } of plan.instructions) assert.match(kernel, /^(@|ed2l\.|[A-Z])/);
    }
  }
});

const MEASURED: readonly (readonly [engine: EngineName, specs: typeof ZOO])[] = [
  ['cpu', ZOO],
  ['wasm', ZOO.filter(([, name]) => ['ed2l', 'baseline', 'introduction'].includes(name))],
];

for (const [engineName, specs] of MEASURED) {
  for (const [file, name] of specs) {
    test(`${name} on ${engineName}: the predicted peak is the measured one`, async () => {
      const model = tinyModel(file, name);
      const sample = randomSample(model, BATCH, 3);
      for (const { steps } of compileModel(model).stages) {
        for (const { graph } of steps) {
          // A peak belongs to an engine from its start.
          const engine = await openEngine(engineName, { threads: 1 });
          const predicted = predictPeak(makePlan(graph, engine.target), BATCH);
          runOnEngine(engine, graph, sample);
          assert.is(engine.memory().peak, predicted.bytes);
          assert.is(engine.memory().tensors, 0);
          engine.close();
        }
      }
    });
  }
}

test('the memory that onednn uses for the paper’s network is the predicted peak within 15 %, few images or many', async () => {
  const model = modelOf(checkSpec('specs/ed2l.ed2l'), 'ed2l');
  const { graph } = compileModel(model).stages[0]!.steps[0]!;
  for (const batch of [16, 48]) {
    const engine = await openEngine('onednn', { threads: 2 }).catch((error: Error) => {
      if (!(error instanceof EngineError)) throw error;
      return skip('the onednn engine', error.message);
    });
    if (!engine) return;
    const predicted = predictPeak(makePlan(graph, engine.target), batch).bytes;
    runOnEngine(engine, graph, randomSample(model, batch, 3));
    assert.is(engine.memory().peak, predicted);
    const { peak, used } = (engine.backend.backend as OneDnnBackend).arena.memory;
    const ratio = peak / predicted;
    assert.ok(ratio > 0.85 && ratio < 1.15, `batch ${batch}: ${peak} of ${predicted} bytes`);
    // All tensors are given back; kernels keep little beside them.
    assert.ok(used < 0.01 * predicted, `${used} bytes`);
    engine.close();
  }
});

test('state is what lives between steps: parameters, their moments, and statistics', () => {
  const model = tinyModel('specs/ed2l.ed2l', 'ed2l');
  const [stage] = compileModel(model).stages;
  const numbers = (list: readonly { readonly shape: readonly number[] }[]): number =>
    list.reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0);
  const expected = model.groups.reduce((n, g) => n + 3 * numbers(g.parameters) + numbers(g.statistics), 0);
  assert.is(predictPeak(makePlan(stage!.steps[0]!.graph, cpu), BATCH).state, 4 * expected);
});

test.run();
