/** @file What the disentanglement study concludes: differences and verdicts against counts by hand, and its page against its results. */
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check, fileReader } from '../../../runtime/index.js';
import type { Cell } from './measure.js';
import { PAGE, RESULTS, withTables, writtenResults, type Results } from './page.js';
import {
  ARMS,
  difference,
  measured,
  outcomes,
  overPixels,
  SEEDS,
  trainingsOf,
  verdictOf,
  type Study,
  type Training,
} from './summary.js';

const hits = (...own: number[]): Cell['hits'] => own;
const probe = (features: string, own: Cell['hits'], question = 'expression'): Cell => ({
  features,
  question,
  kind: 'linear',
  images: 10,
  chance: 0.1,
  hits: own,
});

test('means are over people and seeds, differences over the same people; the interval is over people', () => {
  const of = (seed: number, ...own: number[]) => ({ seed, hits: { images: 10, hits: own } });
  const found = measured([of(1, 2, 4), of(2, 4, 6)]);
  assert.equal(
    found.values.map((v) => v.toFixed(6)),
    ['0.300000', '0.500000'],
  );
  assert.ok(Math.abs(found.mean - 0.4) < 1e-12);
  // Of two people, whose shares are 0.3 and 0.5, one may be drawn twice.
  assert.ok(Math.abs(found.interval.from - 0.3) < 1e-9 && Math.abs(found.interval.to - 0.5) < 1e-9);
  const shifted = difference([
    { seed: 1, a: { images: 10, hits: [5, 9] }, b: { images: 10, hits: [3, 7] } },
    { seed: 2, a: { images: 10, hits: [6, 8] }, b: { images: 10, hits: [4, 6] } },
  ]);
  // Everybody is 0.2 apart, whoever is drawn.
  for (const v of [shifted.mean, shifted.interval.from, shifted.interval.to, ...shifted.values])
    assert.ok(Math.abs(v - 0.2) < 1e-9);
});

test('a verdict takes the interval, and to hold, every seed', () => {
  const of = (from: number, to: number, ...values: number[]) => ({
    seeds: [],
    values,
    mean: 0,
    interval: { from, to },
  });
  assert.is(verdictOf(of(0.01, 0.2, 0.1, 0.05), 0), 'holds');
  assert.is(verdictOf(of(0.01, 0.2, 0.3, -0.01), 0), 'undecided');
  assert.is(verdictOf(of(-0.01, 0.2, 0.1, 0.1), 0), 'undecided');
  assert.is(verdictOf(of(-0.2, -0.01, -0.1, 0.01), 0), 'fails');
  assert.is(verdictOf(of(-0.02, 0.01, 0, -0.01), -0.03), 'holds');
});

/** Two people; f_p of reading_a holds less than all it is compared with. */
const study: Study = {
  pixels: [probe('pixels', hits(5, 5))],
  trainings: SEEDS.flatMap((seed): Training[] => [
    { arm: 'without', seed, decided: { images: 10, hits: [7, 7] }, cells: [probe('f_t', hits(7, 7))] },
    {
      arm: 'reading_a',
      seed,
      decided: { images: 10, hits: [5, 6] },
      cells: [
        probe('f_t', hits(7, 7)),
        probe('f_p', hits(2, 3)),
        probe('f_p untrained', hits(5, 6)),
        probe('f_t and f_p', hits(6, 6)),
        probe('f_t', hits(4, 4), 'person'),
        probe('f_p', hits(4, 5), 'person'),
      ],
    },
  ]),
};

test('each hypothesis compares what it names, and arms below the margin are marked', () => {
  const found = outcomes(study, 'linear');
  assert.equal(
    found.map(({ arm, hypothesis, difference: d, verdict }) => [
      arm,
      hypothesis.slice(0, 2),
      d.mean.toFixed(2),
      verdict,
    ]),
    [
      ['reading_a', 'H1', '0.30', 'holds'],
      ['reading_a', 'H2', '0.45', 'holds'],
      ['reading_a', 'H3', '0.05', 'undecided'],
      ['reading_a', 'H4', '-0.10', 'fails'],
      ['reading_a', 'H5', '-0.15', 'fails'],
      ['reading_a', 'H6', '-0.15', 'fails'],
    ],
  );
  assert.equal(outcomes(study, 'hidden'), []);
  assert.equal(
    overPixels(study).map(({ arm, met }) => [arm, met]),
    [
      ['without', true],
      ['reading_a', false],
    ],
  );
});

test('shares of the work are all of it, and nothing twice', () => {
  const named = (share: number, shares: number): string[] =>
    trainingsOf(share, shares).map(({ arm, seed }) => `${arm} ${seed}`);
  const all = named(1, 1);
  assert.is(new Set(all).size, ARMS.length * SEEDS.length);
  for (const shares of [2, 3]) {
    const parts = Array.from({ length: shares }, (_, i) => named(i + 1, shares));
    assert.equal(parts.flat().sort(), all.toSorted());
    const sizes = parts.map(({ length }) => length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) < 2);
  }
});

test('results are JSON, a line for each probe', () => {
  const { format, study: stored, outcomes: found } = JSON.parse(writtenResults(study)) as Results;
  assert.is(format, 'ed2l-disentanglement');
  assert.equal(stored, study);
  assert.is(found.length, 6);
});

test('the arms are the models of the spec, with the seeds and the people of the plan', () => {
  const { experiments } = check('specs/disentanglement.ed2l', { reader: fileReader(), set: {} });
  assert.equal(experiments.map(({ model }) => model.name).sort(), [...ARMS].sort());
  for (const { experiment } of experiments) assert.equal(experiment.seeds, [...SEEDS]);
});

test('the page shows the results as their file has them, and what follows from them', () => {
  const page = readFileSync(PAGE, 'utf8');
  if (!existsSync(RESULTS))
    return assert.match(page, /<!-- made from docs\/disentanglement.json -->\n<!-- until here -->/);
  assert.is(withTables(page), page);
  const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  const again = JSON.parse(writtenResults(results.study)) as Results;
  assert.equal(again.outcomes, results.outcomes);
});

test.run();
