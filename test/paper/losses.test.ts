/** @file Choices of the losses that the paper leaves open, each told from its neighbour by numbers (docs/paper-choices.md, L1 to L12). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distance } from '../support/engine-run.js';
import { randomSample, smallModel, trained, withValues } from '../support/small-run.js';

const BATCH = 4;
const CLASSES = 3;
const LABELS = Int32Array.of(0, 2, 1, 1);

/** The features, as the input; `g` is the classifier. */
const FEATURES = Float32Array.of(0.5, -1, 2, 0.1, 0.2, -0.3, -2, 1, 0.7, 1, 1, -1);
const KERNEL = Float32Array.of(0.4, -0.2, 1, 0.3, 0.9, -0.5, -0.7, 0.1, 0.2);

const model = (classifier: string, loss: string, more = '') =>
  smallModel(`
    ${more}
    input x : vector[3]
    group g = ${classifier}
    loss l = ${loss} updates g`);

function lossOf(classifier: string, loss: string, more = ''): number {
  const made = model(classifier, loss, more);
  const values = { x: FEATURES, y: LABELS, 'g.kernel': KERNEL };
  return trained(made, withValues(randomSample(made, BATCH, 1), values)).get('loss:l')![0]!;
}

const row = (values: ArrayLike<number>, i: number, n = 3): number[] =>
  Array.from(values).slice(i * n, (i + 1) * n);
const column = (j: number): number[] => [0, 1, 2].map((i) => KERNEL[i * CLASSES + j]!);
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, i) => s + x * b[i]!, 0);
const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a));

/** The mean cross-entropy of logits given per sample and class. */
function crossEntropy(logit: (sample: number, of: number) => number): number {
  let sum = 0;
  for (let b = 0; b < BATCH; b++) {
    const z = Array.from({ length: CLASSES }, (_, j) => logit(b, j));
    sum += Math.log(z.reduce((s, x) => s + Math.exp(x), 0)) - z[LABELS[b]!]!;
  }
  return sum / BATCH;
}

const isTrue = (b: number, j: number): number => (LABELS[b] === j ? 1 : 0);
const cosine = (b: number, j: number): number =>
  dot(row(FEATURES, b), column(j)) / norm(row(FEATURES, b)) / norm(column(j));
const near = (found: number, expected: number): void =>
  assert.ok(
    Math.abs(found - expected) < 1e-5 * Math.max(1, Math.abs(expected)),
    `${found} is not ${expected}`,
  );

const MARGIN = 'am_softmax(z, y, m: 0.35, s: 30)';

test('normalise both, the weights alone, or nothing', () => {
  const logits = (value: (b: number, j: number) => number) =>
    crossEntropy((b, j) => 30 * (value(b, j) - 0.35 * isTrue(b, j)));
  near(lossOf('cosine_dense(3)', MARGIN), logits(cosine));
  near(
    lossOf('cosine_dense(3, normalize: weights)', MARGIN),
    logits((b, j) => norm(row(FEATURES, b)) * cosine(b, j)),
  );
  near(
    lossOf('dense(3, bias: false)', MARGIN),
    logits((b, j) => dot(row(FEATURES, b), column(j))),
  );
});

test('the norm of the feature as the scale, in any margin loss', () => {
  const scaled = (value: (b: number, j: number) => number) =>
    crossEntropy((b, j) => norm(row(FEATURES, b)) * value(b, j));
  near(
    lossOf('cosine_dense(3)', 'am_softmax(z, y, s: norm(x))'),
    scaled((b, j) => cosine(b, j) - 0.35 * isTrue(b, j)),
  );
  near(
    lossOf('cosine_dense(3)', 'arc_softmax(z, y, s: norm(x))'),
    scaled((b, j) => Math.cos(Math.acos(cosine(b, j)) + 0.5 * isTrue(b, j))),
  );
});

test('a margin and a scale that follow a schedule', () => {
  // The sample stands at progress 0.3.
  const margins =
    'hyper margin = linear(from: 0, to: -0.4, end: 0.6)\nhyper scale = linear(from: 10, to: 30)';
  near(
    lossOf('cosine_dense(3)', 'am_softmax(z, y, m: -margin, s: scale)', margins),
    crossEntropy((b, j) => 16 * (cosine(b, j) - 0.2 * isTrue(b, j))),
  );
});

/** ψ(θ) = (-1)ᵏ cos(4 θ) - 2 k, k = ⌊4 θ / π⌋ (Liu et al. 2017, eq. 7), and SphereFace's mixture with the plain cosine. */
function angular(b: number, j: number, lambda: number): number {
  if (!isTrue(b, j)) return cosine(b, j);
  const angle = Math.acos(cosine(b, j));
  const k = Math.floor((4 * angle) / Math.PI);
  return (lambda * cosine(b, j) + (-1) ** k * Math.cos(4 * angle) - 2 * k) / (1 + lambda);
}

test('the angular margin of SphereFace: its scale is the norm, and lambda anneals it in', () => {
  const expected = (lambda: number) => crossEntropy((b, j) => norm(row(FEATURES, b)) * angular(b, j, lambda));
  const loss = (lambda: string) =>
    lossOf('cosine_dense(3)', `a_softmax(z, y, s: norm(x), lambda: ${lambda})`);
  near(loss('0'), expected(0));
  near(loss('5'), expected(5));
  // The sample stands at iteration 30.
  near(loss('max(5, 1000 / (1 + 0.12 * iteration))'), expected(1000 / (1 + 0.12 * 30)));
  assert.ok(Math.abs(loss('0') - loss('5')) > 0.1);
});

test('class weights, smoothing and soft labels', () => {
  const plain = 'dense(3, bias: false)';
  const z = (b: number, j: number): number => dot(row(FEATURES, b), column(j));
  const target = (share: number) => {
    let sum = 0;
    for (let b = 0; b < BATCH; b++) {
      const total = Math.log([0, 1, 2].reduce((s, j) => s + Math.exp(z(b, j)), 0));
      for (const j of [0, 1, 2]) sum += ((1 - share) * isTrue(b, j) + share / CLASSES) * (total - z(b, j));
    }
    return sum / BATCH;
  };
  near(lossOf(plain, 'cross_entropy(z, y)'), target(0));
  near(lossOf(plain, 'cross_entropy(z, y, smoothing: 0.5)'), target(0.5));
  near(lossOf(plain, 'cross_entropy(z, 0.5 * one_hot(y) + 0.5 / size(y))'), target(0.5));
  const weights = [1, 2, 5];
  const weighted = [0, 1, 2, 3].reduce((sum, b) => {
    const total = Math.log([0, 1, 2].reduce((s, j) => s + Math.exp(z(b, j)), 0));
    return sum + (weights[LABELS[b]!]! * (total - z(b, LABELS[b]!))) / BATCH;
  }, 0);
  near(lossOf(plain, 'cross_entropy(z, y, weights: [1, 2, 5])'), weighted);
});

test('uniform cross-entropy is at least log n; negative entropy is at least -log n, and flat where one class is certain', () => {
  const UNIFORM = '-mean(log_softmax(z))';
  const NEGATIVE = 'mean(sum(softmax(z) * log_softmax(z), axis: channels))';
  const at = (loss: string, scale: number) => {
    const made = model('dense(3, bias: false)', loss);
    const kernel = Float32Array.from([1, 0, 0, 1, 0, 0, 1, 0, 0], (x) => scale * x);
    const sample = withValues(randomSample(made, BATCH, 1), {
      x: new Float32Array(12).fill(1),
      y: LABELS,
      'g.kernel': kernel,
    });
    const ran = trained(made, sample);
    return { loss: ran.get('loss:l')![0]!, gradient: ran.get('gradient:g.kernel')! };
  };
  near(at(UNIFORM, 0).loss, Math.log(CLASSES));
  near(at(NEGATIVE, 0).loss, -Math.log(CLASSES));
  const zero = new Float32Array(9);
  for (const loss of [UNIFORM, NEGATIVE]) assert.ok(distance(at(loss, 0).gradient, zero) < 1e-6);
  // Three features of weight 10: the first class has all the probability.
  const certain = Float32Array.of(2 / 3, -1 / 3, -1 / 3, 2 / 3, -1 / 3, -1 / 3, 2 / 3, -1 / 3, -1 / 3);
  assert.ok(distance(at(UNIFORM, 10).gradient, certain) < 1e-5, `${at(UNIFORM, 10).gradient}`);
  assert.ok(distance(at(NEGATIVE, 10).gradient, zero) < 1e-5);
});

test.run();
