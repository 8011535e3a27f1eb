/** @file Names: levels, imports, cycles, order of declarations, hypers and what replaces them, pieces, paths and taps. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../../grammar/parse.js';
import type { Checked } from '../../compiler/check/check.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { randomFrom } from '../support/random-graph.js';
import { checkSmall, found, small } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';

const paths = (checked: Checked): string[] =>
  modelOf(checked, 'm').groups.flatMap((g) => g.parameters.map((p) => p.path));
const told = (lines: string, before = ''): string[] => found(checkSmall(lines, before));

test('a name may not be declared twice, nor hide one of an outer level', () => {
  assert.equal(told('hyper k = 1\nk = mean(z)'), ['ED2002 k']);
  assert.equal(told('softmax = mean(z)'), ['ED2003 softmax']);
  assert.equal(told('progress = mean(z)'), ['ED2003 progress']);
  assert.equal(told('part = mean(z)', 'block part() = relu()'), ['ED2003 part']);
  assert.equal(found(checkText('block b() = relu()\nblock b() = tanh()')), ['ED2002 b']);
  assert.equal(found(checkText('block relu() = tanh()')), ['ED2003 relu']);
});

test('steps, predictions, class names, arguments and settings have spaces of their own', () => {
  assert.equal(
    told(`label y : class[3] of x, g, batch
      predict y = softmax(z)
      c = number(y is x) * norm(z)
      loss l = cross_entropy(z, y) + mean(c) updates g
      train { step g { minimize l using sgd(rate: 0.1) } batch 8 }`),
    [],
  );
});

test('an unknown name comes with the nearest one', () => {
  const checked = checkSmall('hyper margin = 0.1\nz = margn * g(x)');
  assert.equal(found(checked).slice(0, 1), ['ED2001 margn']);
  assert.match(checked.diagnostics[0]!.hint!, 'margin');
});

test('a name of two letters is close to the only one that differs in one of them', () => {
  const hint = (line: string): string => checkSmall(`hyper ab = 1\n${line}`).diagnostics[0]!.hint!;
  for (const close of ['b', 'ac', 'ba', 'a']) assert.is(hint(`v = ${close} * z`), 'did you mean `ab`?');
  assert.match(hint('v = cd * z'), /^declared here: /);
  assert.match(hint('hyper ac = 2\nv = ad * z'), /^declared here: /);
});

test('cycles are printed', () => {
  const hypers = checkSmall('hyper a = b\nhyper b = c + 1\nhyper c = 2 * a\ngroup g = flatten() |> dense(a)');
  assert.is(found(hypers).length, 1);
  assert.match(hypers.diagnostics[0]!.message, /`\w` needs `\w` needs `\w` needs `\w`/);
  assert.equal(
    told('p = q + z\nq = p\nloss l = mean(p) updates g').map((d) => d.split(' ')[0]),
    ['ED2004'],
  );
});

test('a loss is no value', () => {
  assert.equal(told('k = 2 * l'), ['ED2015 l']);
});

test('imports: a namespace, single names, other names', () => {
  const lib = 'block part(n) = flatten() |> dense(n)\nmodel other { }\ndata d { }';
  const from = (head: string, group: string): string[] =>
    found(
      checkText(
        small(`group g = ${group}`, head),
        {},
        { 'lib.ed2l': lib, 'deep.ed2l': 'import lib from "./lib.ed2l"\nblock own() = relu()' },
      ),
    );
  assert.equal(from('import lib from "./lib.ed2l"', 'lib.part(3)'), []);
  assert.equal(from('import { part } from "./lib.ed2l"', 'part(3)'), []);
  assert.equal(from('import { part as body } from "./lib.ed2l"', 'body(3)'), []);
  assert.equal(from('import { prt } from "./lib.ed2l"', 'prt(3)').slice(0, 1), ['ED2007 prt']);
  assert.equal(from('import lib from "./lbi.ed2l"', 'lib.part(3)').slice(0, 1), ['ED2005 "./lbi.ed2l"']);
  assert.equal(from('import lib from "./lib.ed2l"', 'lib.prt(3)'), ['ED2001 prt']);
  assert.equal(from('import lib from "./lib.ed2l"', 'lib.other(3)'), ['ED2001 other']);
  // What a file imports is not what it declares.
  assert.equal(from('import deep from "./deep.ed2l"', 'deep.part(3)'), ['ED2001 part']);
  assert.equal(
    found(
      checkText(
        'import lib from "./lib.ed2l"\nimport { part as lib } from "./lib.ed2l"',
        {},
        { 'lib.ed2l': lib },
      ),
    ),
    ['ED2002 lib'],
  );
  const loop = checkText('import a from "./a.ed2l"', {}, { 'a.ed2l': 'import test from "./test.ed2l"' });
  assert.equal(
    loop.diagnostics.map((d) => d.code),
    ['ED2006'],
  );
});

test('the order of declarations changes nothing', () => {
  const text = small(
    `hyper n = 3
     hyper t = linear(0, 1)
     group base = part(4) |> dropout(0.5) |> dense(n) as mid |> part(n)
     group top = dense(n) |> dropout(t / 2)
     f = base(x)
     m1 = f.mid
     z = top(m1) + top(f) + g(x)
     loss l = cross_entropy(z, y) updates base, top by 2, g
     loss k = mean(top(m1)) updates top
     predict y = softmax(z)
     train { minimize l + t * k using sgd(0.1) }`,
    'block part(n)(v) { out = a |> dense(n) a = relu(flat) flat = flatten(v) return out }',
  );
  const { file } = parse(text, 'test.ed2l');
  const model = file.items.find((i) => i.kind === 'model')!;
  const members = model.members.map((m) => text.slice(m.span.start, m.span.end));
  const head = text.slice(0, text.indexOf('model m'));
  const random = randomFrom(7);
  const facts = (m: ModelIR): unknown => ({
    parameters: m.groups.flatMap((g) => g.parameters.map((p) => JSON.stringify(p))).sort(),
    routes: m.losses.map((l) => `${l.name} ${l.route.map((r) => r.group).join()}`).sort(),
    operations: m.graph.nodes.map((n) => n.op).sort(),
    dropouts: m.graph.nodes.flatMap((n) => n.attrs['application'] ?? []).sort(),
    objective: m.stages[0]!.steps[0]!.objective.map((o) => o.loss),
  });
  const expected = facts(modelOf(checkText(text), 'm'));
  for (let i = 0; i < 20; i++) {
    const shuffled = members
      .map((member) => [random(), member] as const)
      .sort(([a], [b]) => a - b)
      .map(([, member]) => member);
    const checked = checkText(`${head}\nmodel m {\n${shuffled.join('\n')}\n}`);
    assert.equal(facts(modelOf(checked, 'm')), expected);
  }
});

test('hypers: --set and with replace the expression, of the same kind', () => {
  const text = small(
    'hyper n = 3\nhyper wide = n + 1\ngroup g = flatten() |> dense(wide) |> dense(n)\nhyper bias = true\ngroup h = dense(3, bias: bias)\nw = h(z)\nloss k = mean(square(w)) updates h\ntrain { minimize l + k using sgd(0.1) }',
  );
  const shape = (set: Record<string, string>): readonly number[] =>
    modelOf(checkText(text, set), 'm').groups.find((g) => g.name === 'g')!.parameters[0]!.shape;
  assert.equal(shape({}), [128, 4]);
  assert.equal(shape({ wide: '2 * n' }), [128, 6]);
  const codes = (set: Record<string, string>): string[] => found(checkText(text, set));
  assert.equal(codes({ wid: '2' }).slice(0, 1), ['ED2022 2']);
  assert.equal(codes({ n: 'true' }).slice(0, 1), ['ED3024 true']);
  assert.equal(codes({ bias: '3' }).slice(0, 1), ['ED3024 3']);
  assert.equal(codes({ wide: '2.5' }).slice(0, 1), ['ED3009 wide']);
  assert.equal(codes({ wide: 'epoch' }).slice(0, 1), ['ED3010 wide']);
  assert.equal(codes({ wide: '2 +' })[0]!.slice(0, 3), 'ED1');
});

test('a replaced hyper does not need what its declared expression needed', () => {
  const text = small(
    'hyper a = 2 * b\nhyper b = 3\nhyper flag = true\nhyper same = flag\ngroup g = flatten() |> dense(a) |> dense(b, bias: same)',
  );
  assert.equal(found(checkText(text, { a: '6', b: 'a / 2' })), []);
  assert.equal(found(checkText(text, { same: '1' })).slice(0, 1), ['ED3024 1']);
  assert.equal(
    found(checkText(text, { b: 'a / 2' })).map((d) => d.slice(0, 6)),
    ['ED2004'],
  );
});

test('numbers are exact until a function makes them irrational', () => {
  for (const [expr, shape] of [
    ['6.4e1 / 32', 2],
    ['0.1 + 0.2 - 0.3 + 5', 5],
    ['3 * (1 / 3) * 7', 7],
    ['sqrt(16)', 4],
    ['2^3^2 / 64', 8],
    ['2^-1 * 6', 3],
    ['-2^2 + 9', 5],
    ['max(2, 3) + min(1, 2)', 4],
    ['10 - 4 - 3', 3],
    ['100 / 10 / 5', 2],
    ['size(y) * 2', 6],
  ] as const) {
    const checked = checkSmall(
      `group g = flatten() |> dense(${expr})\nloss l = mean(z) + mean(one_hot(y)) updates g`,
    );
    assert.is(modelOf(checked, 'm').groups[0]!.parameters[0]!.shape[1], shape, expr);
  }
});

test('paths: callee, as, binding, segment, number, and no segment of repeat and residual', () => {
  const of = (group: string, before = ''): string[] =>
    paths(
      checkSmall(
        `group g = ${group}\nz = dot(flatten(g(x)), flatten(g(x)))\nloss l = mean(z) updates g`,
        before,
      ),
    ).filter((p) => p.endsWith('kernel'));
  assert.equal(of('conv(2)'), ['g.kernel']);
  assert.equal(of('conv(2) |> conv(3) |> conv(4)'), ['g.conv.kernel', 'g.conv_2.kernel', 'g.conv_3.kernel']);
  assert.equal(of('conv(2) as first |> conv(3)'), ['g.first.kernel', 'g.conv.kernel']);
  assert.equal(of('(conv(2) |> conv(3)) as pair |> conv(4)'), [
    'g.pair.conv.kernel',
    'g.pair.conv_2.kernel',
    'g.conv.kernel',
  ]);
  assert.equal(of('repeat(2, conv(2) |> residual(conv(2)))'), [
    'g.conv.kernel',
    'g.conv_2.kernel',
    'g.conv_3.kernel',
    'g.conv_4.kernel',
  ]);
  const part = 'block part(n) = conv(n) as down |> relu() |> conv(n)';
  assert.equal(of('part(2)', part), ['g.down.kernel', 'g.conv.kernel']);
  assert.equal(of('part(2) |> part(3)', part), [
    'g.part.down.kernel',
    'g.part.conv.kernel',
    'g.part_2.down.kernel',
    'g.part_2.conv.kernel',
  ]);
  const bound = 'block part(n)(v) { one = conv(n)(v) many = one |> conv(n) |> conv(n) return many }';
  assert.equal(of('part(2)', bound), ['g.one.kernel', 'g.many.conv.kernel', 'g.many.conv_2.kernel']);
  // A number computed by a function is no piece.
  assert.equal(of('conv(sqrt(4))'), ['g.kernel']);
});

test('appending never renames', () => {
  const layers = ['conv(2)', 'relu()', 'part(2)', 'conv(3, kernel: 1)', 'part(3)', 'conv(2)'];
  const part = 'block part(n) = conv(n) as down |> prelu()';
  let before: string[] = [];
  for (let n = 2; n <= layers.length; n++) {
    const now = paths(
      checkSmall(`group g = ${layers.slice(0, n).join(' |> ')}\nz = mean(g(x))\nloss l = z updates g`, part),
    );
    assert.equal(now.slice(0, before.length), before);
    before = now;
  }
});

test('`as` names one piece of a body', () => {
  assert.equal(told('group g = flatten() |> dense(3) as a |> dense(3) as a').slice(0, 1), ['ED2002 a']);
  assert.equal(told('group g = flatten() |> (dense(3) as a |> relu()) as b |> dense(3) as a').slice(0, 1), [
    'ED2002 a',
  ]);
  assert.equal(told('group g = flatten() |> repeat(2, dense(3) as a)'), []);
  assert.equal(told('v = z as a'), ['ED3022 a']);
});

test('taps: the whole path or its end, one piece, of an application', () => {
  const part = 'block part(n) = conv(n) as down |> relu()\nblock nest(n) = part(n) as inner |> part(n)';
  const tap = (path: string): string[] =>
    told(
      `group g = nest(2) |> part(3) |> flatten() |> dense(3)\nt = z.${path}\nloss l = cross_entropy(z, y) + mean(t) updates g`,
      part,
    );
  assert.equal(tap('inner'), []);
  assert.equal(tap('inner.down'), []);
  assert.equal(tap('nest.inner.down'), []);
  assert.equal(tap('nest.part.relu'), []);
  assert.equal(tap('dense'), []);
  assert.equal(tap('down'), ['ED2018 down']);
  assert.equal(tap('ner.down'), ['ED2018 down']);
  assert.equal(told('t = (2 * z).dense'), ['ED2017 (2 * z).dense']);
  assert.equal(told('t = x.dense'), ['ED2017 x.dense']);
  // The tap of one application is not that of another.
  const two = checkSmall(
    'input w : image[8, 8, 2]\ngroup g = flatten() |> dense(4) as mid |> dense(3)\nu = g(w)\na = z.mid\nb = u.mid\nloss l = cross_entropy(z + u, y) + mean(a * b) updates g',
  );
  const values = new Map(modelOf(two, 'm').values.map((v) => [v.name, v.value]));
  assert.is.not(values.get('a'), values.get('b'));
});

test.run();
