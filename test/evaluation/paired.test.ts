/** @file Paired comparison against published p-values, exact fractions and decisions counted by hand; and what cannot be paired. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { difference, type Decision } from '../../runtime/evaluation/evaluate.js';
import { PairingError } from '../../runtime/evaluation/errors.js';
import { mcnemarExact, pair } from '../../runtime/evaluation/paired.js';
import { spreadOf, summarize, type Judged } from '../../runtime/evaluation/summary.js';

test("McNemar's exact test gives the published values and those of exact fractions", () => {
  // Fagerland, Lydersen and Laake (2013), The McNemar test for binary matched-pairs data, section "Results": airway hyper-responsiveness, complete response.
  assert.is(mcnemarExact(1, 7).toFixed(4), '0.0703');
  assert.is(mcnemarExact(16, 6).toFixed(4), '0.0525');
  // Python: 2 * sum(comb(n, i) for i in range(min(a, b) + 1)) / 2**n, in fractions.Fraction.
  for (const [a, b, p] of [
    [86, 150, 3.715936139571442e-5],
    [0, 5, 0.0625],
    [3000, 3200, 0.011488253770871206],
    [5, 5, 1],
    [0, 0, 1],
  ] as const) {
    assert.ok(Math.abs(mcnemarExact(a, b) - p) < 1e-9 * p, `${a} ${b}: ${mcnemarExact(a, b)}`);
    assert.is(mcnemarExact(b, a), mcnemarExact(a, b));
  }
});

/** `rights`: of each sample of two people, in the folds 1 and 2; `.` is wrong. */
const judged = (seed: number, rights: string): Judged[] =>
  [1, 2].map((fold) => ({
    seed,
    fold,
    decisions: [...rights].flatMap((right, i): Decision[] =>
      i % 2 === fold - 1
        ? [{ sample: `s${i}`, subject: `p${i % 4}`, label: 1, predicted: right === '.' ? 0 : 1 }]
        : [],
    ),
  }));
const NAMES = ['a', 'b'] as const;

test('samples, folds and seeds are counted as by hand', () => {
  const [a, b] = [judged(3, 'xx..xx..'), judged(3, 'xxxx.x..')];
  const found = pair(a, b, NAMES);
  assert.equal([found.n, found.people, found.first, found.second, found.by], [8, 4, 0.5, 0.625, 0.125]);
  assert.equal(found.mcnemar, [{ seeds: [3, 3], onlyFirst: 1, onlySecond: 2, p: 1 }]);
  assert.equal(
    found.folds.map(({ fold, n, first, second }) => [fold, n, first, second]),
    [
      [1, 4, 0.5, 0.5],
      [2, 4, 0.5, 0.75],
    ],
  );
  assert.is(found.spread!.mean, 0.125);
  const all = (tasks: readonly Judged[]): Decision[] => tasks.flatMap((t) => t.decisions);
  const plain = difference(all(b), all(a));
  assert.equal([found.by, found.interval], [plain.by, plain.interval], 'one seed is the plain difference');
});

test('several seeds count as their mean per sample; only equal seeds are tested in pairs', () => {
  const a = [...judged(1, 'xxxx....'), ...judged(2, 'xx......')];
  const b = [...judged(2, 'xxxxxx..'), ...judged(5, 'xxxxxxxx')];
  const found = pair(a, b, NAMES);
  assert.equal([found.n, found.first, found.second], [8, 6 / 16, 14 / 16]);
  assert.equal(found.mcnemar, [{ seeds: [2, 2], onlyFirst: 0, onlySecond: 4, p: 0.125 }]);
  assert.equal(pair(a, judged(9, 'xxxxxxxx'), NAMES).mcnemar, []);
  assert.equal(pair(judged(1, 'x...'), judged(9, 'xx..'), NAMES).mcnemar[0]!.seeds, [1, 9]);
});

test('a fold that a seed of either has not finished does not count', () => {
  const [a] = judged(1, 'xx..xx..');
  const found = pair([a!, ...judged(2, 'xxxxxxxx')], judged(1, 'xxxxxxxx'), NAMES);
  assert.equal(
    found.folds.map((f) => f.fold),
    [1],
  );
  assert.is(found.n, 4);
  assert.throws(
    () => pair([a!], [judged(1, 'xxxx')[1]!], NAMES),
    (e: Error) => e instanceof PairingError && /no fold in common/.test(e.message),
  );
});

test('other samples, folds and labels are refused by name', () => {
  const a = judged(1, 'xx..');
  const changed = (change: Partial<Decision>): Judged[] => {
    const [first, second] = judged(1, 'xx..');
    const [decision, ...more] = first!.decisions;
    return [{ ...first!, decisions: [{ ...decision!, ...change }, ...more] }, second!];
  };
  const moved = a.map((task) => ({ ...task, fold: 3 - task.fold! }));
  for (const [b, words] of [
    [changed({ sample: 'other' }), /a decides about s0, and b does not/],
    [judged(1, 'xx..xx'), /b decides about s4, and a does not/],
    [moved, /s0 is in fold 1 of a and in fold 2 of b/],
    [changed({ label: 0 }), /s0 has another label or subject/],
    [changed({ subject: 'q' }), /s0 has another label or subject/],
  ] as const)
    assert.throws(
      () => pair(a, b, NAMES),
      (error: Error) => error instanceof PairingError && words.test(error.message),
    );
});

test('decisions on crops of one sample are paired by their number', () => {
  const crops = (rights: string): Judged[] => [
    {
      seed: 0,
      fold: null,
      decisions: [...rights].map((r) => ({
        sample: 's',
        subject: 'p',
        label: 1,
        predicted: r === 'x' ? 1 : 0,
      })),
    },
  ];
  const found = pair(crops('x.x.x'), crops('xxx..'), NAMES);
  assert.equal([found.n, found.by], [5, 0]);
  assert.equal(found.mcnemar, [{ seeds: [0, 0], onlyFirst: 1, onlySecond: 1, p: 1 }]);
});

test('folds and seeds are summed up: everybody pooled, each fold, and a spread over n - 1', () => {
  const tasks = [...judged(1, 'xx..xx..'), ...judged(2, 'xxxxxxx.')].reverse();
  const [two, one] = summarize(tasks, ['no', 'yes']);
  assert.equal([one!.seed, one!.judgement.accuracy, one!.judgement.n], [1, 0.5, 8]);
  assert.equal(two!.judgement.confusion, [
    [0, 0],
    [1, 7],
  ]);
  assert.equal(two!.folds, [
    { fold: 1, n: 4, people: 2, accuracy: 1 },
    { fold: 2, n: 4, people: 2, accuracy: 0.75 },
  ]);
  assert.equal(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]), { n: 8, mean: 5, sd: Math.sqrt(32 / 7), from: 2, to: 9 });
  assert.is(spreadOf([1]), undefined);
  assert.equal(summarize([{ seed: 0, fold: null, decisions: [] }], []), []);
});

test.run();
