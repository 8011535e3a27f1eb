/** @file What the benchmark says of times, on times whose answer is known. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, median, summary } from '../../bench/statistics.js';

test('the median is the middle one, or halfway between the two', () => {
  assert.is(median([9, 1, 5]), 5);
  assert.is(median([10, 1, 2, 9]), 5.5);
  assert.is(median([100, 20, 3]), 20);
  assert.throws(() => median([]));
});

test('a summary leaves what it is given in order', () => {
  const values = [3, 1, 2];
  assert.equal(summary(values), { median: 2, min: 1, max: 3 });
  assert.equal(values, [3, 1, 2]);
});

test('a ratio is of pairs, so that a machine that slows down for a while does not move it', () => {
  const pairs = [
    { ours: 10, theirs: 20 },
    { ours: 100, theirs: 210 },
    { ours: 10, theirs: 19 },
  ];
  const { ratio, ours, theirs } = compare(pairs);
  assert.equal(ratio, { median: 2, min: 1.9, max: 2.1 });
  assert.is(ours.median, 10);
  assert.is(theirs.median, 20);
});

test.run();
