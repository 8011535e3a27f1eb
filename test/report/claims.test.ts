/** @file The inequalities that a report prints: which are asked, of which rows they take their sides, and when they hold. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { claimsOf, type Claim } from '../../runtime/report/claims.js';
import type { ProbeKind, RunReport } from '../../runtime/report/report-data.js';
import { probeRow, runFixture } from '../support/report.js';

const probed = (
  name: string,
  rows: readonly (readonly [features: string, label: string, accuracy: number[], untrained?: number[]])[],
  more: Partial<RunReport> & { readonly kind?: ProbeKind } = {},
): RunReport =>
  runFixture(name, {
    ...more,
    probes: {
      tasks: [],
      rows: rows.map(([features, label, accuracy, untrained = []]) =>
        probeRow({ features, label, accuracy, untrained, kind: more.kind ?? 'linear' }),
      ),
    },
  });

const claims = (...runs: RunReport[]): Claim[] => claimsOf(runs, () => 'expression');
const told = (of: readonly Claim[]): string[] =>
  of.map(({ text, holds }) => `${holds ? 'yes' : 'NO'} ${text}`);

const OURS = probed('ours', [
  ['pixels', 'expression', [0.5, 0.5]],
  ['f_t', 'expression', [0.7, 0.8], [0.4, 0.4]],
  ['f_p', 'expression', [0.4, 0.5], [0.6, 0.3]],
  ['f_t and f_p', 'expression', [0.7, 0.8], [0.5, 0.5]],
  ['f_t', 'subject', [0.3, 0.3]],
  ['f_p', 'subject', [0.2, 0.35]],
]);

test('of one run: less than untrained by the mean, though not in every seed; equal is no loss; a failure is said', () => {
  const found = claims(OURS);
  assert.equal(told(found), [
    // 0.45 and 0.45: equal is not less.
    'NO expression from f_p < from the same branch untrained',
    'NO person from f_t < from f_p',
    'yes expression from f_t ≤ from f_t and f_p',
  ]);
  assert.equal(
    found.map((claim) => claim.seeds),
    [
      [1, 2],
      [1, 2],
      [2, 2],
    ],
  );
  assert.ok(Math.abs(found[1]!.left - 0.3) < 1e-12 && Math.abs(found[1]!.right - 0.275) < 1e-12);
});

test('against the baseline on the same data, however many seeds it has', () => {
  const baseline = { network: 'baseline' } as const;
  const [train] = OURS.stages;
  const found = claims(
    OURS,
    probed('base', [['f_t', 'expression', [0.76]]], baseline),
    probed('elsewhere', [['f_t', 'expression', [0.1]]], {
      ...baseline,
      stages: [{ ...train!, data: 'others' }],
    }),
  ).slice(3);
  assert.equal(told(found), [
    'NO expression from f_t of base ≤ from f_t',
    'yes expression from f_p < from f_t of base',
  ]);
  assert.equal(
    found.map((claim) => claim.seeds),
    [null, null],
  );
});

test('a kind of probe is compared with its own kind only', () => {
  const both = runFixture('both', {
    probes: {
      tasks: [],
      rows: [
        ...OURS.probes!.rows,
        probeRow({ features: 'f_t', label: 'subject', accuracy: [0.1], kind: 'hidden' }),
        probeRow({ features: 'f_p', label: 'subject', accuracy: [0.2], kind: 'hidden' }),
      ],
    },
  });
  const hidden = claims(both).filter((claim) => claim.kind === 'hidden');
  assert.equal(told(hidden), ['yes person from f_t < from f_p']);
  const linear = probed('linear', [['f_t', 'expression', [0.9]]]);
  assert.equal(claims(linear), [], 'nothing to compare with');
});

test('nothing is claimed of the baseline, of other networks, or where no label is judged', () => {
  assert.equal(claims({ ...OURS, network: 'other' }, { ...OURS, network: 'baseline' }), []);
  assert.equal(
    claimsOf([OURS], () => null),
    [],
  );
});

test.run();
