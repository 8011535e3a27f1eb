/** @file The bootstrap over people: exact where nothing varies, wide where people differ, and right about 95 times in 100. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootstrapByPeople, bootstrapDifference, overlap } from '../../runtime/evaluation/bootstrap.js';
import { randomFrom } from '../support/random-graph.js';

const named = (people: number, each: number): string[] =>
  Array.from({ length: people * each }, (_, i) => `p${Math.floor(i / each)}`);

test('nothing to vary, nothing to say, one person', () => {
  const people = named(8, 5);
  assert.equal(
    bootstrapByPeople(
      Array.from({ length: 40 }, () => 1),
      people,
    ),
    { from: 1, to: 1 },
  );
  assert.equal(
    bootstrapByPeople(
      Array.from({ length: 40 }, () => 0),
      people,
    ),
    { from: 0, to: 0 },
  );
  assert.equal(bootstrapByPeople([1, 0, 1], ['a', 'a', 'a']), { from: 0, to: 1 });
  const { from, to } = bootstrapByPeople([], []);
  assert.ok(Number.isNaN(from) && Number.isNaN(to));
});

test('the same decisions give the same interval; other seeds draw other people', () => {
  const random = randomFrom(3);
  const people = named(23, 7);
  const hits = people.map(() => Number(random() < 0.6));
  const interval = bootstrapByPeople(hits, people);
  assert.equal(bootstrapByPeople(hits, people), interval);
  const seeds = [2, 3, 4, 5, 6].map((seed) => bootstrapByPeople(hits, people, seed));
  assert.ok(new Set([interval, ...seeds].map(({ from, to }) => `${from} ${to}`)).size > 1);
  const mean = hits.reduce((a, b) => a + b) / hits.length;
  assert.ok(interval.from < mean && mean < interval.to);
});

test('with one decision per person it agrees with the normal interval of a proportion', () => {
  const n = 400;
  const hits = Array.from({ length: n }, (_, i) => Number(i < 280));
  const { from, to } = bootstrapByPeople(hits, named(n, 1));
  const half = 1.96 * Math.sqrt((0.7 * 0.3) / n);
  assert.ok(Math.abs(from - (0.7 - half)) < 0.01, `${from}`);
  assert.ok(Math.abs(to - (0.7 + half)) < 0.01, `${to}`);
});

test('twenty equal decisions of a person are worth one', () => {
  const hits = Array.from({ length: 40 }, (_, i) => Number(i % 4 > 0));
  const alone = bootstrapByPeople(hits, named(40, 1));
  const repeated = bootstrapByPeople(
    hits.flatMap((h) => Array.from({ length: 20 }, () => h)),
    named(40, 20),
  );
  assert.equal(repeated, alone);
});

test('the interval holds the truth about 95 times in 100, where decisions by image would be far too sure', () => {
  const random = randomFrom(11);
  const [studies, people, each, truth] = [150, 25, 8, 0.7];
  let held = 0;
  let heldByImage = 0;
  for (let study = 0; study < studies; study++) {
    // A person is read well or badly: rates 0.4 and 1, equally often, mean 0.7.
    const hits = Array.from({ length: people }, () => (random() < 0.5 ? 0.4 : 1)).flatMap((rate) =>
      Array.from({ length: each }, () => Number(random() < rate)),
    );
    const { from, to } = bootstrapByPeople(hits, named(people, each), study);
    held += Number(from <= truth && truth <= to);
    const mean = hits.reduce((a, b) => a + b) / hits.length;
    const half = 1.96 * Math.sqrt((mean * (1 - mean)) / hits.length);
    heldByImage += Number(Math.abs(mean - truth) <= half);
  }
  assert.ok(held / studies > 0.88 && held / studies < 0.99, `${held} of ${studies}`);
  assert.ok(heldByImage / studies < 0.85, `${heldByImage} of ${studies}`);
});

test('intervals overlap where they share a number', () => {
  assert.ok(overlap({ from: 0.1, to: 0.3 }, { from: 0.3, to: 0.5 }));
  assert.ok(overlap({ from: 0.1, to: 0.9 }, { from: 0.3, to: 0.5 }));
  assert.not.ok(overlap({ from: 0.1, to: 0.2 }, { from: 0.3, to: 0.5 }));
});

test('a difference over the same people is as sure as it is constant, however much the people differ', () => {
  const random = randomFrom(5);
  const people = named(30, 10);
  const ease = Array.from({ length: 30 }, () => random());
  const a = people.map((_, i) => Number(random() < ease[Math.floor(i / 10)]!));
  assert.equal(bootstrapDifference(a, a, people), { from: 0, to: 0 });
  // b is wrong on one more decision of each person than a.
  const b = a.map((hit, i) => hit - Number(i % 10 === 0));
  const { from, to } = bootstrapDifference(a, b, people);
  assert.ok(Math.abs(from - 0.1) < 1e-12 && Math.abs(to - 0.1) < 1e-12, `${from} ${to}`);
  assert.ok(overlap(bootstrapByPeople(a, people), bootstrapByPeople(b, people)));
  assert.equal(bootstrapDifference([1, 1], [0, 0], ['a', 'a']), { from: -1, to: 1 });
});

test('with one decision per person a difference agrees with the normal interval of a paired mean', () => {
  const n = 500;
  const random = randomFrom(8);
  const a = Array.from({ length: n }, () => Number(random() < 0.75));
  const b = Array.from({ length: n }, () => Number(random() < 0.65));
  const d = a.map((hit, i) => hit - b[i]!);
  const mean = d.reduce((x, y) => x + y) / n;
  const half = 1.96 * Math.sqrt(d.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1) / n);
  const { from, to } = bootstrapDifference(a, b, named(n, 1));
  assert.ok(Math.abs(from - (mean - half)) < 0.008, `${from}`);
  assert.ok(Math.abs(to - (mean + half)) < 0.008, `${to}`);
});

test.run();
