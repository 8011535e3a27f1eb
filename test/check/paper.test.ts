/** @file The paper's network, part by part: parameter paths and counts, and multiply-adds per face, as published (Bai et al. 2019, Table 1; counts by hand from the layers). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { costOf } from '../../compiler/graph/cost.js';
import type { ModelIR, ParameterIR } from '../../compiler/model/ir.js';
import { compileStep } from '../../compiler/program.js';
import { checkSpec, modelOf } from '../support/specs.js';

const ed2l = modelOf(checkSpec('specs/ed2l.ed2l'), 'ed2l');
const sixClasses = modelOf(checkSpec('specs/ed2l.ed2l', { classes: '6' }), 'ed2l');
const baseline = modelOf(checkSpec('specs/baseline.ed2l'), 'baseline');

const size = ({ shape }: { readonly shape: readonly number[] }): number => shape.reduce((n, d) => n * d, 1);
const parametersOf = (model: ModelIR): readonly ParameterIR[] => model.groups.flatMap((g) => g.parameters);
const count = (model: ModelIR, start = '', ...roles: readonly ParameterIR['role'][]): number =>
  parametersOf(model)
    .filter((p) => p.path.startsWith(start) && (roles.length === 0 || roles.includes(p.role)))
    .reduce((n, p) => n + size(p), 0);

test('trainable parameters', () => {
  assert.is(count(ed2l), 9_905_543);
  assert.is(count(sixClasses), 9_905_030);
  assert.is(count(baseline), 5_674_112);
});

test('convolutions, batch norm and slopes of each stage', () => {
  const stage = (start: string): number[] => [
    count(ed2l, start, 'kernel', 'bias'),
    count(ed2l, start, 'gamma', 'beta'),
    count(ed2l, start, 'slope'),
  ];
  assert.equal(stage('base.stage.'), [18_720, 192, 96]);
  assert.equal(stage('base.stage_2.'), [165_888, 640, 320]);
  assert.equal(stage('base.stage_3.'), [1_253_376, 2_304, 1_152]);
  for (const branch of ['distiller', 'dispelling']) {
    assert.equal(stage(`${branch}.stage.`), [1_474_560, 1_536, 768]);
    assert.is(count(ed2l, `${branch}.dense.`), 2_752_768);
    assert.is(count(ed2l, branch), 4_229_632);
  }
  assert.is(count(ed2l, 'base.'), 1_442_688);
  assert.is(count(ed2l, 'classifier.'), 1_792);
  assert.is(count(ed2l, 'dispeller.'), 1_799);
});

test('running statistics', () => {
  const statistics = (model: ModelIR): number =>
    model.groups.flatMap((g) => g.statistics).reduce((n, s) => n + size(s), 0);
  assert.is(statistics(ed2l), 6_208);
  assert.is(statistics(baseline), 4_672);
});

test('paths of parameters', () => {
  const paths = parametersOf(ed2l).map((p) => p.path);
  assert.is(new Set(paths).size, paths.length);
  for (const path of [
    'base.stage.down.conv.kernel',
    'base.stage_2.unit_4.prelu.slope',
    'base.stage_3.unit_8.conv.kernel',
    'distiller.stage.down.batch_norm.gamma',
    'dispelling.dense.bias',
    'classifier.kernel',
    'dispeller.bias',
  ])
    assert.ok(paths.includes(path), path);
  assert.not(paths.some((path) => path.includes('unit_9') || path.includes('stage_4')));
  // 3 + 5 + 9 layers in the base, 3 in each branch: a kernel, a scale, a shift and a slope each.
  assert.is(paths.length, 4 * (17 + 3 + 3) + 2 + 2 + 1 + 2);
});

test('multiply-adds per face', () => {
  const millions = (model: ModelIR): Map<string, number> => {
    const [stage] = model.stages;
    const { forward } = compileStep(model, stage!, stage!.steps[0]!);
    const found = new Map<string, number>();
    for (const node of forward.nodes) {
      if (node.op !== 'conv2d' && node.op !== 'matmul') continue;
      const { flops } = costOf(node, forward, 1);
      found.set(node.group!, (found.get(node.group!) ?? 0) + flops / 2e6);
    }
    return found;
  };
  const full = millions(ed2l);
  const near = (found: number, published: number): void =>
    assert.ok(Math.abs(found - published) < 0.006, `${found} is not ${published} million`);
  near(full.get('base')!, 372.36);
  near(full.get('distiller')!, 64.68);
  near(full.get('dispelling')!, 64.68);
  near(
    [...full.values()].reduce((a, b) => a + b),
    501.73,
  );
  near(
    [...millions(baseline).values()].reduce((a, b) => a + b),
    437.05,
  );
});

test.run();
