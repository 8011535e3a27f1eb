/** @file Routes: what reaches a loss, what cannot, and what a route, a stop or a freeze does for nothing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import type { LossIR } from '../../compiler/model/ir.js';
import { found, small, textOf } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';

/** A base with two heads; a test adds the losses and, if need be, the training. */
function routed(lines: string, train?: string): Checked {
  const losses = [...lines.matchAll(/loss (\w+)/g)].map((m) => m[1]);
  return checkText(
    small(`
      label y : class[3]
      group base = flatten() |> dense(4)
      group g = dense(3)
      group other = dense(3)
      f = base(x)
      z = g(f)
      o = other(f)
      loss l = mean(square(z)) + mean(square(o)) updates base, g, other
      ${lines}
      ${train ?? `train { minimize ${['l', ...losses].join(' + ')} using sgd(0.1) }`}`),
  );
}

const routeOf = (checked: Checked, name: string): LossIR['route'] =>
  modelOf(checked, 'm').losses.find((l) => l.name === name)!.route;
const groupsOf = (checked: Checked, name: string): string[] => routeOf(checked, name).map((r) => r.group);

test('a loss without a route', () => {
  assert.equal(found(routed('loss k = mean(z)')), ['ED4001 k']);
});

test('`all` is every group that reaches the loss', () => {
  assert.equal(groupsOf(routed('loss k = mean(z) updates all'), 'k'), ['base', 'g']);
  assert.equal(groupsOf(routed('loss k = mean(g(stop(f))) updates all'), 'k'), ['g']);
  assert.equal(groupsOf(routed('loss k = mean(stop(g)(f)) updates all'), 'k'), ['base']);
  assert.equal(found(routed('loss k = mean(square(x)) updates all')), ['ED4007 all']);
  assert.equal(found(routed('loss k = mean(stop(z)) updates all')), ['ED4007 all']);
});

test('sets of groups share a factor', () => {
  const route = routeOf(routed('loss k = mean(z) + mean(o) updates (base, g) by -0.5, other'), 'k');
  assert.equal(
    route.map((r) => [r.group, `${r.by.factor.n}/${r.by.factor.d}`]),
    [
      ['base', '-1/2'],
      ['g', '-1/2'],
      ['other', '1/1'],
    ],
  );
});

test('unknown groups, other things than groups, a group named twice', () => {
  assert.equal(found(routed('loss k = mean(z) updates bse')), ['ED4002 bse']);
  assert.equal(found(routed('loss k = mean(z) updates z')), ['ED4002 z']);
  assert.equal(found(routed('loss k = mean(z) updates g, base, g')), ['ED4003 g']);
  assert.equal(found(routed('loss k = mean(z) updates (g, g)')), ['ED4003 g']);
  assert.equal(found(routed('loss k = mean(z) updates g, all')), ['ED4003 all']);
});

test('unconnected: the loss is not computed from the group', () => {
  const checked = routed('loss k = mean(z) updates g, other');
  assert.equal(found(checked), ['ED4005 other']);
  assert.match(checked.diagnostics[0]!.message, /`base`.*`g`/);
});

for (const [by, loss] of [
  ['stop', 'mean(stop(z))'],
  ['stop', 'mean(square(stop(z) - 1))'],
  ['stop', 'mean(stop(g)(f)) + mean(square(x))'],
  ['greater', 'mean(number(z > 0))'],
  ['argmax', 'mean(number(argmax(z)))'],
] as const)
  test(`cut: ${by} in ${loss}`, () => {
    const checked = routed(`loss k = ${loss} updates g`);
    assert.equal(found(checked), ['ED4004 g']);
    const [cut] = checked.diagnostics;
    assert.match(cut!.message, `\`${by}\``);
    // The place of the cut is shown beside the route.
    assert.ok(cut!.labels!.length >= 2, JSON.stringify(cut!.labels));
  });

test('what is no cut: relu, a factor that is 0, clip', () => {
  assert.equal(found(routed('loss k = mean(relu(z)) + mean(clip(z, 0, 1)) + mean(0 * z) updates g')), []);
  assert.equal(found(routed('hyper none_of_it = 0\nloss k = mean(none_of_it * z) updates g')), []);
});

test('half-reached, also through `all`', () => {
  const tap = 'group two = dense(3) as first |> dense(3)\nt = two(f)\n';
  const rest = 'loss r = mean(square(t)) updates two\n';
  for (const route of ['two', 'all']) {
    const checked = routed(`${tap}${rest}loss k = mean(t.first) updates ${route}`);
    assert.equal(found(checked), [`ED4006 ${route}`]);
    assert.match(`${checked.diagnostics[0]!.label}`, /two\.dense\.kernel/);
  }
});

test('a factor of 1 or 0 is for nothing, a scheduled one is not', () => {
  assert.equal(found(routed('loss k = mean(z) updates g by 1')), ['ED4009 1']);
  assert.equal(found(routed('loss k = mean(z) updates g by 2 - 1')), ['ED4009 2 - 1']);
  const zero = routed('loss k = mean(z) updates base, g by 0');
  assert.equal(found(zero), ['ED4009 0']);
  assert.equal(groupsOf(zero, 'k'), ['base']);
  assert.equal(found(routed('hyper t = progress\nloss k = mean(z) updates g by -t')), []);
});

test('a factor is made of hypers', () => {
  for (const [by, where] of [
    ['mean(z)', 'z'],
    ['y', 'y'],
    ['size(y)', 'y'],
    ['2 * x', 'x'],
    ['k', 'k'],
  ])
    assert.equal(found(routed(`loss k = mean(z) updates g by ${by}`)), [`ED4012 ${where}`], by);
});

const maskOf = (checked: Checked, loss: string, group: string): string | undefined =>
  routeOf(checked, loss).find((r) => r.group === group)!.mask?.text;

test('masks: one per target, of conditions or of weights, shared by a set of groups', () => {
  const checked = routed(`
    weight = mean(x, axis: rest)
    loss k = mean(z) + mean(o) updates (base, g) by 2 where not (y is 1), other where weight`);
  assert.equal(found(checked), []);
  assert.is(maskOf(checked, 'k', 'base'), 'not (y is 1)');
  assert.is(maskOf(checked, 'k', 'g'), 'not (y is 1)');
  assert.is(maskOf(checked, 'k', 'other'), 'weight');
  const all = routed('loss k = mean(z) updates all where y in [0, 2]');
  assert.equal(
    ['base', 'g'].map((group) => maskOf(all, 'k', group)),
    ['y in [0, 2]', 'y in [0, 2]'],
  );
});

test('a mask that chooses all or nothing', () => {
  assert.equal(found(routed('loss k = mean(z) updates g where true')), ['ED4009 true']);
  const none = routed('loss k = mean(z) updates base, g where false');
  assert.equal(found(none), ['ED4009 false']);
  assert.equal(groupsOf(none, 'k'), ['base']);
});

for (const [mask, at, says] of [
  ['y', 'y', /a label/],
  ['0.5', '0.5', /a number/],
  ['argmax(z)', 'argmax(z)', /i32/],
  ['z > 0', 'z > 0', /bool\[batch, 3\]/],
  ['z', 'z', /f32\[batch, 3\]/],
  ['mean(z)', 'mean(z)', /the same for all/],
  ['relu()', 'relu()', /a layer/],
  ['g(f) > 0', 'g', /a group/],
  ['l > 0', 'l', /a loss/],
] as const)
  test(`no mask: ${mask}`, () => {
    const checked = routed(`loss k = mean(z) updates g where ${mask}`);
    assert.equal(found(checked), [`ED4013 ${at}`]);
    assert.match(checked.diagnostics[0]!.message, says);
    assert.ok(checked.diagnostics[0]!.hint);
    const [fix] = [checked.diagnostics[0]!.fix];
    if (!fix) return;
    const text = checked.sources[0]!.text;
    const mended = fix
      .toReversed()
      .reduce((t, { span, replacement }) => t.slice(0, span.start) + replacement + t.slice(span.end), text);
    assert.equal(found(checkText(mended)), []);
  });

test('a masked group whose samples cannot be told apart, and one that is read in two ways', () => {
  const block = 'block total()(v) = mean(dense(3)(v), axis: batch)';
  const lines = (where: string): string => `
    group t = total()
    loss k = mean(square(t(flatten(x)))) updates t ${where}
    train { minimize l + k using sgd(0.1) }`;
  assert.equal(found(checkText(small(lines('where y is 1'), block))), ['ED4014 y is 1']);
  assert.equal(found(checkText(small(lines(''), block))), []);
});

test('where of a stop', () => {
  const stop = (x: string, where: string): string[] =>
    found(routed(`k_of = stop(${x}, where: ${where})\nloss k = mean(square(k_of)) updates base, g`));
  assert.equal(stop('z', 'y is 1'), []);
  assert.equal(stop('z', 'true'), ['ED4009 true', 'ED4004 base', 'ED4004 g']);
  assert.equal(stop('z', 'false'), ['ED4013 false']);
  assert.equal(stop('z', 'z > 0'), ['ED4013 z > 0']);
  assert.equal(stop('mean(z)', 'y is 1'), ['ED4013 y is 1']);
  assert.equal(found(routed('loss k = mean(stop(g, where: y is 1)(f)) updates base')), ['ED4013 y is 1']);
});

test('a stop of some samples closes no path, and is useless where a whole one would be', () => {
  assert.equal(groupsOf(routed('loss k = mean(stop(z, where: y is 1)) updates all'), 'k'), ['base', 'g']);
  assert.equal(found(routed('loss k = mean(g(stop(f, where: y is 1))) updates g')), [
    'ED4011 stop(f, where: y is 1)',
  ]);
});

test('where of reductions and of cross_entropy', () => {
  const loss = (e: string): string[] => found(routed(`loss k = ${e} updates g`));
  assert.equal(loss('mean(z, where: z > 0)'), []);
  assert.equal(loss('cross_entropy(z, y, where: z > 0)'), ['ED4013 z > 0']);
  assert.equal(loss('mean(z, where: f)'), ['ED3001 f']);
  assert.equal(loss('max(z, where: z)'), ['ED4013 z']);
  assert.equal(loss('mean(z, where: true)'), ['ED4009 true']);
  assert.equal(loss('mean(z, where: false)'), ['ED4013 false']);
  assert.equal(loss('mean(z, where: y)'), ['ED4013 y']);
  // Nobody learns through a weight, and nobody is told that a stop is useless that he did not write.
  assert.equal(loss('mean(square(x), where: mean(z, axis: rest))'), ['ED4004 g']);
  assert.equal(loss('mean(z, where: mean(x, axis: rest))'), []);
});

test('a stop above which no loss updates anything', () => {
  assert.equal(found(routed('loss k = mean(g(stop(f))) updates g')), ['ED4011 stop(f)']);
  assert.equal(found(routed('loss k = mean(g(stop(f))) + mean(z) updates g, base')), []);
  assert.equal(found(routed('loss k = mean(stop(x) * mean(z)) updates g')), ['ED4011 stop(x)']);
  // Without the stop, `all` would be more.
  assert.equal(found(routed('loss k = mean(g(stop(f))) updates all')), []);
  assert.equal(found(routed('loss k = mean(stop(g)(f)) updates base')), ['ED4011 stop(g)(f)']);
  assert.equal(found(routed('loss k = mean(stop(g)(f)) + mean(z) updates base, g')), []);
});

test('a group that nothing ever updates', () => {
  const own = 'group lone = dense(2)\nw = lone(f)\nloss k = mean(z) + mean(square(w)) updates g';
  const checked = routed(own);
  assert.equal(found(checked), ['ED4008 lone']);
  const train = (items: string): string => `train { ${items} minimize l + k using sgd(0.1) }`;
  assert.equal(found(routed(own, train('freeze lone'))), []);
  // A route that no step minimizes does not help, nor does a weight of 0.
  assert.equal(found(routed(`${own}, lone`, 'train { minimize l using sgd(0.1) }')), [
    'ED4008 lone',
    'ED4010 k',
  ]);
  assert.equal(found(routed(`${own}, lone`, 'train { minimize l + 0 * k using sgd(0.1) }')), [
    'ED4008 lone',
    'ED5014 k',
  ]);
});

test('a group without parameters has nothing to update', () => {
  const own = 'group bare = relu()\nb = bare(z)\n';
  assert.equal(found(routed(`${own}loss k = mean(b) updates g`)), []);
  assert.equal(found(routed(`${own}loss k = mean(b) updates g, bare`)), ['ED4005 bare']);
});

test('a loss that nothing minimizes, a value that nothing reads', () => {
  assert.equal(found(routed('loss k = mean(z) updates g', 'train { minimize l using sgd(0.1) }')), [
    'ED4010 k',
  ]);
  assert.equal(found(routed('v = mean(z)')), ['ED2020 v']);
  assert.equal(found(routed('v = mean(z)', 'train { minimize l using sgd(0.1) log v }')), []);
});

test('frozen groups leave the effective route and are differentiated through', () => {
  const frozen = routed('', 'train { freeze g minimize l using sgd(0.1) }');
  assert.equal(found(frozen), []);
  const [stage] = modelOf(frozen, 'm').stages;
  assert.equal(stage!.frozen, ['g']);
  assert.equal(stage!.steps[0]!.optimizers[0]!.groups, ['base', 'other']);
  assert.equal(found(routed('', 'train { freeze g, nobody minimize l using sgd(0.1) }')), ['ED4002 nobody']);
  const nothing = routed('', 'train { freeze g, base, other minimize l using sgd(0.1) }');
  assert.equal(
    nothing.diagnostics.map((d) => [d.code, d.severity, textOf(nothing, d)]),
    [['ED5014', 'warning', 'l']],
  );
});

test.run();
