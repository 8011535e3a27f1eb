/** @file First values: the moments and shapes of the published distributions, one stream per path and seed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { initialise } from '../../runtime/parameters/initialise.js';
import { trainable } from '../support/training.js';

const spec = (more = ''): string => `
  model m {
    input x : vector[120]
    input face : image[8, 8, 16]
    ${more}
    group he_dense = dense(200)
    group he_slope = dense(200, init: he(slope: 0.5))
    group glorot = dense(200, init: xavier())
    group small = dense(200, init: gaussian(sd: 0.01))
    group fixed = dense(200, init: constant(0.5))
    group image = conv(64, kernel: 3)
    group scaled = batch_norm()
    loss l = mean(he_dense(x)) + mean(he_slope(x)) + mean(glorot(x)) + mean(small(x)) + mean(fixed(x))
             + mean(scaled(image(face)))
      updates all
    train { minimize l using sgd(rate: 0.1) batch 2 epochs 1 }
  }`;

const { model } = trainable(spec());
const drawn = initialise(model, 1);
const dataOf = (path: string): Float32Array => drawn.get(path)!.data;

function moments(values: Float32Array): { mean: number; sd: number; kurtosis: number } {
  const n = values.length;
  const mean = values.reduce((s, x) => s + x, 0) / n;
  const m2 = values.reduce((s, x) => s + (x - mean) ** 2, 0) / n;
  const m4 = values.reduce((s, x) => s + (x - mean) ** 4, 0) / n;
  return { mean, sd: Math.sqrt(m2), kurtosis: m4 / m2 ** 2 };
}

const NORMAL = 3;
const UNIFORM = 1.8;

const EXPECTED: readonly (readonly [path: string, sd: number, kurtosis: number])[] = [
  ['he_dense.kernel', Math.sqrt(2 / 120), NORMAL],
  ['he_slope.kernel', Math.sqrt(2 / (1.25 * 120)), NORMAL],
  ['glorot.kernel', Math.sqrt(2 / (120 + 200)), UNIFORM],
  ['small.kernel', 0.01, NORMAL],
  ['image.kernel', Math.sqrt(2 / (3 * 3 * 16)), NORMAL],
];

for (const [path, sd, kurtosis] of EXPECTED) {
  test(`${path}: mean 0, standard deviation ${sd.toFixed(4)}, kurtosis ${kurtosis}`, () => {
    const found = moments(dataOf(path));
    const n = dataOf(path).length;
    // Five standard errors of each statistic, those of normal data.
    assert.ok(Math.abs(found.mean) < (5 * sd) / Math.sqrt(n), `mean ${found.mean}`);
    assert.ok(Math.abs(found.sd / sd - 1) < 5 / Math.sqrt(2 * n), `sd ${found.sd}`);
    assert.ok(Math.abs(found.kurtosis - kurtosis) < 5 * Math.sqrt(24 / n), `kurtosis ${found.kurtosis}`);
  });
}

test('xavier stays within its limit, and reaches for it', () => {
  const limit = Math.sqrt(6 / (120 + 200));
  const largest = dataOf('glorot.kernel').reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  assert.ok(largest <= limit && largest > 0.999 * limit);
});

test('biases and shifts are 0, scales and constants what they should be, statistics those of nothing seen', () => {
  const constants = {
    'he_dense.bias': 0,
    'fixed.kernel': 0.5,
    'scaled.gamma': 1,
    'scaled.beta': 0,
    'scaled.mean': 0,
    'scaled.variance': 1,
  };
  for (const [path, value] of Object.entries(constants))
    assert.ok(
      dataOf(path).every((x) => x === value),
      path,
    );
});

test('every path has a stream of its own, and every seed another', () => {
  const [a, b] = [dataOf('he_dense.kernel'), dataOf('he_slope.kernel')];
  const product = a.reduce((s, x, i) => s + x * b[i]!, 0) / a.length;
  const correlation = product / (moments(a).sd * moments(b).sd);
  assert.ok(Math.abs(correlation) < 5 / Math.sqrt(a.length), `correlation ${correlation}`);
  assert.equal(initialise(model, 1).get('glorot.kernel'), drawn.get('glorot.kernel'));
  assert.not.equal(initialise(model, 2).get('glorot.kernel'), drawn.get('glorot.kernel'));
});

test('another group in the text changes no draw', () => {
  const extended = trainable(
    spec('group another = dense(7)').replace('loss l = ', 'loss l = mean(another(x)) + '),
  ).model;
  const more = initialise(extended, 1);
  assert.is(more.size, drawn.size + 2);
  for (const [path, stored] of drawn) assert.equal(more.get(path), stored, path);
});

test.run();
