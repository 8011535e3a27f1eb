/** @file Features in the span of the rows learned from: products are kept, and the linear classifier fitted there decides as the one fitted on all features. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngine } from '../../runtime/engines/engine.js';
import type { Rows } from '../../runtime/evaluation/predict.js';
import { classify, fit } from '../../runtime/evaluation/regression.js';
import { spanOf } from '../../runtime/evaluation/span.js';
import { randomFrom } from '../support/random-graph.js';

const width = 40;

function rowsOf(n: number, seed: number): Rows {
  const random = randomFrom(seed);
  return { width, data: Float32Array.from({ length: n * width }, () => 2 * random() - 1) };
}

const product = (a: Rows, i: number, b: Rows, j: number): number => {
  let sum = 0;
  for (let k = 0; k < a.width; k++) sum += a.data[i * a.width + k]! * b.data[j * b.width + k]!;
  return sum;
};

test('products between rows learned from, and of other rows with them, are what they were; one row twice does no harm', () => {
  const x = rowsOf(8, 1);
  x.data.copyWithin(5 * width, 2 * width, 3 * width);
  const y = rowsOf(3, 2);
  const { rows, project } = spanOf(x);
  assert.is(rows.width, 8);
  const seen = project(y);
  for (let j = 0; j < 8; j++) {
    for (let i = 0; i < 8; i++)
      assert.ok(Math.abs(product(rows, i, rows, j) - product(x, i, x, j)) < 1e-4, `${i}, ${j}`);
    for (let i = 0; i < 3; i++)
      assert.ok(Math.abs(product(seen, i, rows, j) - product(y, i, x, j)) < 1e-4, `other ${i}, ${j}`);
  }
});

test('a regression fitted in the span decides as one fitted on all features', async () => {
  const engine = await openEngine('cpu');
  const [x, y] = [rowsOf(15, 3), rowsOf(200, 4)];
  const labels = Int32Array.from({ length: 15 }, (_, i) => i % 3);
  const { rows, project } = spanOf(x);
  const whole = classify(engine, y, fit(engine, x, labels, 3, 0.05), 3);
  const within = classify(engine, project(y), fit(engine, rows, labels, 3, 0.05), 3);
  const other = [...whole].filter((c, i) => c !== within[i]).length;
  // Fits end near the minimum: a score between two classes may fall to either side.
  assert.ok(other <= 2, `${other} of 200 differ`);
  assert.ok(new Set(whole).size === 3);
});

test.run();
