/** @file Gradients of every spec equal those of tfjs's own tape, on every engine. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { routedObjective } from '../../compiler/passes/objective.js';
import { distance, runOnEngine } from '../support/engine-run.js';
import { openEngines } from '../support/engines.js';
import { tapeGradients } from '../support/tape.js';
import { randomSample, stepsOf, tinyModel, ZOO } from '../support/zoo.js';

const BATCH = 5;
const engines = await openEngines();

for (const [file, name] of ZOO) {
  test(`${name}: every gradient is within 1e-4 of the tape's`, async () => {
    const model = tinyModel(file, name);
    const sample = randomSample(model, BATCH, 7);
    const { stage, steps } = stepsOf(model);
    for (const { step, graph, forward } of steps) {
      const objective = routedObjective(forward, model, stage, step);
      const expected = await tapeGradients(forward, objective, { ...sample, masks: new Map() });
      for (const engine of engines) {
        const { outputs } = runOnEngine(engine, graph, sample);
        const found = [...outputs.keys()].filter((key) => key.startsWith('gradient:'));
        assert.equal(new Set(found), new Set([...expected.keys()].map((path) => `gradient:${path}`)));
        for (const [path, gradient] of expected) {
          const error = distance(outputs.get(`gradient:${path}`)!, gradient);
          assert.ok(error < 1e-4, `${engine.name} ${path}: ${error}`);
        }
      }
    }
  });
}

test('no engine keeps a tensor', () => {
  for (const engine of engines) assert.is(engine.memory().tensors, 0);
});

test.run();
