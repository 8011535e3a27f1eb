/** @file Several stages: which `train` block each line runs, what a line may leave behind, `start` lines, and who is met before being judged on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import { found, small } from '../support/small.js';
import { checkText } from '../support/specs.js';

const TRAIN = 'minimize l using sgd(0.1)';
const MODEL = `hyper classes = 3
  input x : image[8, 8, 1]
  label y : class[classes]
  group g = flatten() |> dense(4) |> relu()
  group h = dense(classes)
  z = h(g(x))
  loss l = cross_entropy(z, y) updates g, h
  predict y = softmax(z)`;
const DATA = `
  data abc { source folder("a") classes a, b, c resize to(8, 8) folds blocks(3, by: subject) }
  data bac { source folder("b") classes b, a, c resize to(8, 8) }
  data abcd { source folder("c") classes a, b, c, d resize to(8, 8) }
  data listed { source folder("e") resize to(8, 8) }
  data large { source folder("f") classes a, b, c resize to(9, 8) }
  data fresh { source folder("g") classes a, b, c resize to(8, 8) }
  data again { source folder("a") classes a, b, c resize to(8, 8) }
  data other_names { source folder("a", pattern: "subject/class") classes a, b, c resize to(8, 8) }`;

const checked = (lines: string, trains = `train { ${TRAIN} }`, model = MODEL): Checked =>
  checkText(`${small(`${model}\n${trains}`)}${DATA}\nexperiment e { model m ${lines} }`);
const told = (...args: Parameters<typeof checked>): string[] => found(checked(...args));

const TWO = `train first { ${TRAIN} } train second { epochs 3 ${TRAIN} }`;

test('each line runs the block it names, with its own data and values', () => {
  const result = checked(
    'pretrain second on abcd with classes = 4 train second on bac reset h train first on abc remap h reset statistics g',
    TWO,
  );
  assert.equal(found(result), []);
  const [{ stages, model, data }] = result.experiments as [Checked['experiments'][number]];
  assert.equal(
    stages.map((s) => [s.verb, s.stage, s.data.name, s.model.stages.map((t) => t.name)]),
    [
      ['pretrain', 'second', 'abcd', ['second']],
      ['train', 'second', 'bac', ['second']],
      ['train', 'first', 'abc', ['first']],
    ],
  );
  assert.equal(
    stages.map((s) => s.model.labels[0]!.classes.join('')),
    ['abcd', 'bac', 'abc'],
  );
  assert.equal(
    stages.map(({ reset, resetStatistics, remap }) => [reset, resetStatistics, remap]),
    [
      [null, [], []],
      [['h'], [], []],
      [null, ['g'], ['h']],
    ],
  );
  assert.is(model, stages[2]!.model);
  assert.is(data, stages[2]!.data);
});

test('a seed that the last stage overrules is told; `seeds` holds for all stages', () => {
  const trains = (first: string, last: string): string =>
    `train first { ${first} ${TRAIN} } train second { ${last} ${TRAIN} }`;
  const stages = 'pretrain first on bac train second on abc reset h';
  assert.equal(told(stages, trains('seed 1', '')), ['ED6025 pretrain']);
  assert.equal(told(stages, trains('seed 0', 'seed 1')), ['ED6025 pretrain']);
  assert.equal(told(stages, trains('seed 1', 'seed 1')), []);
  assert.equal(told(stages, trains('', 'seed 1')), []);
  assert.equal(told(`${stages} seeds 1`, trains('seed 1', 'seed 2')), []);
});

test('a line without a name runs the unnamed block, or the only one', () => {
  const blockOf = (trains: string): (string | null)[] =>
    checked('train on abc', trains).experiments.map((e) => e.stages[0]!.stage);
  assert.equal(blockOf(`train { ${TRAIN} }`), [null]);
  assert.equal(blockOf(`train only { ${TRAIN} }`), ['only']);
  assert.equal(blockOf(`train { ${TRAIN} } train other { ${TRAIN} }`), [null]);
  assert.equal(told('train on abc', TWO), ['ED6005 train']);
});

for (const [lines, wrong] of [
  ['pretrain on abc', 'ED6006 e'],
  ['train on abc pretrain on abc', 'ED6022 pretrain'],
  ['pretrain thrid on abc train on abc', 'ED6005 thrid'],
  ['pretrain on abc with clases = 3 train on abc', 'ED2022 clases'],
  ['pretrain on abcd train on abc reset h', 'ED6004 y'],
  ['pretrain on large train on abc', 'ED6008 x'],
  ['pretrain on bac, abc train on abc', 'ED8001 abc'],
  // What is said to begin anew.
  ['pretrain on bac reset h train on abc reset h', 'ED6023 h'],
  ['train on abc reset none', 'ED6023 none'],
  ['pretrain on bac train on abc reset k', 'ED4002 k'],
  ['pretrain on bac train on abc reset h reset statistics k', 'ED4002 k'],
  ['pretrain on bac train on abc reset h remap h', 'ED6023 h'],
  ['pretrain on bac train on abc reset h, h', 'ED6023 h'],
  // Other classes, and what does not fit.
  ['pretrain on bac train on abc', 'ED6020 train'],
  ['pretrain on bac train on abc reset statistics h', 'ED6020 train'],
  ['pretrain on abcd with classes = 4 train on abc', 'ED6020 train'],
  ['pretrain on listed with classes = 4 train on abc', 'ED6020 train'],
  ['pretrain on abcd with classes = 4 train on abc reset none', 'ED6021 train'],
  ['pretrain on abcd with classes = 4 train on abc reset g', 'ED6021 train'],
  ['pretrain on bac train on abc remap g', 'ED6023 g'],
] as const) {
  test(`experiment { ${lines} }`, () => assert.equal(told(lines, `train { ${TRAIN} }`).slice(0, 1), [wrong]));
}

test('the same classes need no word, and others one of three', () => {
  for (const lines of [
    'pretrain on again train on abc',
    'pretrain on bac train on abc reset h',
    'pretrain on bac train on abc remap h',
    'pretrain on bac train on abc reset none',
    'pretrain on abcd with classes = 4 train on abc remap h',
    'pretrain on abcd with classes = 4 train on abc reset h, g',
    // What a folder calls its classes is only known when it is listed.
    'pretrain on listed train on abc',
  ])
    assert.equal(told(lines), [], lines);
});

test('a stage that reads no label asks nothing of classes, also not of those two stages before it', () => {
  const blocks = `train { ${TRAIN} } train blind { minimize k using sgd(0.1) freeze h }`;
  const model = `${MODEL}\nloss k = mean(square(g(x))) updates g`;
  const say = (lines: string): string[] => told(lines, blocks, model);
  assert.equal(say('pretrain blind on abcd train on abc'), []);
  assert.equal(say('pretrain on bac pretrain blind on abcd train on abc'), ['ED6020 train']);
  assert.equal(say('pretrain blind on abcd train on abc remap h'), ['ED6023 h']);
});

test('a head with two kernels of as many columns as classes cannot be matched', () => {
  const model = MODEL.replace('h = dense(classes)', 'h = dense(3) |> relu() |> dense(classes)');
  assert.equal(told('pretrain on bac train on abc remap h', undefined, model), ['ED6023 h']);
  assert.equal(
    told('pretrain on abcd with classes = 4 train on abc remap h', undefined, model),
    ['ED6023 h'],
    'the kernels with as many columns are other ones in the two stages',
  );
});

test('people who are held out may be met where they have other names, and that is warned of', () => {
  assert.equal(told('pretrain on again train on abc'), [], 'left out by name');
  assert.equal(told('pretrain on other_names train on abc'), ['ED6010 pretrain on other_names']);
  assert.equal(told('pretrain on again train on fresh test on abc'), ['ED6010 test on abc']);
});

const started = (items: string, more = ''): string[] =>
  told(
    'pretrain first on bac train second on abc reset none',
    `train first { ${TRAIN} } train second { ${items} ${TRAIN} } ${more}`,
    `${MODEL}\ngroup g2 = flatten() |> dense(4) |> relu()\nloss k = mean(g2(x)) updates g2\ntrain rest { minimize k using sgd(0.1) }`,
  );

test('start: from a group of equal structure, a stage that has run, a file', () => {
  for (const items of [
    'start g2 from g',
    'start g, h from first',
    'start g, g2 from "weights.safetensors"  start g2 from g',
  ])
    assert.equal(started(items), [], items);
  assert.equal(started('start k from g'), ['ED4002 k']);
  assert.equal(started('start g from gg'), ['ED5020 gg']);
  assert.equal(started('start h from g'), ['ED5020 start h from g']);
  assert.equal(started('start g from g'), ['ED5020 start g from g']);
  assert.equal(started('start g from rest'), ['ED5020 start g from rest']);
  assert.equal(started('start g from g2', `train g2 { ${TRAIN} }`), ['ED5020 g2']);
});

test('a group that starts from something else need not fit the stage before', () => {
  const lines = 'pretrain first on abcd with classes = 4 train second on abc reset none';
  const trains = (items: string): string => `train first { ${TRAIN} } train second { ${items} ${TRAIN} }`;
  assert.equal(told(lines, trains('start h from "head.safetensors"')), []);
  assert.equal(told(lines, trains('start h from first')), ['ED5020 start h from first']);
});

test.run();
