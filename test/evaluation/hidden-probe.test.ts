/** @file Probes with a hidden layer: gradients against differences, what no plane separates, chance on noise; and the questions that probes are asked. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { circumstances } from '../../runtime/data/faces/circumstances.js';
import { generateFaces } from '../../runtime/data/faces/generate.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { pooledChannels, rowsOf, sideBySide } from '../../runtime/evaluation/feature-rows.js';
import { freshWeights, hiddenLoss } from '../../runtime/evaluation/hidden-layer.js';
import { probe, type ProbeData } from '../../runtime/evaluation/probe.js';
import {
  chanceOf,
  classQuestion,
  controlOf,
  personQuestion,
  fieldQuestion,
} from '../../runtime/evaluation/questions.js';
import { Design } from '../../runtime/evaluation/regression.js';
import { randomFrom } from '../support/random-graph.js';

const engine = await openEngine('cpu');

/** Two numbers, uniform between -1 and 1; the class: whether their signs agree. */
function crossed(n: number, seed: number): ProbeData {
  const random = randomFrom(seed);
  const data = Float32Array.from({ length: 2 * n }, () => 2 * random() - 1);
  const labels = Array.from({ length: n }, (_, i) => Number(data[2 * i]! * data[2 * i + 1]! > 0));
  return { rows: { data, width: 2 }, labels, units: labels.map((_, i) => `u${i >> 2}`) };
}

const accuracy = (predicted: ArrayLike<number>, labels: ArrayLike<number>): number =>
  Array.from(predicted, (p, i) => Number(p === labels[i])).reduce((a, b) => a + b) / predicted.length;

test('the gradient agrees with central differences in every weight of both layers', () => {
  const random = randomFrom(3);
  const [n, width] = [12, 3];
  const shape = { classes: 3, hidden: 4, penalty: 0.2 };
  const data = Float32Array.from({ length: n * width }, () => 2 * random() - 1);
  const design = new Design(engine, { data, width }, shape.hidden);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
  const loss = hiddenLoss(design, labels, width, shape);
  const weights = freshWeights(width, shape).map((w) => w + 0.3 * (random() - 0.5));
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
    assert.ok(Math.abs(difference - gradient[i]!) < 3e-4, `${i}: ${difference} ${gradient[i]}`);
  }
  design.close();
});

test('a hidden layer reads what no plane separates, and leaves nothing on the engine', () => {
  const before = engine.memory().tensors;
  const [train, other] = [crossed(240, 1), crossed(200, 2)];
  const read = (hidden: number): number =>
    accuracy(probe(train, other.rows, { engine, classes: 2, hidden }).predicted, other.labels);
  assert.ok(read(0) < 0.65, `linear: ${read(0)}`);
  assert.ok(read(8) > 0.9, `hidden: ${read(8)}`);
  assert.is(engine.memory().tensors, before);
});

/** Six people, two images of each of two classes. */
const samples = Array.from({ length: 24 }, (_, i) => ({
  id: `${i}`,
  label: (i >> 1) % 2,
  subject: `p${i >> 2}`,
  sequence: `${i}`,
}));
const dataset = { samples, classes: ['a', 'b'] } as unknown as Dataset;
const split = {
  train: Int32Array.from({ length: 16 }, (_, i) => i),
  test: Int32Array.from({ length: 8 }, (_, i) => 16 + i),
};

test('questions: of the class, of the person among those held out, of the sign of a number', () => {
  const about = classQuestion('expression', dataset, split);
  assert.equal([about.classes, about.labelOf(2), about.split], [['a', 'b'], 1, split]);
  const who = personQuestion('person', dataset, split);
  assert.equal(who.classes, ['p4', 'p5']);
  assert.equal([...who.split.train, ...who.split.test], [16, 18, 20, 22, 17, 19, 21, 23]);
  assert.equal([...who.split.test].map(who.labelOf), [0, 0, 1, 1]);
  const values = Float32Array.from(samples, (_, i) => i - 3.5);
  const side = fieldQuestion(dataset, split, { name: 'light', shape: [], values });
  assert.equal([3, 4].map(side.labelOf), [0, 1]);
});

test('the control keeps the labels of each person, in another order; chance is the most frequent class learned from', () => {
  const about = classQuestion('expression', dataset, split);
  const control = controlOf(about, 1);
  const all = [...split.train, ...split.test];
  assert.not.equal(all.map(control.labelOf), all.map(about.labelOf));
  for (const person of new Set(samples.map((s) => s.subject))) {
    const own = all.filter((i) => samples[i]!.subject === person);
    assert.is(
      own.map(control.labelOf).reduce((a, b) => a + b),
      2,
      person,
    );
  }
  assert.equal(all.map(controlOf(about, 1).labelOf), all.map(control.labelOf));
  const values = Float32Array.from(samples, (_, i) => (i < 10 || i === 20 ? 1 : 0));
  assert.is(chanceOf(fieldQuestion(dataset, split, { name: 'glasses', shape: [], values })), 1 / 8);
});

test('features: chosen rows, channels averaged, two kinds side by side', () => {
  const rows = { data: Float32Array.of(1, 10, 3, 30, 5, 50, 7, 70), width: 4 };
  const pooled = pooledChannels(rows, 2);
  assert.equal([...pooled.data], [2, 20, 6, 60]);
  const chosen = rowsOf(pooled, Int32Array.of(5, 9))(Int32Array.of(9, 5, 9));
  assert.equal([...chosen.data], [6, 60, 2, 20, 6, 60]);
  const both = sideBySide({ data: Float32Array.of(1, 2), width: 1 }, pooled);
  assert.equal([[...both.data], both.width], [[1, 2, 20, 2, 6, 60], 3]);
});

test('circumstances are those of the drawn pictures, in their order', async () => {
  const classes = ['happiness', 'anger'];
  const order = { seed: 4, people: 2, preset: 'medium' as const };
  const { truth } = await generateFaces({ ...order, expressions: classes });
  const found = circumstances({ kind: 'synthetic_faces', ...order }, classes);
  const expected = {
    light: truth.map(({ shot }) => shot.light.azimuth),
    glasses: truth.map(({ glasses }) => Number(glasses)),
    yaw: truth.map(({ shot }) => shot.pose.yaw),
  };
  for (const { name, values } of found)
    assert.equal([...values], [...Float32Array.from(expected[name as keyof typeof expected])], name);
});

test.run();
