/** @file What reductions and `cross_entropy` make of `where`, soft targets, class weights and smoothing: values by the formulas of docs/language.md, gradients by central differences. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelIR } from '../../compiler/model/ir.js';
import { interpret } from '../support/interpret.js';
import { randomFrom } from '../support/random-graph.js';
import { small } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';
import { randomSample, stepsOf } from '../support/zoo.js';

const BATCH = 4;
const CLASSES = 3;
const WEIGHTS = [0.5, 0, 2, 0.25];
const LABELS = [1, 0, 2, 1];

/** z [batch, 3] of the only group, a weight `w` and a label `y` per sample, weights `e` per element, probabilities `p`. */
const modelOfLoss = (expression: string): ModelIR =>
  modelOf(
    checkText(
      small(`
        input x : vector[5]
        input u : vector[1]
        input e : vector[3]
        input q : vector[3]
        label y : class[3]
        w = mean(u, axis: rest)
        p = softmax(q)
        group g = dense(3)
        z = g(x)
        loss l = ${expression} updates g
        loss rest = 0.001 * mean(square(z * w * e * p)) updates g
        train { minimize l + rest using sgd(0.1) }`),
    ),
    'm',
  );

interface Measured {
  readonly loss: number;
  /** One row per sample. */
  readonly z: readonly (readonly number[])[];
  readonly e: readonly (readonly number[])[];
  readonly p: readonly (readonly number[])[];
  readonly gradient: Float64Array;
  /** <gradient, d> and the difference quotient along d. */
  readonly along: readonly [number, number];
}

function measure(
  expression: string,
  change: (values: Map<string, Float64Array>) => void = () => {},
): Measured {
  const model = modelOfLoss(expression);
  const sample = randomSample(model, BATCH, 31);
  const feeds = new Map([...sample.values].map(([name, data]) => [name, Float64Array.from(data)]));
  feeds.set('y', Float64Array.from(LABELS)).set('u', Float64Array.from(WEIGHTS));
  feeds.set(
    'e',
    feeds.get('e')!.map((x, i) => (i % 4 === 0 ? 0 : Math.abs(x))),
  );
  change(feeds);
  const { graph, forward } = stepsOf(model).steps[0]!;
  const run = (values: ReadonlyMap<string, Float64Array>): Float64Array[] =>
    interpret({ ...graph, nodes: graph.nodes.filter((n) => !n.op.endsWith('_update')) }, values, BATCH, {
      ...sample.scalars,
    });
  const id = (role: string, name: string): number =>
    graph.outputs.find((o) => o.role === role && o.name === name)!.value;
  const named = (name: string): number => forward.nodes.find((n) => n.name === name)!.outputs[0]!;
  const values = run(feeds);
  const random = randomFrom(5);
  const direction = feeds.get('g.kernel')!.map(() => random() * 2 - 1);
  const at = (by: number): number => {
    const moved = run(
      new Map(feeds).set(
        'g.kernel',
        feeds.get('g.kernel')!.map((x, i) => x + by * direction[i]!),
      ),
    );
    return moved[id('loss', 'l')]![0]! + moved[id('loss', 'rest')]![0]!;
  };
  const gradient = values[id('gradient', 'g.kernel')]!;
  return {
    loss: values[id('loss', 'l')]![0]!,
    z: rowsOf(values[named('z')]!),
    e: rowsOf(feeds.get('e')!),
    p: rowsOf(values[named('p')]!),
    gradient,
    along: [gradient.reduce((s, x, i) => s + x * direction[i]!, 0), (at(1e-5) - at(-1e-5)) / 2e-5],
  };
}

const rowsOf = (data: Float64Array): number[][] =>
  Array.from({ length: BATCH }, (_, b) => [...data.subarray(b * CLASSES, (b + 1) * CLASSES)]);

const total = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0);
/** Weighted mean; the sum where the weights add up to 0. */
const mean = (xs: readonly number[], ws: readonly number[]): number =>
  total(xs.map((x, i) => x * ws[i]!)) / (total(ws) === 0 ? 1 : total(ws));
const variance = (xs: readonly number[], ws: readonly number[]): number => {
  const center = mean(xs, ws);
  return mean(
    xs.map((x) => (x - center) ** 2),
    ws,
  );
};
const chosen = (xs: readonly number[], ws: readonly number[]): number[] => xs.filter((_, i) => ws[i] !== 0);
const is = (label: number): number[] => LABELS.map((y) => Number(y === label));
/** A weight per sample for each of its elements. */
const spread = (ws: readonly number[]): number[] => ws.flatMap((w) => [w, w, w]);

type Formula = (m: Measured) => number;
const FORMULAS: readonly (readonly [string, Formula])[] = [
  ['mean(z, where: y is 1)', ({ z }) => mean(z.flat(), spread(is(1)))],
  ['mean(z, where: w)', ({ z }) => mean(z.flat(), spread(WEIGHTS))],
  ['mean(z, where: e)', ({ z, e }) => mean(z.flat(), e.flat())],
  ['mean(z, where: e > 0.5)', ({ z, e }) => mean(z.flat(), e.flat().map((x) => Number(x > 0.5)))],
  ['mean(square(mean(z, axis: batch, where: y is 1)))', ({ z }) => total([0, 1, 2].map((j) => mean(z.map((row) => row[j]!), is(1)) ** 2)) / 3],
  ['sum(mean(square(z), axis: rest, where: e))', ({ z, e }) => total(z.map((row, b) => mean(row.map((x) => x * x), e[b]!)))],
  ['sum(mean(z, axis: rest, where: w))', ({ z }) => total(z.map((row, b) => (WEIGHTS[b] === 0 ? 0 : total(row) / 3)))],
  ['sum(z, where: mean(e, axis: batch))', ({ z, e }) => total(z.flat().map((x, i) => (x * total(e.map((row) => row[i % 3]!))) / 4))],
  ['mean(square(normalize(z, axis: batch) - e))', ({ z, e }) => mean(z.flat().map((x, i) => (x / Math.sqrt(total(z.map((row) => row[i % 3]! ** 2))) - e.flat()[i]!) ** 2), spread([1, 1, 1, 1]))],
  ['var(z)', ({ z }) => variance(z.flat(), spread([1, 1, 1, 1]))],
  ['sum(std(z, axis: batch))', ({ z }) => total([0, 1, 2].map((j) => Math.sqrt(variance(z.map((row) => row[j]!), [1, 1, 1, 1]) + 1e-12)))],
  ['sum(z, where: y in [0, 2])', ({ z }) => total(chosen(z.flat(), spread([0, 1, 1, 0])))],
  ['sum(square(z), where: w)', ({ z }) => total(z.flat().map((x, i) => x * x * spread(WEIGHTS)[i]!))],
  ['max(z, where: y is 1)', ({ z }) => Math.max(...chosen(z.flat(), spread(is(1))))],
  ['min(z, where: e > 0)', ({ z, e }) => Math.min(...chosen(z.flat(), e.flat()))],
  ['sum(max(z, axis: rest, where: not (y is 0)))', ({ z }) => total(z.map((row, b) => (LABELS[b] === 0 ? 0 : Math.max(...row))))],
  ['var(z, where: y is 1)', ({ z }) => variance(z.flat(), spread(is(1)))],
  ['var(z, where: e)', ({ z, e }) => variance(z.flat(), e.flat())],
  ['sum(var(z, axis: batch, where: w))', ({ z }) => total([0, 1, 2].map((j) => variance(z.map((row) => row[j]!), WEIGHTS)))],
  ['std(z, where: y is 1)', ({ z }) => Math.sqrt(variance(z.flat(), spread(is(1))) + 1e-12)],
  ['cross_entropy(z, y, where: y is 1)', ({ z }) => mean(z.map((row, b) => entropy(row, oneHot(b))), is(1))],
  ['cross_entropy(z, y, where: w)', ({ z }) => mean(z.map((row, b) => entropy(row, oneHot(b))), WEIGHTS)],
  ['cross_entropy(z, p)', ({ z, p }) => mean(z.map((row, b) => entropy(row, p[b]!)), [1, 1, 1, 1])],
  [
    'cross_entropy(z, p, weights: [1, 2, 0.5], smoothing: 0.2, where: w)',
    ({ z, p }) =>
      mean(
        z.map((row, b) => total([1, 2, 0.5].map((c, j) => c * p[b]![j]!)) * entropy(row, p[b]!.map((x) => 0.8 * x + 0.2 / 3))),
        WEIGHTS,
      ),
  ],
  ['cross_entropy(z, y, weights: [1, 2, 0.5], smoothing: 0.2)', ({ z }) => mean(z.map((row, b) => [1, 2, 0.5][LABELS[b]!]! * entropy(row, oneHot(b).map((x) => 0.8 * x + 0.2 / 3))), [1, 1, 1, 1])],
]; // prettier-ignore

/** -Σ target log softmax(logits). */
const entropy = (logits: readonly number[], target: readonly number[]): number => {
  const sum = Math.log(total(logits.map(Math.exp)));
  return -total(target.map((t, j) => t * (logits[j]! - sum)));
};
const oneHot = (b: number): number[] => [0, 1, 2].map((j) => Number(j === LABELS[b]));

for (const [expression, formula] of FORMULAS) {
  test(`${expression}: value and gradient`, () => {
    const measured = measure(expression);
    const expected = formula(measured);
    assert.ok(Math.abs(measured.loss - expected) < 1e-9, `${measured.loss} is not ${expected}`);
    const [product, quotient] = measured.along;
    assert.ok(
      Math.abs(product - quotient) < 1e-6 * Math.max(1, Math.abs(quotient)),
      `${product} is not ${quotient}`,
    );
  });
}

for (const reduction of ['mean', 'sum', 'max', 'min', 'var', 'std', 'cross_entropy']) {
  const call = (mask: string): string =>
    reduction === 'cross_entropy' ? `cross_entropy(z, y, where: ${mask})` : `${reduction}(z, where: ${mask})`;

  test(`${reduction} of nothing is 0, without a gradient`, () => {
    for (const mask of ['w > 100', ...(reduction === 'max' || reduction === 'min' ? [] : ['0 * w'])]) {
      const nothing = measure(call(mask));
      assert.is(nothing.loss, 0, mask);
      // What is left is the other loss.
      const other = measure('0 * mean(z)').gradient;
      nothing.gradient.forEach((x, i) => assert.ok(Math.abs(x - other[i]!) < 1e-12, mask));
    }
  });

  test(`${reduction}: what is not chosen may change as it likes`, () => {
    const [one, two] = [0, 1].map((by) =>
      measure(call('y is 1'), (values) => values.get('x')!.fill(by, 5, 15)),
    );
    assert.is(one!.loss, two!.loss);
  });
}

test('a NaN that is not chosen has no part in a reduction, nor in its gradient', () => {
  for (const call of ['mean', 'sum', 'max', 'min', 'var', 'std']) {
    for (const mask of ['e > 0', ...(call === 'max' || call === 'min' ? [] : ['e'])]) {
      const { loss, gradient } = measure(`${call}(z + log(q), where: ${mask})`, (values) => {
        values.set(
          'q',
          values.get('q')!.map((x, i) => (i % 4 === 0 ? -1 : 1 + Math.abs(x))),
        );
      });
      assert.ok(Number.isFinite(loss), `${call}, ${mask}`);
      assert.ok(gradient.every(Number.isFinite), `${call}, ${mask}`);
    }
  }
});

test.run();
