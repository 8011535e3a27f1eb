/** @file ED2L's adversarial gradients have closed forms at the dispeller's logits (docs/architecture.md, "Closed forms"): y the softmax, e the one-hot class, u uniform. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelIR } from '../../compiler/model/ir.js';
import { interpret } from '../support/interpret.js';
import { randomSample, stepsOf, tinyModel } from '../support/zoo.js';

const BATCH = 4;
const CLASSES = 3;
const LAMBDA = 10;

interface Found {
  /** Gradient of the dispeller's bias: the mean over the batch of its adjoint at the logits. */
  readonly dispeller: Float64Array;
  /** Gradient of the last bias of the dispelling branch: the same mean at `f_p`. */
  readonly branch: Float64Array;
  /** The dispeller's kernel, one row per feature. */
  readonly kernel: Float32Array;
  /** y, e per sample. */
  readonly y: Float64Array;
  readonly e: Float64Array;
}

function measure(model: ModelIR): Found {
  const sample = randomSample(model, BATCH, 5);
  const { steps } = stepsOf(model);
  const { graph, forward } = steps[0]!;
  const feeds = new Map<string, ArrayLike<number>>(sample.values);
  for (const n of graph.nodes)
    if (n.op === 'slot')
      feeds.set(
        `${String(n.attrs['path'])}/${String(n.attrs['slot'])}`,
        new Float64Array(sample.values.get(n.attrs['path'] as string)!.length),
      );
  const cut = { ...graph, nodes: graph.nodes.filter((n) => !n.op.endsWith('_update')) };
  const values = interpret(cut, feeds, BATCH, sample.scalars);
  const logits = values[forward.nodes.find((n) => n.name === 'z_p')!.outputs[0]!]!;
  const y = new Float64Array(logits.length);
  for (let b = 0; b < BATCH; b++) {
    const row = logits.subarray(b * CLASSES, (b + 1) * CLASSES).map(Math.exp);
    const sum = row.reduce((s, x) => s + x, 0);
    row.forEach((x, j) => (y[b * CLASSES + j] = x / sum));
  }
  const e = new Float64Array(logits.length);
  sample.values.get('expression')!.forEach((c, b) => (e[b * CLASSES + c] = 1));
  const gradient = (path: string): Float64Array =>
    values[graph.outputs.find((o) => o.role === 'gradient' && o.name === path)!.value]!;
  return {
    dispeller: gradient('dispeller.bias'),
    branch: gradient('dispelling.dense.bias'),
    kernel: sample.values.get('dispeller.kernel') as Float32Array,
    y,
    e,
  };
}

const meanOver = (f: (i: number) => number): number[] =>
  Array.from(
    { length: CLASSES },
    (_, j) => Array.from({ length: BATCH }, (__, b) => f(b * CLASSES + j)).reduce((s, x) => s + x, 0) / BATCH,
  );

const close = (found: ArrayLike<number>, expected: readonly number[]): void => {
  expected.forEach((x, i) => assert.ok(Math.abs(found[i]! - x) < 1e-6, `${found[i]} is not ${x}`));
};

/** What arrives at the features when `atLogits` stands at the logits. */
const pulledBack = (kernel: Float32Array, atLogits: readonly number[]): number[] =>
  Array.from({ length: kernel.length / CLASSES }, (_, f) =>
    atLogits.reduce((sum, x, j) => sum + x * kernel[f * CLASSES + j]!, 0),
  );

/** Times λ, at the logits: what the dispeller gets, and what the branch and the base get through it. */
const FORMS = {
  'y - e': ({ y, e }: Found, i: number) => LAMBDA * (y[i]! - e[i]!),
  'y - u': ({ y }: Found, i: number) => LAMBDA * (y[i]! - 1 / CLASSES),
  '2y - e - u': ({ y, e }: Found, i: number) => LAMBDA * (2 * y[i]! - e[i]! - 1 / CLASSES),
};

for (const [file, name, dispeller, branch] of [
  ['ed2l', 'ed2l', 'y - e', 'y - u'],
  ['readings', 'introduction', '2y - e - u', 'y - u'],
  ['readings', 'unrouted', '2y - e - u', '2y - e - u'],
] as const) {
  test(`${name}: the dispeller gets ${dispeller}, the dispelling branch ${branch}`, () => {
    const found = measure(tinyModel(`specs/${file}.ed2l`, name));
    close(
      found.dispeller,
      meanOver((i) => FORMS[dispeller](found, i)),
    );
    close(
      found.branch,
      pulledBack(
        found.kernel,
        meanOver((i) => FORMS[branch](found, i)),
      ),
    );
  });
}

test('l_p is the cross-entropy to the uniform distribution: at uniform logits its gradient is zero', () => {
  const model = tinyModel('specs/ed2l.ed2l', 'ed2l');
  const sample = randomSample(model, BATCH, 5);
  for (const path of ['dispeller.kernel', 'dispeller.bias'])
    sample.values.set(path, new Float32Array(sample.values.get(path)!.length));
  const { steps } = stepsOf(model);
  const { graph } = steps[0]!;
  const feeds = new Map<string, ArrayLike<number>>(sample.values);
  for (const n of graph.nodes)
    if (n.op === 'slot')
      feeds.set(
        `${String(n.attrs['path'])}/${String(n.attrs['slot'])}`,
        new Float64Array(sample.values.get(n.attrs['path'] as string)!.length),
      );
  const cut = { ...graph, nodes: graph.nodes.filter((n) => !n.op.endsWith('_update')) };
  const values = interpret(cut, feeds, BATCH, sample.scalars);
  for (const { role, name, value } of graph.outputs) {
    if (role === 'gradient' && name.startsWith('dispelling.'))
      assert.ok(
        values[value]!.every((x) => Math.abs(x) < 1e-12),
        name,
      );
  }
});

test.run();
