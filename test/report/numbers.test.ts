/** @file The numbers of a report: accuracies, confusions and curves against counts by hand, the paper's numbers against the sizes of its databases. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accuracyOfRun, confusionOf } from '../../runtime/report/accuracy.js';
import { comparedTables } from '../../runtime/report/compare.js';
import { curvesOf } from '../../runtime/report/curves.js';
import { PUBLISHED } from '../../runtime/report/published.js';
import { namesOf } from '../../runtime/report/report.js';
import { runFixture } from '../support/report.js';

const decisions = (subject: string, ...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([label, predicted], i) => ({ sample: `${subject}/${i}`, subject, label, predicted }));

test('accuracy by fold, pooled by seed, and the mean over seeds', () => {
  const tasks = [
    { seed: 1, fold: 1, decisions: decisions('a', [0, 0], [1, 0]) },
    { seed: 1, fold: 2, decisions: decisions('b', [0, 0], [1, 1], [1, 1], [0, 1]) },
    { seed: 2, fold: 1, decisions: decisions('a', [0, 0], [1, 1]) },
    { seed: 2, fold: 2, decisions: decisions('b', [0, 0], [1, 1], [1, 1], [0, 0]) },
  ];
  const found = accuracyOfRun(tasks, ['x', 'y'])!;
  assert.equal(
    found.seeds.map((s) => [s.seed, s.right, s.n, s.folds.map((f) => f.right)]),
    [
      [1, 4, 6, [1, 3]],
      [2, 6, 6, [2, 4]],
    ],
  );
  // Pooled, not the mean of the folds' accuracies (0.625 for seed 1).
  assert.ok(Math.abs(found.mean - (4 / 6 + 1) / 2) < 1e-12);
  assert.ok(Math.abs(found.deviation! - Math.SQRT1_2 * (1 - 4 / 6)) < 1e-12);
  assert.equal([found.people, found.recall], [2, [5 / 6, 5 / 6]]);
  // With two people a draw is a alone, b alone, or both: 3/4 and 7/8 are the extremes.
  assert.equal(found.interval, { from: 3 / 4, to: 7 / 8 });
  assert.equal(confusionOf(tasks, ['x', 'y'])!.counts, [
    [5, 1],
    [1, 5],
  ]);
});

test('a class that nobody shows has no row, and a run without decisions no accuracy', () => {
  const tasks = [{ seed: 1, fold: 1, decisions: decisions('a', [0, 1]) }];
  assert.equal(confusionOf(tasks, ['x', 'y'])!.shares, [[0, 1], null]);
  assert.is(accuracyOfRun([{ seed: 1, fold: null, decisions: [] }], ['x']), null);
});

test('curves by stage and term; what is not finite is missing, and leaves the mean of the others', () => {
  const line = (seed: number, stage: number, epoch: number, l: number | null) => ({
    seed,
    stage,
    epoch,
    mean_l: l,
    images_per_second: 1,
  });
  const curves = curvesOf([
    line(1, 2, 1, 5),
    line(1, 1, 1, 3),
    line(1, 1, 2, 1),
    line(2, 1, 1, 7),
    line(2, 1, 2, null),
  ]);
  assert.equal(
    curves.map(({ stage, term, epochs, mean }) => [stage, term, epochs, mean]),
    [
      [1, 'l', [1, 2], [5, 1]],
      [2, 'l', [1], [5]],
    ],
  );
  assert.equal(curves[0]!.trainings[1]!.values, [7, null]);
});

test('the paper’s own numbers are fractions of the sequences of each database', () => {
  const sequences: Readonly<Record<string, number>> = {
    ck_plus: 327,
    mmi: 209,
    bu_3dfe: 600,
    oulu_casia: 480,
  };
  let own = 0;
  for (const { source, rows } of PUBLISHED)
    for (const { percent } of rows.filter((row) => row.own)) {
      const n = sequences[source]!;
      const right = Math.round((percent / 100) * n);
      assert.is(
        (Math.floor((1e4 * right) / n + 0.5) / 100).toFixed(2),
        percent.toFixed(2),
        `${source} ${percent}`,
      );
      own++;
    }
  assert.is(own, 16);
  assert.equal(
    PUBLISHED.map(({ rows }) => rows.length),
    [10, 9, 10, 10],
  );
});

test('a run stands in the row of its network and fine-tuning, others in rows of their own', () => {
  const pretrain = { verb: 'pretrain' as const, data: 'fer', source: 'fer2013', epochs: 1 };
  const [train] = runFixture('x').stages;
  const runs = [
    runFixture('ours'),
    runFixture('tuned', { stages: [pretrain, train!] }),
    runFixture('again'),
    runFixture('wide', { network: 'other', model: 'wide' }),
    runFixture('elsewhere', { stages: [{ ...train!, source: 'synthetic_faces' }] }),
    runFixture('on_others', { testData: 'others' }),
  ];
  const [ck, mmi] = comparedTables(runs);
  const measured = ck!.rows.filter((row) => row.measured);
  assert.equal(
    measured.map((row) => [row.method, row.published, row.measured!.run, row.measured!.whole]),
    [
      ['Ours (w.o.)', 96.33, 'ours', true],
      ['Ours (w.o.)', null, 'again', true],
      ['Ours (w.)', 97.86, 'tuned', true],
      ['wide', null, 'wide', true],
    ],
  );
  assert.ok(mmi!.rows.every((row) => row.measured === null));
  const [part] = comparedTables([runFixture('part', { folds: 10 })]);
  assert.is(part!.rows.find((row) => row.measured)!.measured!.whole, false);
});

test('runs are called by their directories, as long as that takes', () => {
  assert.equal(namesOf(['runs/a-001', 'runs/b-001/']), ['a-001', 'b-001']);
  assert.equal(namesOf(['x/a-001', 'y/a-001']), ['x/a-001', 'y/a-001']);
  assert.throws(() => namesOf(['x/a-001', './x/a-001']), /named twice/);
});

test.run();
