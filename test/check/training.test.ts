/** @file Training: the linearity of the objective, steps, optimizers, frozen groups, batch norm, settings. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import type { StageIR } from '../../compiler/model/ir.js';
import { formatCoefficient } from '../../compiler/scalar/coefficient.js';
import { checkSmall, found } from '../support/small.js';
import { modelOf } from '../support/specs.js';

/** Two groups and three losses; `train` is the body of the training. */
const trained = (train: string, lines = ''): Checked =>
  checkSmall(`
    hyper w = 3
    hyper t = linear(0, 1)
    group h = dense(3)
    u = h(z)
    ${lines.includes('loss l') ? '' : 'loss l = cross_entropy(z, y) updates g'}
    loss k = mean(square(u)) updates h
    loss both = mean(u) updates g, h
    ${lines}
    train { ${train} }`);
const stageOf = (checked: Checked): StageIR => modelOf(checked, 'm').stages[0]!;
const told = (train: string, lines = ''): string[] => found(trained(train, lines));

test('an objective is a sum of numbers times losses', () => {
  const weights = (objective: string): Record<string, string> =>
    Object.fromEntries(
      stageOf(trained(`minimize ${objective} using sgd(0.1)`)).steps[0]!.objective.map((o) => [
        o.loss,
        formatCoefficient(o.coefficient),
      ]),
    );
  assert.equal(weights('l + k + both'), { l: '1', k: '1', both: '1' });
  assert.equal(weights('-(l - 2 * (k + both / 4)) / w'), { l: '-1/3', k: '2/3', both: '1/6' });
  assert.equal(weights('w * w * l + k * 0.1 + both'), { l: '9', k: '1/10', both: '1' });
  assert.equal(weights('l + l + k + both - 0.5 * l'), { l: '3/2', k: '1', both: '1' });
  assert.equal(weights('t * l + 2 * t * k - both'), { l: 't', k: '2*t', both: '-1' });
  assert.equal(Object.keys(weights('(1 - t) * l + k + both')), ['l', 'k', 'both']);
});

for (const [objective, wrong] of [
  ['l * k + both', 'ED5002 l * k'],
  ['exp(l) + k + both', 'ED5002 exp(l)'],
  ['l^2 + k + both', 'ED5002 l^2'],
  ['1 / l + k + both', 'ED5002 l'],
  ['l + k + both + 1', 'ED5002 1'],
  ['max(l, k) + both', 'ED5002 max(l, k)'],
  ['w', 'ED5012 w'],
  ['l + k + bth', 'ED5003 bth'],
  ['z * l + k + both', 'ED5003 z'],
  ['size(y) * l + k + both', 'ED5003 y'],
  ['(2 + mean(z)) * l + k + both', 'ED5003 z'],
] as const) {
  test(`the objective ${objective}`, () => {
    assert.equal(told(`minimize ${objective} using sgd(0.1)`), [wrong]);
  });
}

test('a weight of 0', () => {
  const rest = 'k + both using sgd(0.1)';
  assert.equal(told(`minimize 0 * l + ${rest}`), ['ED5014 l']);
  assert.equal(told(`minimize l - l + ${rest}`), ['ED5014 l']);
  assert.equal(told(`minimize (1 - progress) * l + ${rest}`), []);
});

test('steps: in written order, repeat and every fixed', () => {
  const [a, b] = stageOf(
    trained(
      'step a repeat w - 1 { minimize l + both using sgd(0.1) } step b every 5 { minimize k using adam() }',
    ),
  ).steps;
  assert.equal([a!.name, a!.repeat, a!.every, b!.name, b!.repeat, b!.every], ['a', 2, 1, 'b', 1, 5]);
  const step = (count: string): string[] => told(`step a ${count} { minimize l + k + both using sgd(0.1) }`);
  assert.equal(step('repeat 0'), ['ED3009 0']);
  assert.equal(step('every 1.5'), ['ED3009 1.5']);
  assert.equal(step('every epoch'), ['ED3010 epoch']);
  assert.equal(step('repeat t'), ['ED3010 t']);
});

test('one minimize, or named steps of different names', () => {
  const step = (name: string): string => `step ${name} { minimize l + k + both using sgd(0.1) }`;
  assert.equal(told(`${step('a')} ${step('a')}`), ['ED2002 a']);
  assert.equal(
    told(`${step('a')} minimize l using sgd(0.1)`).map((d) => d.slice(0, 6)),
    ['ED5011'],
  );
  assert.equal(told('minimize l using sgd(0.1) minimize k using sgd(0.1)')[0]!.slice(0, 6), 'ED5011');
  assert.equal(told('batch 3')[0]!.slice(0, 6), 'ED5001');
});

test('a group has exactly one optimizer in a step', () => {
  const using = (text: string): string[] => told(`minimize l + k + both ${text}`);
  assert.equal(using('using sgd(0.1) using adam() for h'), []);
  assert.equal(using('using sgd(0.1) for g using adam() for h'), []);
  assert.equal(
    using('using sgd(0.1) using adam()').map((d) => d.slice(0, 6)),
    ['ED5004'],
  );
  assert.equal(
    using('using sgd(0.1) for g').map((d) => d.slice(0, 6)),
    ['ED5004'],
  );
  assert.equal(using('using sgd(0.1) for g, h using adam() for h'), ['ED5004 h']);
  assert.equal(using('using sgd(0.1) using adam() for hh'), ['ED4002 hh']);
  assert.equal(
    told(
      'step a { minimize l using sgd(0.1) using adam() for h } step b { minimize k + both using sgd(0.1) }',
    ),
    ['ED5005 h'],
  );
  assert.equal(told('freeze h minimize l + k + both using sgd(0.1) using adam() for h'), ['ED5005 h']);
});

test('the default optimizer takes the rest', () => {
  const { optimizers } = stageOf(trained('minimize l + k + both using sgd(0.1) using adam() for h'))
    .steps[0]!;
  assert.equal(
    optimizers.map((o) => [o.kind, ...o.groups]),
    [
      ['sgd', 'g'],
      ['adam', 'h'],
    ],
  );
});

test('a default optimizer that no group is left for is told', () => {
  const both = 'minimize l + k + both using sgd(0.1) for g, h';
  assert.equal(told(`${both} using adam()`), ['ED5014 using adam()']);
  assert.equal(told(both), []);
  assert.equal(told('minimize l + k + both using sgd(0.1) for h using adam()'), []);
});

for (const [optimizer, wrong] of [
  ['sgd()', 'ED3006 sgd()'],
  ['sgd(-0.1)', 'ED3009 -0.1'],
  ['sgd(0.1, momentum: 1)', 'ED3009 1'],
  ['adam(beta1: 1.5)', 'ED3009 1.5'],
  ['adam(epsilon: 0)', 'ED3009 0'],
  ['adam(weight_decay: -1)', 'ED3009 -1'],
  ['adam(clip_norm: 0)', 'ED3009 0'],
  ['adam(decay_on: kernel)', 'ED3011 kernel'],
  ['adam(decoupled: 1)', 'ED3008 1'],
  ['adam(rate: mean(z))', 'ED5003 z'],
  ['adam(rate: linear(0.1, 0, start: 0.5, end: 0.5))', 'ED3009 0.5'],
  ['adam(rate: piecewise([[0.5, 1], [0.2, 2]]))', 'ED3009 [[0.5, 1], [0.2, 2]]'],
  ['adm()', 'ED5013 adm()'],
  ['adam', 'ED5013 adam'],
  ['relu()', 'ED5013 relu()'],
] as const) {
  test(`using ${optimizer}`, () => {
    assert.equal(
      told(`minimize l + k + both using ${optimizer}`).map((d) => d.slice(0, 6)),
      [wrong.slice(0, 6)],
    );
  });
}

test('settings of a training', () => {
  const setting = (text: string): string[] => told(`${text} minimize l + k + both using sgd(0.1)`);
  assert.equal(setting('batch 2 * w epochs 3 seed 0 precision f32 log accuracy(z, y), mean(u)'), []);
  assert.equal(setting('batch 0'), ['ED3009 0']);
  assert.equal(setting('epochs 2.5'), ['ED3009 2.5']);
  assert.equal(setting('batch epoch'), ['ED3010 epoch']);
  assert.equal(setting('seed -1'), ['ED3009 -1']);
  assert.equal(setting('batch 8 batch 9'), ['ED5009 batch']);
  assert.equal(setting('epoch 8'), ['ED5008 epoch']);
  assert.equal(
    setting('batch 8, 9').map((d) => d.slice(0, 6)),
    ['ED5010'],
  );
  assert.equal(
    setting('precision f16').map((d) => d.slice(0, 6)),
    ['ED5010'],
  );
  assert.equal(
    setting('precision bf16').map((d) => d.slice(0, 6)),
    ['ED8001'],
  );
  assert.equal(setting('log z'), ['ED5010 z']);
});

test('what is logged has names of its own', () => {
  const { log } = stageOf(
    trained('log mean(z), mean(u), t, accuracy(z, y) minimize l + k + both using sgd(0.1)'),
  );
  assert.equal(
    log.map((l) => l.name),
    ['mean', 'mean_2', 't', 'accuracy'],
  );
});

test('a group frozen twice', () => {
  assert.equal(told('freeze h, h minimize l + k + both using sgd(0.1)'), ['ED4003 h']);
});

test('a group with batch norm is updated or frozen where it runs', () => {
  const lines =
    'group n = batch_norm() |> dense(3)\nv = n(z)\nloss l = cross_entropy(z, y) + mean(v) updates g';
  const train = (items: string): string[] => told(`${items} minimize l + k + both using sgd(0.1)`, lines);
  assert.equal(train('freeze n'), []);
  assert.equal(
    train('').map((d) => d.slice(0, 6)),
    ['ED4008'],
  );
  const elsewhere = `train other { minimize l + k + both using sgd(0.1) }\n${lines}, n`;
  assert.equal(told('minimize k using sgd(0.1)', elsewhere), []);
  assert.ok(train('freeze statistics n').includes('ED4008 n'));
  const updated = `${lines}, n`;
  assert.equal(told('freeze statistics n minimize l + k + both using sgd(0.1)', updated), []);
  const stage = stageOf(trained('freeze statistics n minimize l + k + both using sgd(0.1)', updated));
  assert.equal([stage.frozen, stage.frozenStatistics], [[], ['n']]);
});

test.run();
