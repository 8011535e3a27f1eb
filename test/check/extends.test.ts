/** @file `extends`: override part by part, and what `remove` takes along. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { found, textOf } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';

/** Two heads on a base: `main` is trained with it, `side` and its adversary hang on `f`. */
const PARENT = `
model parent {
  hyper weight = 3
  hyper width = 4
  hyper unused = 1
  input x : image[8, 8, 1]
  input extra : vector[4]
  label y : class[3]
  label who : class[5]
  group base = flatten() |> dense(width) |> relu()
  group main = dense(3)
  group side = dense(5)
  group critic = dense(5)
  f = base(x)
  z = main(f)
  s = side(f + extra)
  c = critic(f)
  loss l_main = cross_entropy(z, y) updates base, main
  loss l_side = cross_entropy(s, who) updates base, side
  loss l_critic = cross_entropy(c, who) updates critic
  loss l_both = mean(z) + mean(s) updates main, side
  predict y = softmax(z)
  train {
    minimize l_main + weight * (l_side - l_critic) - l_both
      using sgd(0.1)
      using adam(1e-3) for side
    batch 8
    epochs 2
    log mean(s), mean(z)
  }
}
`;

const child = (text: string): Checked => checkText(`${PARENT}\nmodel child extends parent {\n${text}\n}`);
const childModel = (text: string): ModelIR => modelOf(child(text), 'child');
const objective = (model: ModelIR): string[] =>
  model.stages[0]!.steps.flatMap((s) => s.objective.map((o) => o.loss));

test('the parent is sound', () => {
  assert.equal(found(checkText(PARENT)), []);
});

test('2: a member of the same name and kind replaces, others are added', () => {
  const model = childModel(
    'hyper weight = 9\nhyper more = 2\nloss l_more = more * mean(f) updates base\ntrain { minimize l_main + weight * l_side + l_critic + l_both + l_more using sgd(0.1) }',
  );
  assert.equal(model.hypers.find((h) => h.name === 'weight')!.value, { kind: 'fixed', value: '9' });
  assert.ok(model.losses.some((l) => l.name === 'l_more'));
  assert.is(model.stages[0]!.batch, 8);
});

test('2: a loss is replaced part by part', () => {
  const route = childModel('loss l_side updates side');
  assert.equal(
    route.losses.find((l) => l.name === 'l_side')!.route.map((r) => r.group),
    ['side'],
  );
  const value = childModel('loss l_side = mean(square(s))');
  assert.equal(
    value.losses.find((l) => l.name === 'l_side')!.route.map((r) => r.group),
    ['base', 'side'],
  );
});

test('2: a training is replaced part by part: settings by name, freeze as a whole, steps all together', () => {
  const settings = childModel('train { epochs 7 }').stages[0]!;
  assert.equal([settings.batch, settings.epochs, settings.log.length, settings.steps.length], [8, 7, 2, 1]);
  const steps = childModel(
    'train { step a { minimize l_main + l_both using sgd(0.2) } step b { minimize l_side + l_critic using sgd(0.2) } }',
  ).stages[0]!;
  assert.equal(
    steps.steps.map((s) => s.name),
    ['a', 'b'],
  );
  const twice = checkText(`${PARENT}
    model frozen extends parent { train { freeze critic, base  minimize l_main + l_side + l_both using sgd(0.1) } }
    model thawed extends frozen { train { freeze critic } }`);
  assert.equal(modelOf(twice, 'frozen').stages[0]!.frozen, ['critic', 'base']);
  assert.equal(modelOf(twice, 'thawed').stages[0]!.frozen, ['critic']);
});

test('2: another kind under the same name', () => {
  assert.equal(found(child('group f = dense(3)')), ['ED2010 f']);
  assert.equal(found(child('loss base = mean(z) updates main')), ['ED2010 base']);
});

test('3: removing what is unknown or written here', () => {
  assert.equal(found(child('remove group sid')), ['ED2011 sid']);
  assert.equal(found(child('remove loss side')), ['ED2011 side']);
  assert.equal(found(child('remove step side')), ['ED2011 side']);
  assert.equal(found(child('group side = dense(5)\nremove group side')), ['ED2011 side']);
  assert.equal(found(child('train { step side { minimize l_main using sgd(0.1) } }\nremove step side')), [
    'ED2011 side',
  ]);
});

test('4, 5, 6: members that mention what goes, routes, optimizers, objectives and logs', () => {
  const model = childModel('remove group side');
  assert.equal(
    model.groups.map((g) => g.name),
    ['base', 'main', 'critic'],
  );
  assert.equal(
    model.losses.map((l) => l.name),
    ['l_main', 'l_critic'],
  );
  assert.equal(objective(model), ['l_main', 'l_critic']);
  const [step] = model.stages[0]!.steps;
  assert.equal(
    step!.optimizers.map((o) => [o.kind, ...o.groups]),
    [['sgd', 'base', 'main', 'critic']],
  );
  assert.is(model.stages[0]!.log.length, 1);
  // weight * (l_side - l_critic): what is left keeps its sign and factor.
  const critic = step!.objective.find((o) => o.loss === 'l_critic')!.coefficient;
  assert.is(critic.factor.n, -3n);
});

test('5: a loss whose route becomes empty goes', () => {
  const model = modelOf(
    checkText(`${PARENT}
    model more extends parent { group last = dense(2) w = last(z) loss l_last = mean(w) updates last
      train { minimize l_main + l_side + l_critic + l_both + l_last using sgd(0.1) } }
    model less extends more { remove group last }`),
    'less',
  );
  assert.not(objective(model).includes('l_last'));
});

test('6: a step without losses goes; a training without steps, and a prediction of what goes, are errors', () => {
  const steps = `${PARENT}
    model stepped extends parent { train {
      step one { minimize l_main + l_both using sgd(0.1) } step two { minimize l_side + l_critic using sgd(0.1) } } }`;
  const model = modelOf(
    checkText(
      `${steps}\nmodel child extends stepped { remove loss l_side, l_critic train { freeze critic } }`,
    ),
    'child',
  );
  assert.equal(
    model.stages[0]!.steps.map((s) => s.name),
    ['one'],
  );
  assert.equal(found(child('remove loss l_main, l_side, l_critic, l_both')), ['ED2013 child']);
  assert.equal(found(child('remove group main')), ['ED2014 main']);
});

test('7: what had a use and has none now goes, what never had one stays', () => {
  const names = (model: ModelIR): string[] => [
    ...model.hypers.map((h) => h.name),
    ...model.inputs.map((i) => i.name),
    ...model.labels.map((l) => l.name),
  ];
  const rest = childModel('remove group side, critic');
  assert.equal(names(rest).sort(), ['unused', 'width', 'x', 'y']);
});

test('8: one note names each and why', () => {
  const checked = child('remove group side, critic');
  assert.equal(found(checked), ['ED2019 child']);
  const { message } = checked.diagnostics[0]!;
  for (const part of [
    '`side` (by `remove`)',
    '`s` (it needs `side`)',
    '`l_both` (it needs `s`)',
    '`weight` (nothing uses',
  ])
    assert.ok(message.includes(part), `${part} in ${message}`);
});

test('4: what the child writes itself must not need what goes', () => {
  const told = (text: string): string[] =>
    found(child(`remove group side\n${text}`)).filter((d) => !d.startsWith('ED2019'));
  assert.equal(told('t = side(f)'), ['ED2012 side']);
  assert.equal(told('loss l_critic updates critic, side'), ['ED2012 side']);
  assert.equal(told('loss l_side updates base'), ['ED2012 l_side']);
  assert.equal(told('train { freeze side }'), ['ED2012 side']);
  assert.equal(told('train { log mean(s) }'), ['ED2012 s']);
  assert.equal(told('train { minimize l_main + l_critic using sgd(0.1) using adam() for side }'), [
    'ED2012 side',
  ]);
  assert.equal(told('train { minimize l_main + l_critic + l_side using sgd(0.1) }'), ['ED2012 l_side']);
});

test('a model that extends itself, or nothing', () => {
  const cycle = checkText('model a extends b { }\nmodel b extends a { }');
  assert.ok(cycle.diagnostics.every((d) => d.code === 'ED2009'));
  assert.match(cycle.diagnostics[0]!.message, /extend/);
  const missing = checkText('model a extends bb { }\nblock b() = relu()');
  assert.equal(
    missing.diagnostics.map((d) => [d.code, textOf(missing, d)]),
    [['ED2001', 'bb']],
  );
  assert.equal(found(checkText('model a extends b { }\nblock b() = relu()')), ['ED2016 b']);
});

test('members keep the file they are written in', () => {
  const file = `
    block body(n) = flatten() |> dense(n)
    model parent {
      input x : image[4, 4, 1]
      label y : class[2]
      group g = body(2)
      z = g(x)
      loss l = cross_entropy(z, y) updates g
      train { minimize l using sgd(0.1) }
    }`;
  const from = (text: string): Checked => checkText(text, {}, { 'parent.ed2l': file });
  // `body` is a block of the parent's file only; the child may use the name for itself.
  const checked = from(`import { parent } from "./parent.ed2l"
    model child extends parent { body = mean(z) loss m = body updates g train { minimize l + m using sgd(0.1) } }`);
  assert.equal(found(checked), []);
  const wrong = from(`import { parent } from "./parent.ed2l"
    model child extends parent { group h = body(2) }`);
  assert.equal(found(wrong).slice(0, 1), ['ED2001 body']);
});

test.run();
