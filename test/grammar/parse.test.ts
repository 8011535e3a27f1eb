/** @file Sound files: all fixtures, every declaration with its parts, places, documentation. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLexer } from '../../grammar/lex.js';
import { parse } from '../../grammar/parse.js';
import { Ed2lParser } from '../../grammar/parser.js';
import type { Item, Member, SourceFile } from '../../grammar/syntax.js';
import { fixtures } from './fixtures.js';

function sound(text: string): SourceFile {
  const { file, problems } = parse(text, 'f.ed2l');
  assert.equal(problems, []);
  return file;
}

function item<K extends Item['kind']>(text: string, kind: K): Extract<Item, { kind: K }> {
  const [first, ...others] = sound(text).items;
  assert.is(others.length, 0);
  assert.is(first?.kind, kind);
  return first as Extract<Item, { kind: K }>;
}

const members = (body: string): readonly Member[] => item(`model m {${body}}`, 'model').members;

test('the grammar is LL(2) and its lexer sound, by the checks of Chevrotain', () => {
  new Ed2lParser({ validate: true });
  createLexer({ validate: true });
});

test('all fixtures parse without a problem', () => {
  assert.ok(fixtures.length >= 17);
  for (const { name, text } of fixtures) {
    const { file, problems } = parse(text, name);
    assert.equal(problems, [], name);
    assert.ok(file.items.length > 0);
  }
});

test('white space, comments and line breaks change nothing but places', () => {
  const plain = (text: string): unknown =>
    JSON.parse(
      JSON.stringify(parse(text, 'x').file, (key, value: unknown) =>
        key === 'span' || key === 'operatorSpan' || key === 'doc' ? undefined : value,
      ),
    );
  const lexer = createLexer({ validate: false });
  for (const { text } of fixtures) {
    const { tokens } = lexer.tokenize(text);
    assert.equal(plain(tokens.map((t) => t.image).join('\n')), plain(text));
    assert.equal(plain(tokens.map((t) => t.image).join(' # comment } "\r\n\t')), plain(text));
  }
});

test('every span reads what it names', () => {
  for (const { name, text } of fixtures) {
    const visit = (node: unknown, outer: { start: number; end: number }): void => {
      if (Array.isArray(node)) return node.forEach((child) => visit(child, outer));
      if (node === null || typeof node !== 'object') return;
      const { span = outer, text: own } = node as { span?: typeof outer; text?: string };
      assert.ok(outer.start <= span.start && span.end <= outer.end && span.start < span.end);
      const slice = text.slice(span.start, span.end);
      if (own !== undefined) assert.ok(slice === own || slice === `"${own}"` || slice === `(${own})`, slice);
      for (const [key, child] of Object.entries(node)) {
        if (key !== 'span' && key !== 'operatorSpan') visit(child, span);
      }
    };
    visit(parse(text, name).file.items, { start: 0, end: text.length });
  }
});

test('imports', () => {
  const namespace = item('import lib from "./a b.ed2l"', 'import');
  assert.is(namespace.namespace?.text, 'lib');
  assert.is(namespace.from.text, './a b.ed2l');
  assert.is(namespace.names, undefined);
  const named = item('import { a, b as c } from "x"', 'import');
  assert.equal(
    named.names?.map(({ name, as }) => [name.text, as?.text]),
    [
      ['a', undefined],
      ['b', 'c'],
    ],
  );
});

test('blocks with and without braces, defaults and inputs', () => {
  const short = item('block b(n, k = 3) = conv(n, kernel: k)', 'block');
  assert.equal(
    short.parameters.map((p) => [p.name.text, p.default?.kind]),
    [
      ['n', undefined],
      ['k', 'number'],
    ],
  );
  assert.is(short.inputs, undefined);
  assert.equal(short.bindings, []);
  const long = item('block b()(x, y) { z = x + y w = 2 return z * w }', 'block');
  assert.equal(
    long.inputs?.map((name) => name.text),
    ['x', 'y'],
  );
  assert.equal(
    long.bindings.map((b) => b.name.text),
    ['z', 'w'],
  );
  assert.is(long.result.kind, 'binary');
});

test('members of a model', () => {
  const kinds = members(`
    hyper h = 1  noise n = normal(3)  group g = dense(2)  predict p = softmax(g)  v = 2
    input x: image[8, 8, 1] from faces.image  label y: class[2] of happy, 4 from faces.label  label s: subject
    loss a = v updates g  loss b updates all  loss c = v  remove loss d, e  remove group f  remove step s
    train {}  train second {}`).map((member) => member.kind);
  const expected =
    'hyper noise group predict value input label label loss loss loss remove remove remove train train';
  assert.equal(kinds, expected.split(' '));
});

test('inputs and labels keep type, classes and source', () => {
  const [x, y] = members('input x: image[8, w, 1] from a.b.in  label y: class[2] of yes, 4');
  assert.ok(x?.kind === 'input' && y?.kind === 'label');
  if (x?.kind !== 'input' || y?.kind !== 'label') return;
  assert.is(x.type.name.text, 'image');
  assert.equal(
    x.type.sizes.map((size) => size.kind),
    ['number', 'name', 'number'],
  );
  assert.equal(
    x.from?.parts.map((part) => part.text),
    ['a', 'b', 'in'],
  );
  assert.equal(
    y.of?.map((name) => name.text),
    ['yes', '4'],
  );
});

test('routes: targets, shares, masks, projections', () => {
  const text =
    'model m { loss L = e updates base, (a, b) by -k + 1 where y is c or z avoiding K, all by 0.5 }';
  const [loss] = item(text, 'model').members;
  if (loss?.kind !== 'loss') throw new Error('no loss');
  const [first, second, third] = loss.route!;
  assert.equal(
    [first, second, third].map((target) => target!.groups.map((group) => group.text)),
    [['base'], ['a', 'b'], ['all']],
  );
  assert.is(first!.by, undefined);
  assert.is(text.slice(second!.by!.span.start, second!.by!.span.end), '-k + 1');
  assert.is(text.slice(second!.where!.span.start, second!.where!.span.end), 'y is c or z');
  assert.is(second!.avoiding?.text, 'K');
  assert.is(
    text.slice(second!.span.start, second!.span.end),
    '(a, b) by -k + 1 where y is c or z avoiding K',
  );
  assert.is(third!.by?.kind, 'number');
});

test('training: steps, optimizers, freezing, starting', () => {
  const [train] = members(`train first {
    step d repeat 5 { minimize L using adam(1e-3) for d, e using sgd(k) }
    step g every n { minimize -L using adam() }
    step plain { minimize L using adam() }
    freeze a, b  freeze statistics c  freeze statistics, d
    start a, b from pretraining  start c from "w.safetensors"
    batch 64  log a, accuracy(z, y)
  }`);
  if (train?.kind !== 'train') throw new Error('no train');
  const shapes = train.items.map((it) => {
    switch (it.kind) {
      case 'step':
        return `${it.name.text} ${it.repeat?.kind} ${it.every?.kind} ${it.minimize.using.length}`;
      case 'freeze':
        return `${it.statistics} ${it.names.map((name) => name.text).join()}`;
      case 'start':
        return `${it.names.length} ${it.fromFile} ${it.from.text}`;
      case 'setting':
        return `${it.name.text} ${it.values.length}`;
      default:
        return it.kind;
    }
  });
  assert.equal(shapes, [
    'd number undefined 2',
    'g undefined name 1',
    'plain undefined undefined 1',
    'false a,b',
    'true c',
    'false statistics,d',
    '2 false pretraining',
    '1 true w.safetensors',
    'batch 1',
    'log 2',
  ]);
});

test('data and experiments', () => {
  const data = item('data d { source folder("$X") classes a, b folds blocks(3, by: subject) }', 'data');
  assert.equal(
    data.settings.map((s) => [s.name.text, s.values.length]),
    [
      ['source', 1],
      ['classes', 2],
      ['folds', 1],
    ],
  );
  const { lines } = item(
    `experiment e {
      model lib.m with k = 3, j = a + 1
      pretrain base on source: d1, target: lib.d2 with k = 1 reset classifier remap a, b
      train on d reset statistics base, statistics reset statistics, other
      test on d, other
      seeds 1, 2
    }`,
    'experiment',
  );
  assert.equal(
    lines.map((line) => line.kind),
    ['use-model', 'stage', 'stage', 'test', 'setting'],
  );
  const [use, pretrain, train] = lines;
  if (use?.kind !== 'use-model' || pretrain?.kind !== 'stage' || train?.kind !== 'stage') throw new Error();
  assert.equal(
    use.with.map((binding) => binding.name.text),
    ['k', 'j'],
  );
  assert.is(pretrain.verb, 'pretrain');
  assert.is(pretrain.stage?.text, 'base');
  assert.equal(
    pretrain.on.map((on) => [on.stream?.text, on.data.parts.map((part) => part.text).join('.')]),
    [
      ['source', 'd1'],
      ['target', 'lib.d2'],
    ],
  );
  assert.equal(
    pretrain.remap?.map((name) => name.text),
    ['a', 'b'],
  );
  assert.is(train.stage, undefined);
  assert.equal(
    [pretrain.reset, train.resetStatistics].map((names) => names?.map((name) => name.text)),
    [['classifier'], ['base', 'statistics']],
  );
  assert.equal([pretrain.resetStatistics, train.remap], [undefined, undefined]);
  // Before a comma it is the name of a group.
  assert.equal(
    train.reset?.map((name) => name.text),
    ['statistics', 'other'],
  );
});

test('a model may extend another one of a library', () => {
  const model = item('model m extends lib.base {}', 'model');
  assert.equal(
    model.parent?.parts.map((part) => part.text),
    ['lib', 'base'],
  );
});

test('contextual words name groups, values, losses and steps', () => {
  const [group, value, loss, train] = members(`
    group start = dense(2)
    all = 3
    loss step = all updates start, freeze
    train { step repeat repeat 2 { minimize step using adam() for start } freeze freeze start every from test }`);
  assert.ok(group?.kind === 'group' && group.name.text === 'start');
  assert.ok(value?.kind === 'value' && value.name.text === 'all');
  assert.ok(loss?.kind === 'loss' && loss.name.text === 'step');
  assert.is(train?.kind, 'train');
  if (train?.kind !== 'train') return;
  assert.equal(
    train.items.map((it) => it.kind),
    ['step', 'freeze', 'start'],
  );
});

test('the comment block above a declaration is its documentation', () => {
  const file = sound(
    [
      '# not this one',
      '',
      '# The model.',
      '#   Indented, with # sign.',
      'model m {',
      '  x = 1 # behind a value',
      '  # The loss.',
      '  loss L = x updates all',
      '  y = 2',
      '}',
      '#',
      'data d {}',
    ].join('\n'),
  );
  const [model, data] = file.items;
  if (model?.kind !== 'model' || data?.kind !== 'data') throw new Error();
  assert.is(model.doc, 'The model.\n  Indented, with # sign.');
  const docs = model.members.map((member) => ('doc' in member ? member.doc : undefined));
  assert.equal(docs, [undefined, 'The loss.', undefined]);
  assert.is(data.doc, '');
  const windows = sound('# One.\r\n# Two.\r\nmodel m {}\r\n').items[0];
  assert.is(windows?.kind === 'model' ? windows.doc : '', 'One.\nTwo.');
});

test('a byte order mark and a missing last line break do no harm', () => {
  assert.is(sound('\uFEFFmodel m {}').items.length, 1);
});

test.run();
