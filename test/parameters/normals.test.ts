/** @file Normal numbers against the normal distribution: its function as a whole, its tail, its moments, and no memory from one number to the next. */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { random } from '../../runtime/data/random.js';
import { fillNormal } from '../../runtime/parameters/normals.js';

const N = 1_000_000;
const drawn = new Float32Array(N);
fillNormal(drawn, 1, random('normals').bits);

/** Φ by its series (Marsaglia 2004, "Evaluating the normal distribution"), exact to doubles for |x| < 7. */
function cumulative(x: number): number {
  let [sum, term] = [x, x];
  for (let i = 3; sum + term !== sum; i += 2) sum += term *= (x * x) / i;
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

test('the distribution function is that of the normal distribution (Kolmogorov-Smirnov)', () => {
  const sorted = Float32Array.from(drawn).sort();
  let furthest = 0;
  for (let i = 0; i < N; i++) {
    const p = cumulative(sorted[i]!);
    furthest = Math.max(furthest, p - i / N, (i + 1) / N - p);
  }
  // Exceeded by one sample in 10 000.
  assert.ok(furthest * Math.sqrt(N) < 2.23, `distance ${furthest}`);
});

test('so are slices as thin as the layers, and the tails (chi square)', () => {
  // Far finer near the borders of layers than Kolmogorov-Smirnov sees.
  const edges = Array.from({ length: 799 }, (_, i) => -4 + (i + 1) / 100);
  const counts = new Float64Array(800);
  for (const x of drawn) {
    const slice = Math.min(799, Math.max(0, Math.floor((x + 4) * 100)));
    counts[slice]!++;
  }
  const limits = [0, ...edges.map(cumulative), 1];
  let square = 0;
  counts.forEach((count, i) => {
    const expected = N * (limits[i + 1]! - limits[i]!);
    square += (count - expected) ** 2 / expected;
  });
  // Five standard deviations of chi square with 799 degrees of freedom, both ways.
  assert.ok(Math.abs(square - 799) < 5 * Math.sqrt(2 * 799), `chi square ${square}`);
});

test('the tail beyond the last layer has its share on both sides, and its shape', () => {
  const end = 3.6541528853610088;
  const expected = N * cumulative(-end);
  for (const sign of [-1, 1]) {
    const beyond = drawn.filter((x) => sign * x > end);
    assert.ok(
      Math.abs(beyond.length - expected) < 5 * Math.sqrt(expected),
      `${beyond.length} beyond ${sign * end}`,
    );
    const mean = beyond.reduce((sum, x) => sum + sign * x, 0) / beyond.length;
    // φ(a) / Q(a), with a standard deviation of 0.231.
    assert.ok(Math.abs(mean - 3.897) < (5 * 0.231) / Math.sqrt(expected), `mean ${mean}`);
  }
});

test('numbers know nothing of those before them', () => {
  for (const lag of [1, 2, 3]) {
    let [product, squares] = [0, 0];
    for (let i = lag; i < N; i++) {
      product += drawn[i]! * drawn[i - lag]!;
      squares += (drawn[i]! ** 2 - 1) * (drawn[i - lag]! ** 2 - 1);
    }
    assert.ok(Math.abs(product / N) < 5 / Math.sqrt(N), `lag ${lag}`);
    assert.ok(Math.abs(squares / N) < 10 / Math.sqrt(N), `squares, lag ${lag}`);
  }
});

test('equal bits give equal numbers on every machine, rare ones among them', () => {
  const values = new Float32Array(100_000);
  fillNormal(values, 2, random('parameter', 1, 'a').bits);
  assert.ok(values.some((x) => Math.abs(x) > 2 * 3.6541528853610088));
  const start = values.slice(0, 4);
  assert.equal(
    start,
    Float32Array.of(-0.593966543674469, 0.19301334023475647, 2.2888379096984863, 0.3468562960624695),
  );
  const hash = createHash('sha256').update(values).digest('hex');
  assert.is(hash.slice(0, 16), '3dc3d7909d1bc057');
});

test.run();
