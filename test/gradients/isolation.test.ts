/** @file Who does not learn from a loss is not touched by it: bit for bit, and not by its NaNs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph } from '../../compiler/graph/graph.js';
import { compileStep } from '../../compiler/program.js';
import type { ModelIR, StageIR } from '../../compiler/model/ir.js';
import * as C from '../../compiler/scalar/coefficient.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { runOnEngine } from '../support/engine-run.js';
import { randomSample, tinyModel, ZOO } from '../support/zoo.js';

const BATCH = 4;
const engine = await openEngine('cpu');

/** The model trained on one of its losses alone, with weight decay. */
function alone(model: ModelIR, stage: StageIR, loss: string): Graph[] {
  return stage.steps
    .filter((step) => step.objective.some((o) => o.loss === loss))
    .map((step) => {
      const optimizers = step.optimizers.map((o) => ({
        ...o,
        options: { ...o.options, weight_decay: { kind: 'fixed' as const, value: '1/10' } },
      }));
      const only = { ...step, objective: step.objective.filter((o) => o.loss === loss), optimizers };
      return compileStep(model, { ...stage, steps: [only] }, only, { verify: true }).graph;
    });
}

for (const [file, name] of ZOO) {
  test(`${name}: a step on one loss moves its groups and leaves all others bit-identical, decay included`, () => {
    const model = tinyModel(file, name);
    const sample = randomSample(model, BATCH, 11);
    const [stage] = model.stages;
    for (const loss of model.losses) {
      for (const graph of alone(model, stage!, loss.name)) {
        const { state } = runOnEngine(engine, graph, sample);
        const routed = loss.route.map((r) => r.group);
        for (const group of model.groups) {
          const read = group.parameters.filter((p) => state.has(p.path));
          const changed = read.filter(
            (p) => !sameBits(state.get(p.path)!, sample.values.get(p.path) as Float32Array),
          );
          if (routed.includes(group.name))
            assert.is(changed.length, group.parameters.length, `${loss.name} moves all of ${group.name}`);
          else
            assert.equal(
              changed.map((p) => p.path),
              [],
              `${loss.name} leaves ${group.name} alone`,
            );
        }
      }
    }
  });

  test(`${name}: a loss that is NaN poisons the groups it updates and no other`, () => {
    const model = tinyModel(file, name);
    const sample = randomSample(model, BATCH, 14);
    const [stage] = model.stages;
    for (const loss of model.losses) {
      for (const graph of poison(model, stage!, loss.name)) {
        const { outputs } = runOnEngine(engine, graph, {
          ...sample,
          scalars: { ...sample.scalars, nan: NaN },
        });
        for (const group of model.groups) {
          const own = group.parameters.filter((p) => outputs.has(`gradient:${p.path}`));
          const finite = own.every((p) => outputs.get(`gradient:${p.path}`)!.every(Number.isFinite));
          if (!loss.route.some((r) => r.group === group.name))
            assert.ok(finite, `${loss.name} poisons ${group.name}`);
          else assert.not.ok(finite, `the NaN of ${loss.name} must arrive at ${group.name}`);
        }
      }
    }
  });
}

/** The gradients of the model with one loss multiplied by a run-time scalar that is NaN: its seed and all that flows from it. */
function poison(model: ModelIR, stage: StageIR, loss: string): Graph[] {
  return stage.steps
    .filter((step) => step.objective.some((o) => o.loss === loss))
    .map((step) => {
      const objective = step.objective.map((o) =>
        o.loss === loss ? { loss, coefficient: C.multiply(o.coefficient, C.named('nan')) } : o,
      );
      const poisoned = { ...step, objective };
      const { graph } = compileStep(model, { ...stage, steps: [poisoned] }, poisoned, {
        gradients: true,
        verify: true,
      });
      // The executor would refuse the updates.
      return { ...graph, outputs: graph.outputs.filter((o) => o.role === 'gradient') };
    });
}

const sameBits = (a: Float32Array, b: Float32Array): boolean => {
  const bits = (x: Float32Array): Uint32Array => new Uint32Array(x.buffer, x.byteOffset, x.length);
  return bits(a).every((x, i) => x === bits(b)[i]);
};

test.run();
