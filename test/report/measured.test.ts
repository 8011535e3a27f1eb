/** @file What reports measure of trained networks: gradient norms against the whole training graph, maps and embeddings against definitions, probes against runs of the probe itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileExperiment, trainableStages } from '../../compiler/program.js';
import { parseReportItem } from '../../compiler/check/report-items.js';
import { BatchSource } from '../../runtime/data/batches.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { features, type Rows } from '../../runtime/evaluation/predict.js';
import { probe } from '../../runtime/evaluation/probe.js';
import { probeClass } from '../../runtime/evaluation/probe-study.js';
import { runExperiment } from '../../runtime/experiment/run-experiment.js';
import { embedded } from '../../runtime/report/embedding.js';
import { gradientsOfLoss } from '../../runtime/report/gradients.js';
import { channelSum, normalised } from '../../runtime/report/heat-maps.js';
import { colorOf, resized } from '../../runtime/report/heat-colors.js';
import { classesOfNumbers } from '../../runtime/evaluation/questions.js';
import { reportOf } from '../../runtime/report/report.js';
import { page, sectionsOf } from '../../runtime/report/rendering/page.js';
import { checkText } from '../support/specs.js';
import { elementsOf } from '../support/report.js';

const SPEC = `model two {
  input face       : image[12, 12, 1]
  label expression : class[3]
  group base    = conv(3, kernel: 3, stride: 2) as down |> prelu() |> flatten() |> dense(6)
  group head    = dense(3)
  group critic  = dense(3)
  f = base(face)
  z = head(f)
  c = critic(f)
  loss l   = cross_entropy(z, expression) updates base, head
  loss l_c = cross_entropy(c, expression) updates critic
  loss l_u = -mean(log_softmax(c)) updates base
  predict expression = softmax(z)
  train { minimize l + 2 * (l_c + l_u) using adam(rate: 1e-2)  batch 16  epochs 1 }
}
data faces {
  source  synthetic_faces(people: 6, seed: 10)
  classes anger, happiness, surprise
  resize  to(12, 12)
  folds   blocks(2, by: subject)
}
experiment e {
  model  two
  train  on faces
  report tsne(f, fold: 1), tsne(f, fold: 2), heatmap(f.down), probe(f, expression, kind: both), probe(f, subject),
         probe(f.down, glasses), probe(z, yaw, kind: hidden), routes()
}`;

const engine = await openEngine('cpu');
const runs = mkdtempSync(join(tmpdir(), 'ed2lc-report-'));
test.after(() => rmSync(runs, { recursive: true, force: true }));
const [bound] = checkText(SPEC).experiments;
const options = { cacheDir: null, baseDir: '.' };
const run = await runExperiment({
  bound: bound!,
  stages: trainableStages(compileExperiment(bound!)),
  engine,
  runs,
  ...options,
  folds: [1],
});
const data = await reportOf({
  directories: [run.directory],
  measuring: async () => ({ engine, ...options }),
});
const [made] = data.runs;

test('gradients of single losses add up to what training applies, and their norms stand in the matrix', () => {
  const { model } = bound!;
  const [stage] = model.stages;
  const [step] = stage!.steps;
  const [task] = run.tasks;
  const source = new BatchSource(run.dataset, task!.split.train, bound!.data, {
    batch: 16,
    seed: task!.seed,
  });
  const batches = [...source.iterate(0)].slice(0, 8);
  const measuring = { model, stage: stage!, step: step!, parameters: task!.parameters, batches, seed: 0 };
  const of = (...losses: string[]): Map<string, Float32Array>[] => [
    ...gradientsOfLoss(engine, { ...measuring, losses }),
  ];
  const whole = of('l', 'l_c', 'l_u');
  const parts = ['l', 'l_c', 'l_u'].map((loss) => of(loss));
  for (const [b, gradients] of whole.entries())
    for (const [path, gradient] of gradients)
      gradient.forEach((value, i) => {
        const sum = parts.reduce((s, part) => s + (part[b]!.get(path)?.[i] ?? 0), 0);
        assert.ok(
          Math.abs(sum - value) < 1e-5 * Math.max(1, Math.abs(value)),
          `${path}[${i}]: ${sum}, ${value}`,
        );
      });
  const rows = made!.routes!.steps[0]!.rows;
  assert.equal(
    rows.map((row) => row.norms.map((norm) => norm !== null)),
    [
      [true, true, false],
      [false, false, true],
      [true, false, false],
    ],
  );
  const norms = parts[1]!.map((g) => Math.hypot(...g.get('critic.kernel')!, ...g.get('critic.bias')!));
  const mean = norms.reduce((a, b) => a + b, 0) / norms.length;
  assert.ok(Math.abs(rows[1]!.norms[2]! - mean) < 1e-5 * mean);
  assert.equal(made!.routes!.batches, batches.length);
});

test('an embedding has a point for each image held out; a fold that is not trained is said to be left out', () => {
  const [embedding] = made!.embeddings;
  const { split } = run.tasks[0]!;
  assert.equal(
    embedding!.points.map((p) => [p.sample, p.subject, p.label]),
    Array.from(split.test, (i) => {
      const { id, subject, label } = run.dataset.samples[i]!;
      return [id, subject, label];
    }),
  );
  assert.equal(made!.left, [
    'tsne(f, fold: 2): fold 2 is not trained',
    'heatmap(f.down): fold 2 is not trained',
  ]);
});

test('t-SNE keeps clusters together, and gives the same twice', () => {
  const rows = {
    width: 4,
    data: Float32Array.from(
      { length: 4 * 60 },
      (_, i) => 10 * (Math.floor(i / 4) % 3) * (i % 4 === 0 ? 1 : -1) + Math.sin(i),
    ),
  };
  const first = embedded(rows, 10);
  assert.equal(embedded(rows, 10), first);
  first.forEach(([x, y], i) => {
    const distances = first.map(([a, b], k) => (k === i ? Infinity : Math.hypot(a - x, b - y)));
    assert.is(distances.indexOf(Math.min(...distances)) % 3, i % 3);
  });
});

test('heat maps: sums of channels, from 0 to 1, by image or together; resized with half pixels', () => {
  assert.equal(channelSum([1, -2, 3, 4], 2, 'signed'), [-1, 7]);
  assert.equal(channelSum([1, -2, 3, 4], 2, 'absolute'), [3, 7]);
  const map = (...values: number[]) => ({ value: 'f', height: 1, width: values.length, values });
  assert.equal(
    normalised([map(1, 3), map(5, 5)], 'image').map((m) => m.values),
    [
      [0, 1],
      [0, 0],
    ],
  );
  assert.equal(
    normalised([map(1, 3), map(5, 5)], 'pair').map((m) => m.values),
    [
      [0, 0.5],
      [1, 1],
    ],
  );
  assert.equal(resized(map(0, 1), 1, 4), [0, 0.25, 0.75, 1]);
  assert.equal(resized({ height: 2, width: 2, values: [0, 1, 2, 3] }, 2, 2), [0, 1, 2, 3]);
  assert.equal(
    [colorOf(-1), colorOf(1)],
    [
      [0, 0, 4],
      [252, 255, 164],
    ],
  );
  // Lightness rises, so that the order can be seen without colour.
  const light = Array.from({ length: 21 }, (_, i) => colorOf(i / 20)).map(
    ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b,
  );
  light.slice(1).forEach((v, i) => assert.ok(v > light[i]!));
});

test('heat maps of named people of a fold', async () => {
  const subjectsOf = (indices: Int32Array): string[] =>
    [...new Set(Array.from(indices, (i) => run.dataset.samples[i]!.subject))].sort();
  const { split } = run.tasks[0]!;
  const [, shown] = subjectsOf(split.test);
  const [absent] = subjectsOf(split.train);
  const { items } = parseReportItem(
    `heatmap(f.down, f.down, fold: 1, subjects: [${shown}], scale: pair)`,
    '--add',
    bound!,
  );
  const { items: others } = parseReportItem(
    `heatmap(f.down, fold: 1, subjects: ["${absent}"])`,
    '--add',
    bound!,
  );
  const [again] = (
    await reportOf({
      directories: [run.directory],
      also: () => [...items, ...others],
      measuring: async () => ({ engine, ...options }),
    })
  ).runs;
  const [maps] = again!.heatMaps;
  assert.equal(
    maps!.faces.map((face) => [face.subject, face.label, face.maps.length]),
    [
      [shown, 0, 2],
      [shown, 1, 2],
      [shown, 2, 2],
    ],
  );
  assert.equal([maps!.height, maps!.width, maps!.faces[0]!.maps[0]!.height], [12, 12, 6]);
  assert.ok(
    again!.left
      .join()
      .includes(`${absent} not among the people held out there: ${subjectsOf(split.test).join(', ')}`),
  );
  const html = page({ ...data, runs: [again!] }, sectionsOf({ ...data, runs: [again!] }));
  elementsOf(html.replace('<!doctype html>\n', ''));
});

test('probes read what the probe itself reads; the control knows no more than chance about classes', () => {
  const { model, data: block } = bound!;
  const [task] = run.tasks;
  const decided = probeClass(engine, run.dataset, task!.split, (indices) =>
    features({ engine, model, parameters: task!.parameters, dataset: run.dataset, indices, data: block }, [
      'f',
    ]).get('f')!,
  );
  const right = decided.filter((d) => d.label === d.predicted).length / decided.length;
  const row = (of: string, label: string) =>
    made!.probes!.rows.find((r) => r.features === of && r.label === label && r.kind === 'linear')!;
  assert.equal(row('f', 'expression').accuracy, [right]);
  assert.equal([row('f', 'subject').classes, row('f', 'subject').chance], [3, [1 / 3]]);
  assert.equal(row('pixels', 'expression').untrained, []);
  assert.ok(row('pixels', 'expression').control[0]! < row('pixels', 'expression').accuracy[0]!);
});

test('probes: every kind that is asked of a label, on pixels, each value, and the first two vectors together', () => {
  const { rows } = made!.probes!;
  const sources = ['pixels', 'f', 'f.down', 'z', 'f and z'];
  const asked = ['expression linear', 'expression hidden', 'subject linear', 'glasses linear', 'yaw hidden'];
  assert.equal(
    rows.map((r) => `${r.label} ${r.kind} ${r.features}`),
    asked.flatMap((what) => sources.map((source) => `${what} ${source}`)),
  );
});

test('a map is read as the mean of each channel; a field as it was drawn, with the most frequent of the people trained on as chance', () => {
  const { model, data: block } = bound!;
  const [task] = run.tasks;
  const { samples } = run.dataset;
  const values = run.dataset.fields.find((f) => f.name === 'glasses')!.values;
  const labelOf = (i: number): number => values[i]!;
  const of = (indices: Int32Array): Rows => {
    const input = { engine, model, parameters: task!.parameters, dataset: run.dataset, indices, data: block };
    const { data: maps, width } = features(input, ['f.down']).get('f.down')!;
    const means = new Float32Array(indices.length * 3);
    maps.forEach((v, i) => (means[3 * Math.floor(i / width) + (i % 3)]! += v / (width / 3)));
    return { data: means, width: 3 };
  };
  const { train, test: judged } = task!.split;
  const labels = Array.from(train, labelOf);
  const units = Array.from(train, (i) => samples[i]!.subject);
  const { predicted } = probe({ rows: of(train), labels, units }, of(judged), { engine, classes: 2 });
  const share = (decided: (k: number) => number): number =>
    Array.from(judged).filter((i, k) => decided(k) === labelOf(i)).length / judged.length;
  const row = made!.probes!.rows.find((r) => r.features === 'f.down' && r.label === 'glasses')!;
  assert.equal(row.accuracy, [share((k) => predicted[k]!)]);
  assert.is(row.classes, 2);
  const usual = Number(2 * labels.reduce((a, b) => a + b, 0) > labels.length);
  assert.equal(row.chance, [share(() => usual)]);
});

test('numbers as classes: each its own, or above and below zero or the median', () => {
  const names = (...values: number[]): string[] => {
    const { classes: all, labelOf } = classesOfNumbers(Float32Array.from(values));
    return values.map((_, i) => all[labelOf(i)]!);
  };
  assert.equal(names(1, 0, 1), ['1', '0', '1']);
  const many = Array.from({ length: 12 }, (_, i) => i - 4);
  assert.equal(
    names(...many),
    many.map((v) => (v < 0 ? 'below 0' : 'from 0')),
  );
  assert.equal(names(...many.map((v) => v + 10)).filter((name) => name === 'from 12').length, 6);
});

test.run();
