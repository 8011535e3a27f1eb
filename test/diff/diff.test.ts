/** @file What `diff` tells of specs whose differences are known, and that it tells of all and of nothing else. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { diff, type DiffSide } from '../../compiler/diff/diff.js';
import { formatDifferences, type Difference } from '../../compiler/diff/difference.js';
import { parse } from '../../grammar/parse.js';
import { Unparser } from '../../grammar/unparse.js';
import { TINY_SPEC } from '../support/command-line.js';
import { relaid } from '../support/layouts.js';
import { withoutPlaces } from '../support/places.js';
import { randomFrom } from '../support/random-graph.js';
import { randomSpec } from '../support/random-spec.js';
import { readerOf } from '../support/specs.js';
import { ZOO } from '../support/zoo.js';

function sideOf(file: string, model?: string, inline: Record<string, string> = {}): DiffSide {
  const options = { reader: readerOf(inline) };
  return { checked: check(file, options), options, ...(model !== undefined && { model }) };
}

function between(a: DiffSide, b: DiffSide): readonly Difference[] {
  const result = diff(a, b);
  assert.ok('found' in result);
  return 'found' in result ? result.found : [];
}

const ofTexts = (a: string, b: string): readonly Difference[] =>
  between(sideOf('a.ed2l', undefined, { 'a.ed2l': a }), sideOf('a.ed2l', undefined, { 'a.ed2l': b }));

const named = (differences: readonly Difference[]): string[] =>
  differences.map((d) => {
    const sign = d.before === undefined ? '+' : d.after === undefined ? '-' : '~';
    return `${d.section} ${sign} ${d.name}`;
  });

const full = sideOf('specs/ed2l.ed2l');

test('the baseline is the method without its dispelling half', () => {
  assert.equal(named(between(full, sideOf('specs/baseline.ed2l'))), [
    'hypers - lambda_p',
    'groups - dispelling',
    'groups - dispeller',
    'values - f_p',
    'values - z_p',
    'losses - l_a',
    'losses - l_p',
    'train - weight of l_a',
    'train - weight of l_p',
  ]);
});

test('the readings differ in routes, and in nothing else', () => {
  const to = (model: string): readonly Difference[] => between(full, sideOf('specs/readings.ed2l', model));
  assert.equal(to('introduction'), [{ section: 'routes of l_p', name: 'dispeller', after: 'by 1' }]);
  assert.equal(to('branch_only'), [{ section: 'routes of l_p', name: 'base', before: 'by 1' }]);
  assert.equal(named(to('unrouted')), [
    'routes of l_a + base',
    'routes of l_a + dispelling',
    'routes of l_p + dispeller',
  ]);
});

/** The members of every model, the settings, and the declarations, in another order. */
function shuffled(text: string, seed: number): string {
  const random = randomFrom(seed);
  const mix = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => [random(), item] as const)
      .toSorted((a, b) => a[0] - b[0])
      .map(([, item]) => item);
  const unparser = new Unparser();
  const items = parse(text, 'a').file.items.map((item) => {
    if (item.kind !== 'model') return text.slice(item.span.start, item.span.end);
    const members = mix(item.members).map((member) => unparser.member(member));
    const parent = item.parent ? ` extends ${item.parent.parts.map((p) => p.text).join('.')}` : '';
    return `model ${item.name.text}${parent} {\n${members.join('\n')}\n}`;
  });
  return mix(items).join('\n');
}

test('order and layout are no difference', () => {
  const texts = [
    TINY_SPEC,
    ...new Set(ZOO.map(([file]) => full.options.reader(file, null)!.text.replaceAll('"./', '"./specs/'))),
    ...Array.from({ length: 8 }, (_, seed) => randomSpec(seed)),
  ];
  for (const [seed, text] of texts.entries()) {
    const other = relaid(shuffled(text, seed), seed, 0);
    assert.not.equal(other, text);
    assert.equal(ofTexts(text, other), [], other);
  }
});

const CHANGES: readonly (readonly [from: string, to: string, entries: readonly string[]])[] = [
  ['epochs 2', 'epochs 3', ['train ~ epochs']],
  ['minimize l\n', 'minimize 0.5 * l\n', ['train ~ weight of l']],
  ['adam(rate: rate)', 'sgd(rate)', ['train ~ optimizer of encoder, reader']],
  ['adam(rate: rate)', 'adam(rate: rate, beta1: 0.5)', ['train ~ optimizer of encoder, reader']],
  ['epochs 2', 'freeze encoder', ['train ~ epochs', 'train ~ frozen']],
  ['encoder, reader', 'encoder by -2, reader', ['routes of l ~ encoder']],
  ['relu()\n', 'tanh()\n', ['groups ~ encoder', 'values ~ z']],
  ['dense(8)', 'dense(9)', ['groups ~ encoder', 'groups ~ reader']],
  ['z = reader(encoder(face))', 'z = reader(encoder(face)) * 2', ['values ~ z']],
  ['softmax(z)', 'softmax(2 * z)', ['predictions ~ expression']],
  ['blocks(2', 'blocks(4', ['data faces ~ folds']],
  ['report accuracy()', 'report macro_f1()', ['experiment try_tiny ~ report']],
  ['train  on faces', 'train  on faces with rate = 0.5', ['experiment try_tiny, stage 1: hypers ~ rate']],
  [
    'experiment try_tiny',
    'experiment other { model tiny train on faces }\nexperiment try_tiny',
    ['experiments + other'],
  ],
  ['cross_entropy(z, expression)', 'cross_entropy(z, expression, smoothing: 0.1)', ['losses ~ l']],
];

test('each change is told where it is', () => {
  for (const [from, to, entries] of CHANGES) {
    assert.ok(TINY_SPEC.includes(from), from);
    const found = named(ofTexts(TINY_SPEC, TINY_SPEC.replace(from, to)));
    for (const entry of entries) assert.ok(found.includes(entry), `${to}: ${found.join('; ')}`);
  }
});

test('the other way round, what was added is removed', () => {
  for (const [from, to] of CHANGES) {
    const other = TINY_SPEC.replace(from, to);
    const there = named(ofTexts(TINY_SPEC, other)).map((entry) =>
      entry.replace(/ [+-] /, (sign) => (sign === ' + ' ? ' - ' : ' + ')),
    );
    assert.equal(named(ofTexts(other, TINY_SPEC)).sort(), there.sort());
  }
});

/** `text` with one number, or one word of a loss, another. */
function changed(text: string, seed: number): string {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const words = [...text.matchAll(/(?<![\w.])(\d+(\.\d+)?(e-?\d+)?|tanh|relu|abs|square|v\d|g\d|share)\b/g)];
  const { index, 0: word } = pick(words);
  const other = /^\d/.test(word) ? pick(['1', '2', '3', '0.5', '0.1']) : pick(words)[0];
  return text.slice(0, index) + other + text.slice(index + word.length);
}

test('a changed spec is told exactly when its models are others', () => {
  const meaning = ({ checked }: DiffSide): string =>
    withoutPlaces([[...checked.models.values()], checked.experiments, [...checked.data.values()]]);
  let [same, different] = [0, 0];
  for (let seed = 0; seed < 150; seed++) {
    const text = seed % 3 === 0 ? TINY_SPEC : randomSpec(seed % 20);
    const [a, b] = [text, changed(text, seed)].map((t) => sideOf('a.ed2l', undefined, { 'a.ed2l': t })) as [
      DiffSide,
      DiffSide,
    ];
    if (b.checked.diagnostics.some((d) => d.severity === 'error')) continue;
    const equal = meaning(a) === meaning(b);
    if (equal) same++;
    else different++;
    assert.is(between(a, b).length === 0, equal, changed(text, seed));
  }
  assert.ok(same > 5 && different > 30, `${same} are the same, ${different} are not`);
});

test('the text has a line for each entry, and says when it leaves some out', () => {
  const differences = Array.from({ length: 12 }, (_, i) => ({
    section: 's',
    name: `n${i}`,
    before: 'a',
    after: 'b',
  }));
  assert.match(formatDifferences(differences, { all: false }), /n7 {2}a -> b\n {2}and 4 more/);
  assert.is(formatDifferences(differences, { all: true }).split('\n').length, 13);
  assert.is(
    formatDifferences(
      [
        { section: 's', name: 'x', after: '1' },
        { section: 's', name: 'longer', before: '2' },
      ],
      { all: true },
    ),
    's\n  + x       1\n  - longer  2',
  );
});

test.run();
