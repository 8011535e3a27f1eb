/** @file A small report made by hand, with names that need escaping, and checks of markup that tests of pages and figures share. */
import * as assert from 'uvu/assert';
import { accuracyOfRun, confusionOf } from '../../runtime/report/accuracy.js';
import { comparedTables } from '../../runtime/report/compare.js';
import { curvesOf } from '../../runtime/report/curves.js';
import { NOTHING } from '../../runtime/report/items.js';
import type { ProbeRow, ReportData, RunReport } from '../../runtime/report/report-data.js';

const CLASSES = ['anger', 'happy & glad', 'sad <very>'];

const decision = (subject: string, i: number, label: number, predicted: number) => {
  return { sample: `${subject}/${i}`, subject, label, predicted };
};

/** Two seeds, two folds; 9 of 12 are right. */
const TASKS = [1, 2].flatMap((seed) =>
  [1, 2].map((fold) => ({
    seed,
    fold,
    iterations: 4,
    seconds: 1,
    decisions: [0, 1, 2].map((label) =>
      decision(`p${fold}`, label, label, label === 2 ? fold - 1 + seed - 1 : label),
    ),
  })),
);

const LINES = TASKS.flatMap(({ seed, fold }) =>
  [1, 2, 3].map((epoch) => ({
    seed,
    fold,
    epoch,
    mean_l_t: 8 / epoch + seed,
    mean_l_p: epoch === 3 ? null : 2,
    images_per_second: 9,
  })),
);

export function runFixture(name: string, more: Partial<RunReport> = {}): RunReport {
  return {
    name,
    directory: `runs/${name}`,
    experiment: 'quick',
    model: 'quick_ed2l',
    network: 'ed2l',
    spec: 'specs/"quick".ed2l',
    settings: { margin: '0.2' },
    engine: 'cpu',
    program: '0.1.0',
    started: '2026-01-02T03:04:05.000Z',
    ended: 'complete',
    stages: [{ verb: 'train', data: 'faces', source: 'ck_plus', epochs: 3 }],
    testData: null,
    synthetic: false,
    folds: 2,
    tasks: { done: TASKS.map(({ seed, fold }) => ({ seed, fold })), missing: [] },
    score: { kind: 'sequence', crops: 'mean', frames: 'vote' },
    select: { kind: 'last' },
    classes: CLASSES,
    accuracy: accuracyOfRun(TASKS, CLASSES),
    confusion: confusionOf(TASKS, CLASSES),
    curves: curvesOf(LINES),
    ...NOTHING,
    ...more,
  };
}

/** Two classes, ten decisions of each seed. */
export function probeRow(more: Partial<ProbeRow> & Pick<ProbeRow, 'features' | 'accuracy'>): ProbeRow {
  const seeds = more.accuracy.map(() => 0.5);
  return {
    label: 'expression',
    kind: 'linear',
    classes: 2,
    n: 10 * seeds.length,
    chance: seeds,
    control: seeds,
    untrained: [],
    ...more,
  };
}

export function reportFixture(runs: readonly RunReport[], rehearsal = false): ReportData {
  return {
    format: 'ed2l-report',
    version: 1,
    program: '0.1.0',
    made: '2026-01-03T00:00:00.000Z',
    rehearsal,
    runs,
    tables: comparedTables(runs),
  };
}

/** Elements as they are nested; fails for markup that is not well-formed XML. */
export function elementsOf(
  markup: string,
): { name: string; attributes: Map<string, string>; inside: string }[] {
  const found: { name: string; attributes: Map<string, string>; inside: string; start: number }[] = [];
  const open: number[] = [];
  let end = 0;
  const text = (from: number, to: number): void => {
    const between = markup.slice(from, to);
    assert.not.match(between, /[<>]/, `stray bracket in ${between}`);
    assert.not.match(between.replace(/&(amp|lt|gt|quot);/g, ''), /&/, `stray & in ${between}`);
  };
  const tag = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/g;
  for (const match of markup.matchAll(tag)) {
    const [whole, closing, name, written, empty] = match;
    if (found.at(-1)?.name !== 'style' || closing === '') text(end, match.index);
    end = match.index + whole.length;
    if (closing) {
      const last = found[open.pop()!];
      assert.is(name, last?.name, `</${name}> closes <${last?.name}>`);
      last!.inside = markup.slice(last!.start, match.index);
      continue;
    }
    const attributes = new Map<string, string>();
    for (const [, key, value] of written!.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      assert.not.ok(attributes.has(key!), `${key} stands twice in ${whole}`);
      attributes.set(key!, value!);
    }
    found.push({ name: name!, attributes, inside: '', start: end });
    if (!empty) open.push(found.length - 1);
  }
  assert.is(open.length, 0, 'everything is closed');
  text(end, markup.length);
  return found;
}
