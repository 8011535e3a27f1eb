/** @file Metrics against values worked out by hand with the definitions of scikit-learn, and their properties on random decisions. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatConfusion, measure } from '../../runtime/evaluation/metrics.js';

const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test('six decisions by hand', () => {
  // Precision and recall: a 2/2 and 2/3, b 1/2 and 1/2, c 1/2 and 1/1; d occurs nowhere and does not count.
  const { accuracy, recall, macroF1, confusion, n } = measure(
    [0, 0, 0, 1, 1, 2],
    [0, 0, 1, 1, 2, 2],
    ['a', 'b', 'c', 'd'],
  );
  assert.is(n, 6);
  close(accuracy, 4 / 6);
  assert.equal(recall, [2 / 3, 1 / 2, 1, null]);
  close(macroF1, (4 / 5 + 1 / 2 + 2 / 3) / 3);
  assert.equal(confusion, [
    [2, 1, 0, 0],
    [0, 1, 1, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 0],
  ]);
});

test('a class that is only decided, never true, has an F1 of 0 that counts', () => {
  const { recall, macroF1 } = measure([0, 0, 0, 0], [0, 0, 0, 1], ['a', 'b']);
  assert.equal(recall, [3 / 4, null]);
  // a: precision 1, recall 3/4.
  close(macroF1, (6 / 7 + 0) / 2);
});

const decisions = fc.integer({ min: 2, max: 6 }).chain((k) =>
  fc.record({
    k: fc.constant(k),
    pairs: fc.array(fc.tuple(fc.nat(k - 1), fc.nat(k - 1)), { minLength: 1, maxLength: 60 }),
  }),
);

test('confusion counts every decision once; accuracy and recall follow from it; names of classes do not matter', () => {
  fc.assert(
    fc.property(decisions, ({ k, pairs }) => {
      const classes = Array.from({ length: k }, (_, i) => `c${i}`);
      const [labels, predicted] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
      const metrics = measure(labels, predicted, classes);
      const rows = metrics.confusion.map((row) => row.reduce((a, b) => a + b));
      assert.equal(
        rows,
        classes.map((_, c) => labels.filter((l) => l === c).length),
      );
      const hits = pairs.filter(([label, decided]) => label === decided).length;
      close(metrics.accuracy, hits / pairs.length);
      // The mean of recall weighted by the classes' sizes is the accuracy.
      const weighted = metrics.recall.reduce<number>((sum, r, c) => sum + (r ?? 0) * rows[c]!, 0);
      close(weighted / pairs.length, metrics.accuracy);
      const turned = (values: number[]): number[] => values.map((v) => (v + 1) % k);
      close(measure(turned(labels), turned(predicted), classes).macroF1, metrics.macroF1);
      assert.ok(metrics.macroF1 >= 0 && metrics.macroF1 <= 1);
      assert.is(measure(labels, labels, classes).macroF1, 1);
    }),
  );
});

test('the matrix as text: aligned columns, true classes down, recall at the end', () => {
  const text = formatConfusion(measure([0, 0, 1], [0, 1, 1], ['joy', 'sadness', 'fear']));
  assert.is(
    text,
    [
      '         joy  sadness  fear  recall',
      'joy        1        1     0   50.0%',
      'sadness    0        1     0  100.0%',
      'fear       0        0     0       -',
    ].join('\n'),
  );
});

test.run();
