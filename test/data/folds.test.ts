/** @file Folds: sizes, the step rule, seeds, and that no person is on both sides. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkLeak, foldOf, heldOut } from '../../runtime/data/folds.js';

/** Two images per person, out of order. */
function people(count: number): {
  name: string;
  samples: { id: string; label: number; subject: string; sequence: string }[];
} {
  const names = Array.from({ length: count }, (_, i) => `S${String(i).padStart(3, '0')}`);
  const samples = [...names.toReversed(), ...names].map((subject, i) => ({
    id: `${i}`,
    label: 0,
    subject,
    sequence: `${i}`,
  }));
  return { name: 'set', samples };
}

const sizes = (fold: Int32Array, count: number): number[] =>
  Array.from({ length: count }, (_, k) => fold.filter((f) => f === k).length / 2);

test('118 people in 10 blocks: eight of 12 and two of 11, contiguous in sorted order', () => {
  const set = people(118);
  const fold = foldOf(set, { kind: 'blocks', count: 10, seed: 0 });
  assert.equal(sizes(fold, 10), [12, 12, 12, 12, 12, 12, 12, 12, 11, 11]);
  const inOrder = [...fold.subarray(118)];
  assert.equal(
    inOrder,
    inOrder.toSorted((a, b) => a - b),
  );
});

test('strided is sorted(people)[k::count], sorted as strings', () => {
  const samples = ['10', '9', '2', '1', 'a', 'B'].map((subject) => ({
    id: subject,
    label: 0,
    subject,
    sequence: subject,
  }));
  const fold = foldOf({ name: 'set', samples }, { kind: 'strided', count: 2, seed: 0 });
  // As strings: 1, 10, 2, 9, B, a.
  const of = Object.fromEntries(samples.map(({ subject }, i) => [subject, fold[i]]));
  assert.equal(of, { '1': 0, '10': 1, '2': 0, '9': 1, B: 0, a: 1 });
});

test('shuffled keeps the sizes of blocks and depends on the seed only', () => {
  const draw = (seed: number): Int32Array => foldOf(people(23), { kind: 'shuffled', count: 5, seed });
  assert.equal(sizes(draw(1), 5), [5, 5, 5, 4, 4]);
  assert.equal([...draw(1)], [...draw(1)]);
  assert.not.equal([...draw(1)], [...draw(2)]);
});

test('a split holds every sample once and no person twice', () => {
  const set = people(11);
  const fold = foldOf(set, { kind: 'shuffled', count: 3, seed: 4 });
  for (let k = 0; k < 3; k++) {
    const { train, test: held } = heldOut(fold, k);
    assert.equal(
      [...train, ...held].toSorted((a, b) => a - b),
      [...fold.keys()],
    );
    const trained = new Set([...train].map((i) => set.samples[i]!.subject));
    assert.not.ok([...held].some((i) => trained.has(set.samples[i]!.subject)));
  }
});

test('a leak, too few people and a count of one are refused', () => {
  const set = people(3);
  assert.throws(
    () => checkLeak(set, Int32Array.of(0, 1, 2, 2, 1, 1)),
    /S002 is in fold 1 \(0\) and in fold 2 \(5\)/,
  );
  assert.throws(() => checkLeak(set, Int32Array.of(0, 1, 2, 2, 1, 1)), /must not be both trained and tested/);
  assert.throws(
    () => foldOf(set, { kind: 'blocks', count: 4, seed: 0 }),
    /has 3 people, too few for 4 folds/,
  );
  assert.throws(() => foldOf(set, { kind: 'blocks', count: 1, seed: 0 }), /2 or more/);
  assert.equal(sizes(foldOf(set, { kind: 'blocks', count: 3, seed: 0 }), 3), [1, 1, 1]);
});

test.run();
