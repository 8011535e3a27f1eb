/** @file An experiment of two stages as it is bound: which `train`, data, classes and values each has, and what goes from one to the other. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { experimentToJson } from '../../compiler/model/experiment-json.js';
import { printModel } from '../../compiler/model/print.js';
import { compileExperiment } from '../../compiler/program.js';
import { golden } from '../support/golden.js';
import { readerOf } from '../support/specs.js';

const SPEC = 'specs/transfer.ed2l';
const SMALL = { height: '16', width: '16', filters: '2', middle: '1', last: '1', features: '4' };
const text = readFileSync(SPEC, 'utf8').replaceAll('to(56, 48)', 'to(16, 16)');
const { experiments } = check(SPEC, { reader: readerOf({ [SPEC]: text }), set: SMALL });
const bound = experiments.find((e) => e.experiment.name === 'transfer')!;

test('two stages are bound as they were reviewed', () => {
  const withoutSpans = JSON.stringify(
    JSON.parse(experimentToJson(bound)),
    (key, value) => (key === 'span' ? undefined : value),
    2,
  );
  const [first, second] = bound.stages.map(({ model }) => printModel(model).split('\ngraph\n')[0]!);
  golden('ir/transfer', { source: text, experiment: withoutSpans, 'stage 1': first!, 'stage 2': second! });
});

test('the heads alone have other shapes in the second stage, and they alone start anew', () => {
  const shapes = bound.stages.map(
    ({ model }) =>
      new Map(
        model.groups.flatMap((g) => [...g.parameters, ...g.statistics]).map((p) => [p.path, p.shape.join()]),
      ),
  );
  const changed = [...shapes[0]!].filter(([path, shape]) => shapes[1]!.get(path) !== shape);
  assert.equal(new Set(changed.map(([path]) => path.split('.')[0])), new Set(bound.stages[1]!.reset));
  for (const { stages } of compileExperiment(bound, { verify: true })) assert.is(stages.length, 1);
});

test.run();
