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

/** Multiply-adds of one image in millions, by group. */
function millionsOf(model: ModelIR): Map<string, number> {
  const [stage] = model.stages;
  const { forward } = compileStep(model, stage!, stage!.steps[0]!);
  const found = new Map<string, number>();
  for (const node of forward.nodes) {
    if (node.op !== 'conv2d' && node.op !== 'matmul') continue;
    const { flops } = costOf(node, forward, 1);
    found.set(node.group!, (found.get(node.group!) ?? 0) + flops / 2e6);
  }
  return found;
}

const near = (found: number, published: number, within = 0.006): void =>
  assert.ok(Math.abs(found - published) < within, `${found} is not ${published} million`);

test('multiply-adds per face', () => {
  const full = millionsOf(ed2l);
  near(full.get('base')!, 372.36);
  near(full.get('distiller')!, 64.68);
  near(full.get('dispelling')!, 64.68);
  near(
    [...full.values()].reduce((a, b) => a + b),
    501.73,
  );
  near(
    [...millionsOf(baseline).values()].reduce((a, b) => a + b),
    437.05,
  );
});

test('sphereface20, the original at full width: parameters and multiply-adds, without the classifier', () => {
  const original = modelOf(checkSpec('specs/sphereface20.ed2l'), 'sphereface20');
  assert.is(count(original, 'base.dense.'), 11_010_560);
  const convolutions = parametersOf(original).filter(
    (p) => p.path.startsWith('base.stage') && p.role === 'kernel',
  );
  assert.is(convolutions.length, 20);
  assert.is(
    convolutions.reduce((n, p) => n + size(p), 0),
    11_650_752,
  );
  // Only the strided convolutions and the dense layer have a bias that learns; every convolution has slopes.
  assert.is(count(original, 'base.', 'bias'), 64 + 128 + 256 + 512 + 512);
  assert.is(count(original, 'base.', 'slope'), 3 * 64 + 5 * 128 + 9 * 256 + 3 * 512);
  assert.is(count(original, 'base.'), 22_666_944);
  assert.is(count(original, 'classifier.'), 512 * 10_572);
  near(millionsOf(original).get('base')!, 1_749.7, 0.05);
});

test.run();
