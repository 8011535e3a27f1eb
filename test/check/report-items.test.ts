/** @file The `report` line: items with the values, folds and labels they name; and taps found in a checked model against those that the model itself reads. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import { parseReportItem } from '../../compiler/check/report-items.js';
import { experimentFromJson, experimentToJson } from '../../compiler/model/experiment-json.js';
import { findTap } from '../../compiler/model/taps.js';
import { found } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';

const MODEL = `block unit(n) = conv(n, kernel: 3) |> prelu()
model m {
  input  x : image[8, 8, 1]
  label  y : class[3]
  group  base = unit(4) as first |> repeat(2, unit(4) |> unit(4)) |> unit(4) as down
  group  head = flatten() |> dense(3) as last
  f = base(x)
  z = head(f)
  twice = 2 * z
  loss l = cross_entropy(twice, y) updates base, head
  predict y = softmax(z)
  train { minimize l using sgd(0.1) }
}
data d { source folder("a") classes a, b, c resize to(8, 8) folds blocks(3, by: subject) }
data drawn { source synthetic_faces(people: 6) classes anger, fear, sadness resize to(8, 8) folds blocks(3, by: subject) }
data listed { source manifest("a.csv") classes a, b, c resize to(8, 8) folds blocks(3, by: subject) }`;

const withReport = (items: string, data = 'd'): Checked =>
  checkText(`${MODEL}\nexperiment e { model m train on ${data} report ${items} }`);

test('every item, and what it says when nothing more is said', () => {
  const checked = withReport(
    'accuracy(folds: pooled), curves(), routes(), tsne(f), heatmap(f, f.down, sum: absolute, subjects: ["S1", s_2]), probe(f.first, subject), probe(z, y), probe(f, y, kind: hidden), probe(f, y, kind: both)',
  );
  assert.equal(found(checked), []);
  const [bound] = checked.experiments;
  const plain = bound!.experiment.report.map((item) =>
    JSON.parse(JSON.stringify(item, (key, value) => (key === 'span' ? undefined : value))),
  );
  assert.equal(plain.slice(3), [
    { kind: 'tsne', value: { text: 'f' }, fold: null },
    {
      kind: 'heatmap',
      values: [{ text: 'f' }, { text: 'f.down' }],
      fold: null,
      sum: 'absolute',
      scale: 'image',
      subjects: ['S1', 's_2'],
    },
    { kind: 'probe', value: { text: 'f.first' }, label: { text: 'subject' }, probe: 'linear' },
    { kind: 'probe', value: { text: 'z' }, label: { text: 'y' }, probe: 'linear' },
    { kind: 'probe', value: { text: 'f' }, label: { text: 'y' }, probe: 'hidden' },
    { kind: 'probe', value: { text: 'f' }, label: { text: 'y' }, probe: 'both' },
  ]);
  const stored = experimentFromJson(experimentToJson(bound!));
  assert.equal(stored.experiment.report, bound!.experiment.report);
});

for (const [item, wrong] of [
  ['tsnee(f)', 'ED6003 tsnee'],
  ['curves', 'ED6003 curves'],
  ['tsne()', 'ED3006 tsne()'],
  ['tsne(g)', 'ED2001 g'],
  ['tsne(2 * f)', 'ED6003 2 * f'],
  ['tsne(f, fold: 4)', 'ED6003 tsne(f, fold: 4)'],
  ['tsne(f, fold: 0)', 'ED6003 0'],
  ['tsne(f, perplexity: 3)', 'ED3005 perplexity'],
  ['tsne(twice.last)', 'ED2017 twice.last'],
  ['tsne(f.middle)', 'ED2018 f.middle'],
  ['tsne(f.conv)', 'ED2018 f.conv'],
  ['heatmap()', 'ED3006 heatmap()'],
  ['heatmap(z)', 'ED6003 z'],
  ['heatmap(f, sum: absolut)', 'ED3011 absolut'],
  ['heatmap(f, subjects: 3)', 'ED6003 3'],
  ['probe(f)', 'ED3006 probe(f)'],
  ['probe(f, who)', 'ED2001 who'],
  ['probe(f, y, kind: deep)', 'ED3011 deep'],
  ['accuracy(folds: mean)', 'ED3011 mean'],
  ['confusion(rows: false)', 'ED6003 false'],
] as const)
  test(`report ${item}`, () => {
    const told = found(withReport(item));
    assert.equal(told.slice(0, 1), [wrong]);
  });

test('a field of a manifest is known when it is opened; drawn faces have fields of their own', () => {
  assert.equal(found(withReport('probe(f, glasses)', 'listed')), []);
  assert.equal(found(withReport('probe(f, glasses), probe(f, light), probe(f, yaw)', 'drawn')), []);
  assert.equal(found(withReport('probe(f, glases)', 'drawn')), ['ED2001 glases']);
  assert.equal(found(withReport('probe(f, glasses)')), ['ED2001 glasses']);
});

test('an item for a run that is done', () => {
  const [bound] = withReport('accuracy()').experiments;
  const { items, diagnostics } = parseReportItem('tsne(f.down, fold: 2)', '--add', bound!);
  assert.equal([items.length, diagnostics.length], [1, 0]);
  for (const text of ['tsne(g)', 'tsne(f', '', 'f'])
    assert.is(parseReportItem(text, '--add', bound!).items.length, 0, text);
});

test('a tap found in the model is the value that the model itself reads there', () => {
  for (const tap of [
    'first',
    'first.conv',
    'down',
    'down.prelu',
    'down.conv',
    'unit',
    'unit_2',
    'unit_3.prelu',
    'unit_4',
  ]) {
    const read = modelOf(
      checkText(MODEL.replace('twice = 2 * z', `tap = f.${tap}\n  twice = 2 * z + mean(tap)`)),
      'm',
    );
    const own = read.values.find((v) => v.name === 'tap')!.value;
    assert.equal(findTap(read, `f.${tap}`), { kind: 'found', value: own }, tap);
  }
});

test.run();
