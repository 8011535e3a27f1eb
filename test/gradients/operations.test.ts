/** @file The adjoints of each operation are those of its definition: central differences, operation by operation, so that a wrong rule has a name. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { opTable } from '../../compiler/ops/table.js';
import type { OpRule, Vjp } from '../../compiler/ops/rule.js';
import { differentiable } from '../support/derivative.js';
import { adjoints, differences, errorAlong } from '../support/differences.js';
import { CASES, STOPS, type Case } from '../support/operations.js';

const BATCH = 2;
const TOLERANCE = 1e-5;

/** The largest error, over operands, of <adjoint, d> against the difference quotient of <weights, result> along d. */
function worstError(operation: Case, seed: number): number | undefined {
  const derived = differentiable(operation);
  if (!derived) return undefined;
  const feeds = derived.draw(BATCH, seed);
  const found = adjoints(derived, feeds, BATCH);
  return Math.max(
    ...differences(derived, feeds, BATCH, seed + 2).map((difference, i) => errorAlong(found[i]!, difference)),
  );
}

for (const operation of [...CASES, ...STOPS]) {
  if (!differentiable(operation)) continue;
  test(operation.title, () => {
    for (const seed of [1, 20]) {
      const error = worstError(operation, seed)!;
      assert.ok(error < TOLERANCE, `error ${error}`);
    }
  });
}

test('every operation with a rule is differentiated here', () => {
  const checked = [...CASES, ...STOPS].map((c) => c.op);
  const ruled = Object.entries(opTable).filter(([, rule]) => typeof rule.vjp === 'function');
  assert.equal(
    ruled.map(([op]) => op).filter((op) => !checked.includes(op)),
    [],
  );
});

test('a rule that is wrong by a factor, in one operand alone, is caught', () => {
  const table = opTable as Record<string, OpRule>;
  for (const op of ['mul', 'conv2d', 'batch_norm_train', 'max_pool', 'softmax_cross_entropy']) {
    const right = table[op]!;
    assert.type(right.vjp, 'function');
    const rule = right.vjp as Vjp;
    table[op] = { ...right, vjp: (c) => (c.k === 0 ? c.emit('neg', [rule(c)]) : rule(c)) };
    try {
      const operation = CASES.find((c) => c.op === op)!;
      assert.ok(worstError(operation, 1)! > TOLERANCE, op);
    } finally {
      table[op] = right;
    }
  }
});

test.run();
