/** @file What `where` means for gradients (docs/language.md, "Masks"), against models without masks, closed forms and arithmetic by hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelIR } from '../../compiler/model/ir.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { distance, runOnEngine } from '../support/engine-run.js';
import { small } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';
import { randomSample, stepsOf, type Sample } from '../support/zoo.js';

const BATCH = 4;
const engine = await openEngine('cpu');

const modelWith = (lines: string): ModelIR => modelOf(checkText(small(lines)), 'm');

/** Outputs and new state of the only step. */
function run(model: ModelIR, sample: Sample): ReturnType<typeof runOnEngine> {
  return runOnEngine(engine, stepsOf(model).steps[0]!.graph, sample);
}

function gradientsOf(model: ModelIR, sample: Sample): Map<string, Float32Array> {
  const { graph } = stepsOf(model).steps[0]!;
  // The executor would refuse updates that are not finite.
  const only = { ...graph, outputs: graph.outputs.filter((o) => o.role === 'gradient') };
  const { outputs } = runOnEngine(engine, only, sample);
  return new Map([...outputs].map(([key, data]) => [key.slice('gradient:'.length), data]));
}

/** The sample with other numbers in some of what is fed. */
const withValues = (sample: Sample, changed: Record<string, readonly number[]>): Sample => ({
  ...sample,
  values: new Map([
    ...sample.values,
    ...Object.entries(changed).map(
      ([name, data]) =>
        [
          name,
          sample.values.get(name) instanceof Int32Array ? Int32Array.from(data) : Float32Array.from(data),
        ] as const,
    ),
  ]),
});

/** The batch that holds only sample b. */
function alone(model: ModelIR, sample: Sample, b: number): Sample {
  const fed = [...model.inputs, ...model.labels].map(({ name }): [string, Float32Array | Int32Array] => {
    const data = sample.values.get(name)!;
    const size = data.length / sample.batch;
    return [name, data.slice(b * size, (b + 1) * size)];
  });
  return { batch: 1, scalars: { ...sample.scalars, batch: 1 }, values: new Map([...sample.values, ...fed]) };
}

const sameBits = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

/** Sample-local groups of every kind that has parameters, applied once and twice. `WHERE` stands where the mask goes. */
const masked = (where: string, more = ''): string => `
  input w : vector[1]
  input v : vector[2]
  label y : class[3]
  weight = mean(w, axis: rest)
  group base = dense(4) |> prelu() |> layer_norm()
  group g    = cosine_dense(4) |> tanh()
  group head = dense(3)
  f = base(flatten(x))
  z = head(g(g(f)))
  loss l = cross_entropy(z, y) + mean(square(g(f))) updates base, head, g ${where}
  ${more}
  train { minimize ${more === '' ? 'l' : 'l + k'} using sgd(0.1) }`;

for (const [name, mask] of [
  ['a condition', 'y is 1'],
  ['weights', 'weight'],
] as const) {
  test(`${name}: the masked group gets the mean over the batch of m times the gradient of each sample alone`, () => {
    const model = modelWith(masked(`where ${mask}`));
    const plain = modelWith(masked(''));
    const sample = withValues(randomSample(model, BATCH, 21), { y: [1, 0, 1, 2], w: [0.5, -2, 0, 3] });
    const weights = mask === 'weight' ? [0.5, -2, 0, 3] : [1, 0, 1, 0];
    const found = gradientsOf(model, sample);
    const whole = gradientsOf(plain, sample);
    const single = weights.map((_, b) => gradientsOf(plain, alone(model, sample, b)));
    for (const [path, gradient] of found) {
      const expected = path.startsWith('g.')
        ? gradient.map((_, i) =>
            weights.reduce((sum, m, b) => sum + (m * single[b]!.get(path)![i]!) / BATCH, 0),
          )
        : whole.get(path)!;
      assert.ok(distance(gradient, expected) < 1e-5, `${path}: ${distance(gradient, expected)}`);
    }
    assert.ok(distance(found.get('g.cosine_dense.kernel')!, whole.get('g.cosine_dense.kernel')!) > 0.1);
  });
}

test('a mask on one of two losses leaves the other loss whole, each entering once', () => {
  const k = 'loss k = mean(abs(z)) updates g';
  const model = modelWith(masked('where y is 1', k));
  const sample = withValues(randomSample(model, BATCH, 22), { y: [1, 0, 1, 2] });
  const path = 'g.cosine_dense.kernel';
  const of = (spec: string): Float32Array => gradientsOf(modelWith(spec), sample).get(path)!;
  const [first, plain, plainBoth] = [masked('where y is 1'), masked(''), masked('', k)].map(of);
  const expected = first!.map((x, i) => x + plainBoth![i]! - plain![i]!);
  assert.ok(distance(gradientsOf(model, sample).get(path)!, expected) < 1e-5);
});

test('what a sample without share is changed to leaves the gradient of the masked group bit for bit', () => {
  const model = modelWith(masked('where y is 1'));
  const sample = withValues(randomSample(model, BATCH, 23), { y: [1, 0, 1, 2] });
  const before = gradientsOf(model, sample);
  const size = 8 * 8 * 2;
  const x = [...(sample.values.get('x') as Float32Array)];
  for (const b of [1, 3]) x.fill(b - 1.5, b * size, (b + 1) * size);
  const after = gradientsOf(model, withValues(sample, { x }));
  for (const [path, gradient] of before)
    assert.is(sameBits(gradient, after.get(path)!), path.startsWith('g.'), path);
  x.fill(1, 0, size);
  const moved = gradientsOf(model, withValues(sample, { x })).get('g.cosine_dense.kernel')!;
  assert.not.ok(sameBits(moved, before.get('g.cosine_dense.kernel')!));
});

for (const mask of ['y is 1', 'number(y is 1)']) {
  test(`an adjoint that is NaN stays out where the mask is 0: ${mask}`, () => {
    // The slope of √z² at z = 0 is 0/0, and its value is 0.
    const spec = (where: string): string => `
      group g = dense(1)
      z = g(flatten(x))
      loss l = mean(sqrt(square(z))) updates g ${where}`;
    const model = modelWith(spec(`where ${mask}`));
    const sample = randomSample(model, BATCH, 24);
    const x = [...(sample.values.get('x') as Float32Array)].fill(0, 0, 128);
    const fed = withValues(sample, { x, y: [0, 1, 1, 1], 'g.bias': [0] });
    const finite = (m: ModelIR): boolean => gradientsOf(m, fed).get('g.kernel')!.every(Number.isFinite);
    assert.ok(finite(model));
    assert.not.ok(finite(modelWith(spec(''))));
  });
}

test('a batch without a chosen sample: the gradient is 0, and the optimizer takes its step', () => {
  const model = modelWith(`
    group g = dense(3)
    z = g(flatten(x))
    loss l = cross_entropy(z, y) updates g where y is 1
    train { minimize l using adam(rate: 0.01, weight_decay: 0.1, decoupled: true) }`);
  const sample = withValues(randomSample(model, BATCH, 25), { y: [0, 2, 0, 2] });
  const bias = sample.values.get('g.bias') as Float32Array;
  const moments = { 'g.bias/m': [0.5, -0.25, 0.125], 'g.bias/v': [1, 0.5, 2] };
  const { outputs, state } = run(model, withValues(sample, moments));
  assert.equal([...outputs.get('gradient:g.bias')!], [0, 0, 0]);
  // Adam (Kingma and Ba 2015, algorithm 1) at its first count, without a gradient.
  const [m, v] = [moments['g.bias/m'].map((x) => 0.9 * x), moments['g.bias/v'].map((x) => 0.999 * x)];
  assert.ok(distance(state.get('g.bias/m')!, m) < 1e-6);
  assert.ok(distance(state.get('g.bias/v')!, v) < 1e-6);
  const next = [...bias].map(
    (x, i) => x - 0.01 * 0.1 * x - (0.01 * (m[i]! / 0.1)) / (Math.sqrt(v[i]! / 0.001) + 1e-8),
  );
  assert.ok(distance(state.get('g.bias')!, next) < 1e-5);
});

test('batch norm inside the masked group: the mask acts behind it, and its statistics see all samples', () => {
  const spec = (where: string): string => `
    group g = dense(2) |> batch_norm()
    z = g(flatten(x))
    loss l = mean(square(z - 1)) updates g ${where}`;
  const model = modelWith(spec('where y is 1'));
  const sample = withValues(randomSample(model, BATCH, 26), { y: [1, 0, 1, 2] });
  const found = run(model, sample);
  const plain = run(modelWith(spec('')), sample);
  for (const statistic of ['mean', 'variance'])
    assert.ok(
      sameBits(found.state.get(`g.batch_norm.${statistic}`)!, plain.state.get(`g.batch_norm.${statistic}`)!),
    );
  // As a loss that is masked itself: there is nothing between the exit and the samples' own terms.
  const inLoss = modelWith(`
    group g = dense(2) |> batch_norm()
    z = g(flatten(x))
    loss l = sum(mean(square(z - 1), axis: rest) * number(y is 1)) / 4 updates g`);
  for (const [key, gradient] of run(inLoss, sample).outputs)
    if (key.startsWith('gradient:')) assert.ok(distance(found.outputs.get(key)!, gradient) < 1e-5, key);
});

for (const [mask, factor] of [
  ['y is 1', [0, 1, 0, 1]],
  ['weight', [0.5, 3, 0, 1]],
] as const) {
  test(`stop(z, where: ${mask}) passes 1 - m of each sample's gradient, and z as it is`, () => {
    const model = modelWith(`
      input w : vector[1]
      weight = mean(w, axis: rest)
      group g = dense(3)
      f = flatten(x)
      z = g(f)
      loss l = sum(square(stop(z, where: ${mask}))) updates g`);
    const sample = withValues(randomSample(model, BATCH, 27), { y: [1, 0, 1, 2], w: [0.5, -2, 1, 0] });
    const features = sample.values.get('x') as Float32Array;
    const [kernel, bias] = ['g.kernel', 'g.bias'].map((p) => sample.values.get(p) as Float32Array);
    const z = (b: number, j: number): number =>
      Array.from({ length: 128 }, (_, i) => features[b * 128 + i]! * kernel![i * 3 + j]!).reduce(
        (s, p) => s + p,
        bias![j]!,
      );
    const expected = [0, 1, 2].map((j) => factor.reduce<number>((s, rest, b) => s + 2 * rest * z(b, j), 0));
    const { outputs } = run(model, sample);
    assert.ok(distance(outputs.get('gradient:g.bias')!, expected) < 1e-5);
    const value = [0, 1, 2, 3].flatMap((b) => [0, 1, 2].map((j) => z(b, j) ** 2)).reduce((s, p) => s + p, 0);
    assert.ok(distance(outputs.get('loss:l')!, [value]) < 1e-5);
  });
}

test('a stopped sample keeps its NaN to itself', () => {
  const model = modelWith(`
    group g = dense(1)
    z = stop(g(flatten(x)), where: y is 0)
    loss l = mean(sqrt(square(z))) updates g`);
  const sample = randomSample(model, BATCH, 28);
  const x = [...(sample.values.get('x') as Float32Array)].fill(0, 0, 128);
  const fed = withValues(sample, { x, y: [0, 1, 1, 1], 'g.bias': [0] });
  assert.ok(gradientsOf(model, fed).get('g.kernel')!.every(Number.isFinite));
});

test('no engine keeps a tensor', () => assert.is(engine.memory().tensors, 0));

test.run();
