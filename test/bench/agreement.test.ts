/** @file When the benchmark lets a peer's times count. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agreement, allowance, type Computed } from '../../bench/agreement.js';

const GRADIENT = [3, 4];

/** `off`: relative error of the losses after the first step; `turned`: of the gradient. */
function computed(off: number, turned = 0, first = 0): Computed {
  const [x, y] = GRADIENT as [number, number];
  return {
    losses: Array.from({ length: 6 }, (_, i) => ({
      l_t: 2 * (1 + (i === 0 ? first : 0)),
      l_a: 1 + (i === 3 ? off : 0),
      l_p: 3,
    })),
    predictions: [0.25, 0.75],
    gradients: new Map([['p', { shape: [2], data: Float32Array.of(x - y * turned, y + x * turned) }]]),
  };
}

const ours = computed(0);

test('PyTorch’s formats say how far a peer may be', () => {
  const allowed = allowance([computed(1e-4, 1e-3), computed(-1e-4, -1e-3)]);
  // One of 6 × 3 losses is off by twice 1e-4, and three times that is allowed.
  assert.ok(Math.abs(allowed.losses - 6e-4 / Math.sqrt(18)) < 1e-7, String(allowed.losses));
  assert.ok(Math.abs(allowed.gradients - 6e-3) < 1e-5, String(allowed.gradients));
  assert.is(agreement(computed(5e-4, 5e-3), ours, allowed).objection, undefined);
  assert.match(
    agreement(computed(7e-4), ours, allowed).objection!,
    /^the losses differ by 1.6e-4, and 1.4e-4/,
  );
  assert.match(agreement(computed(0, 7e-3), ours, allowed).objection!, /^gradients differ/);
});

test('the first step is held to rounding, whatever comes after', () => {
  const allowed = { losses: 1, gradients: 1 };
  assert.match(agreement(computed(0, 0, 2e-5), ours, allowed).objection!, /^the first losses differ/);
});

test('what is not a number, or not there, does not agree', () => {
  const allowed = allowance([]);
  assert.is(agreement(ours, ours, allowed).objection, undefined);
  assert.ok(agreement(computed(NaN), ours, allowed).objection);
  assert.ok(agreement({ ...ours, gradients: new Map() }, ours, allowed).objection);
  assert.ok(agreement({ ...ours, predictions: [] }, ours, allowed).objection);
  assert.ok(agreement({ ...ours, losses: ours.losses.slice(0, 1) }, ours, allowed).objection);
});

test.run();
