/** @file Stored models, graphs and experiments: equal after a round trip, and refused by place when they are damaged. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bindExperiment,
  experimentFromJson,
  experimentToJson,
} from '../../compiler/model/experiment-json.js';
import { graphsFromJson, graphsToJson } from '../../compiler/model/graphs-json.js';
import { modelFromJson, modelToJson } from '../../compiler/model/json.js';
import { ModelFormatError } from '../../compiler/model/format-error.js';
import { printModel } from '../../compiler/model/print.js';
import { compileModel } from '../../compiler/program.js';
import { formatStats, programStats } from '../../compiler/stats.js';
import { wasm } from '../../compiler/targets/wasm.js';
import { damaged } from '../support/damage.js';
import { randomSpec } from '../support/random-spec.js';
import { checkSpec, checkText, modelOf } from '../support/specs.js';
import { tinyModel, ZOO } from '../support/zoo.js';

const models = [
  ...ZOO.map(([file, name]) => tinyModel(file, name)),
  ...Array.from({ length: 40 }, (_, seed) => modelOf(checkText(randomSpec(seed)), 'random')),
];

test('a model equals itself after a round trip, and so does its text', () => {
  for (const model of models) {
    const json = modelToJson(model);
    const loaded = modelFromJson(json);
    assert.equal(loaded, model);
    assert.is(modelToJson(loaded), json);
  }
});

test('graphs equal themselves after a round trip', () => {
  for (const model of models.slice(0, 30)) {
    const program = compileModel(model);
    const loaded = graphsFromJson(graphsToJson(program), model);
    assert.equal(loaded.evaluation, program.evaluation);
    assert.equal(
      loaded.stages.map(({ stage, steps }) => ({ stage, graphs: steps.map((s) => s.graph) })),
      program.stages.map(({ stage, steps }) => ({ stage, graphs: steps.map((s) => s.graph) })),
    );
  }
});

const experiments = [
  ...checkSpec('specs/quick.ed2l').experiments.values(),
  ...checkSpec('specs/photographs.ed2l').experiments.values(),
];

test('experiments equal themselves after a round trip', async () => {
  assert.is(experiments.length, 4);
  for (const bound of experiments) {
    const stored = experimentFromJson(experimentToJson(bound));
    assert.equal(await bindExperiment(stored, async () => bound.model), bound);
  }
});

/** Every damage is refused with the place, or what was loaded can be used as if it had been written so. */
function expectJudged<T>(
  text: string,
  load: (text: string) => T,
  use: (loaded: T) => unknown,
  count: number,
): void {
  let refused = 0;
  const cases = damaged(text, count, 9);
  for (const { how, text: bad } of cases) {
    let loaded: T;
    try {
      loaded = load(bad);
    } catch (error) {
      assert.instance(error, ModelFormatError, `${how}: ${String((error as Error).stack)}`);
      assert.match((error as Error).message, /^not a valid .+: .+/);
      refused++;
      continue;
    }
    try {
      use(loaded);
    } catch (error) {
      assert.unreachable(`${how} was loaded, and then: ${String((error as Error).stack)}`);
    }
  }
  assert.ok(refused > cases.length / 2, `${refused} of ${cases.length} were refused`);
}

test('a damaged model is refused by place, or compiles', () => {
  for (const seed of [1, 4, 12]) {
    const model = modelOf(checkText(randomSpec(seed)), 'random');
    expectJudged(
      modelToJson(model),
      modelFromJson,
      (loaded) => {
        printModel(loaded);
        formatStats(programStats(compileModel(loaded), 4, wasm));
      },
      60,
    );
  }
});

test('damaged graphs are refused by place, or are graphs', () => {
  const model = modelOf(checkText(randomSpec(2)), 'random');
  const program = compileModel(model);
  expectJudged(
    graphsToJson(program),
    (text) => graphsFromJson(text, model),
    ({ stages, evaluation }) =>
      graphsToJson({
        ...program,
        stages: program.stages.map((s, i) => ({ ...s, ...stages[i] }) as never),
        evaluation,
      }),
    60,
  );
});

test('a damaged experiment is refused by place, or is one', () => {
  expectJudged(experimentToJson(experiments[0]!), experimentFromJson, experimentToJson, 200);
});

test.run();
