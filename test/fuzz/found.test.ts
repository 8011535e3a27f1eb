/** @file What fuzzing found, so that it stays mended; the others are beside the tests of what they belong to. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ModelFormatError } from '../../compiler/model/format-error.js';
import { modelFromJson, modelToJson } from '../../compiler/model/json.js';
import { judge } from '../../runtime/evaluation/evaluate.js';
import { listRuns } from '../../runtime/experiment/list-runs.js';
import {
  writeRecord,
  writeResult,
  type RunRecord,
  type StoredResult,
} from '../../runtime/experiment/record.js';
import { randomSpec } from '../support/random-spec.js';
import { checkText, modelOf } from '../support/specs.js';

const RECORD: RunRecord = {
  version: '0.1.0',
  spec: null,
  experiment: 'e',
  model: 'm',
  settings: {},
  engine: 'cpu',
  tasks: [{ seed: 0, fold: 1 }],
  epochs: [1],
  program: 'p',
  data: 'd',
  people: 'q',
  fresh: false,
  started: '2026-01-01T00:00:00.000Z',
};
const HALF = [0, 1].map((predicted) => ({ sample: `s${predicted}`, subject: 'p', label: 0, predicted }));
const RESULT: StoredResult = {
  experiment: 'e',
  model: 'm',
  engine: 'cpu',
  ended: 'complete',
  select: { kind: 'last' },
  metrics: 0,
  tasks: [],
  judgements: [{ seed: 0, judgement: judge(HALF, ['x', 'y']), folds: [] }],
};

test('a result with a damaged judgement is damaged, by name', async () => {
  const runs = mkdtempSync(join(tmpdir(), 'ed2lc-found-'));
  const directory = join(runs, 'e-001');
  mkdirSync(directory);
  await writeRecord(directory, RECORD);
  await writeResult(directory, RESULT);
  assert.is((await listRuns(runs))[0]!.accuracy, 0.5);
  const { judgements: _, ...rest } = RESULT;
  for (const judgements of [[{ seed: 0 }], [{ seed: 0, judgement: {}, folds: [] }], [{}], [null]]) {
    writeFileSync(
      join(directory, 'result.json'),
      JSON.stringify({ format: 'ed2l-result', version: 1, ...rest, judgements }),
    );
    const [run] = await listRuns(runs);
    assert.is(run!.state, 'damaged');
    assert.match(run!.problem!, /result\.json is not a valid result: \/judgements\/0/);
  }
  rmSync(runs, { recursive: true });
});

test('a parameter without its path is told once, in words', () => {
  const json = modelToJson(modelOf(checkText(randomSpec(1)), 'random'));
  const model = JSON.parse(json) as { graph: { nodes: { op: string; attrs: { path?: string } }[] } };
  delete model.graph.nodes.find((node) => node.op === 'parameter')!.attrs.path;
  try {
    modelFromJson(JSON.stringify(model));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ModelFormatError);
    assert.match((error as Error).message, /the attribute path is missing/);
    assert.not.match((error as Error).message, /undefined/);
  }
});

test('hypers stand in the order of their declarations, whatever reads them first', () => {
  const model = modelOf(
    checkText(`
      model parent { input x : vector[2]  label y : class[2]
        group head = dense(2)  loss l = cross_entropy(head(x), y) updates head
        train { minimize l using sgd(rate: 0.1) batch 2 epochs 1 } }
      model child extends parent { hyper width = 8  hyper depth = 1
        group head = repeat(depth, dense(width)) |> dense(2) }`),
    'child',
  );
  assert.equal(
    model.hypers.map(({ name }) => name),
    ['width', 'depth'],
  );
});

test.run();
