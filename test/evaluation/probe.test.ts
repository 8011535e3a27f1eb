/** @file Linear probes: gradients against differences, optima against stationarity, chance on noise, and nothing learned from those judged. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngine } from '../../runtime/engines/engine.js';
import { minimise } from '../../runtime/evaluation/lbfgs.js';
import { probe, type ProbeData } from '../../runtime/evaluation/probe.js';
import { Design, fit, penalisedLoss } from '../../runtime/evaluation/regression.js';
import { randomFrom } from '../support/random-graph.js';

const engine = await openEngine('cpu');
const classes = 3;

/** Normal numbers, `shift(label)` added to the first feature. */
function noisy(n: number, width: number, seed: number, shift: (label: number) => number): ProbeData {
  const random = randomFrom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const labels = Array.from({ length: n }, (_, i) => i % classes);
  const data = Float32Array.from(
    { length: n * width },
    (_, i) => normal() + (i % width === 0 ? shift(labels[Math.floor(i / width)]!) : 0),
  );
  return { rows: { data, width }, labels, units: labels.map((_, i) => `u${Math.floor(i / 6)}`) };
}

const accuracy = (predicted: ArrayLike<number>, labels: ArrayLike<number>): number =>
  Array.from(predicted, (p, i) => Number(p === labels[i])).reduce((a, b) => a + b) / predicted.length;

test('the gradient of the penalised loss agrees with central differences in every weight', () => {
  const { rows, labels } = noisy(20, 4, 1, (l) => l);
  const design = new Design(engine, rows, classes);
  const loss = penalisedLoss(design, Int32Array.from(labels), 0.3);
  const random = randomFrom(2);
  const weights = Float64Array.from({ length: 5 * classes }, () => random() - 0.5);
  const gradient = new Float64Array(weights.length);
  loss(weights, gradient);
  const unused = new Float64Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const at = (by: number): number =>
      loss(
        weights.map((w, k) => (k === i ? w + by : w)),
        unused,
      );
    const difference = (at(1e-2) - at(-1e-2)) / 2e-2;
    assert.ok(Math.abs(difference - gradient[i]!) < 2e-4, `${i}: ${difference} ${gradient[i]}`);
  }
  design.close();
});

test('the loss is the mean of -log p plus half the penalty, the bias free', () => {
  const design = new Design(engine, { data: Float32Array.of(1, 2), width: 1 }, 2);
  const weights = Float64Array.of(0.5, -0.5, 0.1, 0);
  // Scores (0.6, -0.5) for label 0 and (1.1, -1) for label 1.
  const expected = (Math.log(1 + Math.exp(-1.1)) + Math.log(1 + Math.exp(2.1))) / 2 + 0.2 * (0.25 + 0.25);
  const found = penalisedLoss(design, Int32Array.of(0, 1), 0.4)(weights, new Float64Array(4));
  assert.ok(Math.abs(found - expected) < 1e-6);
  design.close();
});

test('a fit is a minimum: no direction leads further down', () => {
  const { rows, labels } = noisy(60, 5, 3, (l) => 2 * l);
  const weights = fit(engine, rows, Int32Array.from(labels), classes, 0.05);
  const design = new Design(engine, rows, classes);
  const loss = penalisedLoss(design, Int32Array.from(labels), 0.05);
  const gradient = new Float64Array(weights.length);
  const least = loss(weights, gradient);
  assert.ok(gradient.every((g) => Math.abs(g) < 2e-4));
  const random = randomFrom(4);
  for (let k = 0; k < 10; k++)
    assert.ok(
      loss(
        weights.map((w) => w + 0.2 * (random() - 0.5)),
        gradient,
      ) > least,
    );
  design.close();
});

test('L-BFGS finds the minimum of a badly scaled quadratic, and leaves its start alone', () => {
  const scale = [1, 10, 100, 1000];
  const target = [3, -2, 1, 0.5];
  const start = new Float64Array(4);
  const found = minimise(
    (x, gradient) => {
      let value = 0;
      x.forEach((v, i) => {
        value += (scale[i]! * (v - target[i]!) ** 2) / 2;
        gradient[i] = scale[i]! * (v - target[i]!);
      });
      return value;
    },
    start,
    { iterations: 100, tolerance: 1e-9 },
  );
  found.forEach((v, i) => assert.ok(Math.abs(v - target[i]!) < 1e-8));
  assert.equal([...start], [0, 0, 0, 0]);
});

test('classes that a plane separates are read without a mistake', () => {
  const train = noisy(90, 4, 5, (l) => 12 * l);
  const test = noisy(60, 4, 6, (l) => 12 * l);
  const { predicted } = probe(train, test.rows, { engine, classes });
  assert.is(accuracy(predicted, test.labels), 1);
});

test('what holds nothing is read at chance', () => {
  const train = noisy(240, 6, 7, () => 0);
  const test = noisy(600, 6, 8, () => 0);
  const { predicted } = probe(train, test.rows, { engine, classes });
  // Three standard deviations of 600 guesses.
  assert.ok(Math.abs(accuracy(predicted, test.labels) - 1 / 3) < 3 * Math.sqrt(2 / 9 / 600));
});

test('shift and scale of a feature do not matter; one that never changes is left out', () => {
  const train = noisy(90, 3, 9, (l) => 1.5 * l);
  const test = noisy(60, 3, 10, (l) => 1.5 * l);
  const other = ({ data, width }: ProbeData['rows']): ProbeData['rows'] => ({
    width: width + 1,
    data: Float32Array.from({ length: (data.length / width) * 4 }, (_, i) =>
      i % 4 === 3 ? 7 : 1000 + 50 * data[Math.floor(i / 4) * 3 + (i % 4)]!,
    ),
  });
  const plain = probe(train, test.rows, { engine, classes, penalties: [0.1] });
  const moved = probe({ ...train, rows: other(train.rows) }, other(test.rows), {
    engine,
    classes,
    penalties: [0.1],
  });
  assert.ok(accuracy(plain.predicted, moved.predicted) > 0.97, 'but for rounding');
});

test('those judged decide nothing: neither scale nor penalty nor one another', () => {
  const train = noisy(90, 4, 11, (l) => l);
  const test = noisy(30, 4, 12, (l) => l);
  const alone = probe(train, test.rows, { engine, classes });
  const outliers = new Float32Array(4 * 200).fill(1e6);
  const crowded = probe(
    train,
    { width: 4, data: Float32Array.from([...test.rows.data, ...outliers]) },
    { engine, classes },
  );
  assert.is(crowded.penalty, alone.penalty);
  assert.equal([...crowded.predicted.subarray(0, 30)], [...alone.predicted]);
});

test('the penalty is chosen on people left out: what only tells one person from another earns no trust', () => {
  // Two features show the class; of every fifth person the label is wrong, which forty-five numbers of each person's own let one remember.
  const random = randomFrom(1);
  const rows: number[] = [];
  const labels: number[] = [];
  const people: string[] = [];
  for (let person = 0; person < 60; person++) {
    const shown = person % 2;
    const own = Array.from({ length: 45 }, () => 2 * random() - 1);
    for (let shot = 0; shot < 3; shot++) {
      rows.push(2 * shown + random() - 0.5, 2 * shown + random() - 0.5, ...own);
      labels.push(person % 5 === 1 ? 1 - shown : shown);
      people.push(`p${person}`);
    }
  }
  const data = { rows: { data: Float32Array.from(rows), width: 47 }, labels };
  const penaltyOf = (units: readonly string[]): number =>
    probe({ ...data, units }, data.rows, { engine, classes: 2, penalties: [0.001, 1] }).penalty;
  assert.is(penaltyOf(people), 1);
  assert.is(penaltyOf(people.map((_, i) => `image ${i}`)), 0.001, 'where people are split, memory pays');
  assert.is(penaltyOf(people.map(() => 'one')), 1, 'one person leaves nothing to choose on');
});

test('a probe leaves nothing on the engine', () => {
  const before = engine.memory().tensors;
  const train = noisy(30, 3, 14, (l) => l);
  probe(train, train.rows, { engine, classes });
  assert.is(engine.memory().tensors, before);
});

test.run();
