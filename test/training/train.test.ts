/** @file A whole training: equal seeds give equal bits, progress adds up, and a number that is not finite never reaches a parameter. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../runtime/engines/engine.js';
import { initialise, type Parameters } from '../../runtime/parameters/initialise.js';
import {
  train,
  type IterationProgress,
  type Trained,
  type TrainOptions,
} from '../../runtime/training/train.js';
import { Trainer } from '../../runtime/training/trainer.js';
import { openEngines } from '../support/engines.js';
import { at, batchOf, noise, PLAIN_DATA, trainable } from '../support/training.js';

const engines = await openEngines();
const [cpu] = engines;

const NETWORK = trainable(`
  model m {
    input face : image[6, 5, 1]
    label mood : class[2]
    group base = conv(3, kernel: 3, stride: 2, bias: false) |> batch_norm() |> prelu() |> flatten() |> dropout(0.3)
    group head = dense(2)
    z = head(base(face))
    loss l = cross_entropy(z, mood)
      updates base, head
    train { minimize l using adam(rate: 0.02) batch 4 epochs 4 seed 3 log accuracy(z, mood) }
  }`);

const DATA = { ...PLAIN_DATA, augment: [{ kind: 'flip', amount: 0 } as const] };
const dataset = noise(11, 6, 5, 2);
const everything = Int32Array.from(dataset.samples.keys());

const trainNetwork = (options: Partial<TrainOptions> = {}): Promise<Trained> =>
  train({ engine: cpu, ...NETWORK, dataset, indices: everything, data: DATA, ...options });

const bits = (parameters: Parameters): [string, number[]][] =>
  [...parameters].map(([path, { data }]) => [path, [...new Uint32Array(data.slice().buffer)]]);

test('two trainings with one seed are equal to the bit; another seed is another training', async () => {
  for (const engine of engines) {
    const [first, second] = [await trainNetwork({ engine }), await trainNetwork({ engine })];
    assert.equal(bits(first.parameters), bits(second.parameters), engine.name);
    assert.equal(first.last, second.last);
    const other = await trainNetwork({ engine, seed: 4 });
    assert.not.equal(bits(first.parameters), bits(other.parameters));
  }
});

test('all engines agree on what is learned', async () => {
  const { parameters } = await trainNetwork();
  for (const engine of engines.slice(1)) {
    const other = await trainNetwork({ engine });
    for (const [path, { data }] of parameters) {
      const found = other.parameters.get(path)!.data;
      data.forEach((x, i) =>
        assert.ok(Math.abs(x - found[i]!) < 1e-3 * (1 + Math.abs(x)), `${engine.name}: ${path}`),
      );
    }
  }
});

test('progress counts iterations and epochs, short batches included; measurements carry losses and logs', async () => {
  const seen: IterationProgress[] = [];
  const means: number[] = [];
  const { iterations, last, interrupted, failure } = await trainNetwork({
    onIteration: (p) => seen.push(p),
    onEpoch: ({ measured }) => means.push(measured['l']!),
  });
  // 11 samples in batches of 4: 4, 4 and 3.
  assert.is(iterations, 12);
  assert.equal(
    seen.map((p) => [p.epoch, p.iteration]),
    Array.from({ length: 12 }, (_, i) => [Math.floor(i / 3), i]),
  );
  assert.ok(seen.every((p) => p.epochs === 4 && p.iterations === 12 && p.imagesPerSecond > 0));
  assert.is(Object.keys(seen[0]!.measured).length, 2);
  const epoch = seen.slice(9).map((p) => p.measured['l']!);
  assert.ok(
    Math.abs(last['l']! - (4 * epoch[0]! + 4 * epoch[1]! + 3 * epoch[2]!) / 11) < 1e-9,
    'weighted mean',
  );
  assert.is(means[3], last['l']);
  assert.ok(means[3]! < means[0]!, 'it learns');
  assert.not.ok(interrupted);
  assert.is(failure, undefined);
});

test('a signal ends the training after the iteration at hand, with what was learned', async () => {
  const controller = new AbortController();
  const trained = await trainNetwork({
    signal: controller.signal,
    onIteration: ({ iteration }) => iteration === 4 && controller.abort(),
  });
  assert.is(trained.iterations, 5);
  assert.ok(trained.interrupted);
  assert.not.equal(bits(trained.parameters), bits(initialise(NETWORK.model, 3)));
});

/** One parameter, the loss in question. */
const fragile = (loss: string, rate = '0.1'): ReturnType<typeof trainable> =>
  trainable(`
    model m {
      input x : vector[2]
      group g = dense(1, init: constant(1))
      y = g(x)
      loss l = ${loss}
        updates g
      train { minimize l using sgd(rate: ${rate}) batch 2 epochs 1 }
    }`);

interface Broken {
  readonly message: string;
  readonly before: Parameters;
  readonly after: Parameters;
}

/** Iterates until it throws. */
function breakWith(engine: Engine, compiled: ReturnType<typeof trainable>, rows: number[][][]): Broken {
  const trainer = new Trainer(engine, compiled.model, compiled.stage, initialise(compiled.model, 1), 1);
  let before = trainer.parameters();
  try {
    for (const [i, row] of rows.entries()) {
      before = trainer.parameters();
      trainer.iterate(batchOf(row), at(i, rows.length));
    }
  } catch (error) {
    return { message: (error as Error).message, before, after: trainer.parameters() };
  } finally {
    trainer.close();
  }
  throw new Error('all was finite');
}

const FINE = [[1, 2], [0, 1]]; // prettier-ignore

const FAILURES: readonly (readonly [string, ReturnType<typeof trainable>, number[][][], RegExp])[] = [
  [
    'NaN in the data',
    fragile('mean(square(y))'),
    [FINE, [[1, 2], [NaN, 1]]], // prettier-ignore
    /^at iteration 2, the loss l is not finite; the first tensor that is not: x \(a number of the data is not\)$/,
  ],
  [
    'the logarithm of nothing',
    fragile('mean(log(relu(y)))'),
    [FINE, [[-1, -2], [-3, 1]]], // prettier-ignore
    /^at iteration 2, the loss l is not finite; the first tensor that is not: /,
  ],
  [
    'a rate that explodes',
    fragile('mean(square(y))', '1e15'),
    Array(9).fill(FINE) as number[][][],
    /^at iteration [3-6], the loss l is not finite; the first tensor that is not: /,
  ],
  [
    'a gradient that is undefined under a loss that is not',
    fragile('mean(sqrt(relu(y)))'),
    [FINE, [[-1, -2], [-3, 1]]], // prettier-ignore
    /^at iteration 2, the update of g\.kernel is not finite, though every loss is/,
  ],
  [
    'a step beyond the largest number',
    fragile('mean(square(y))', '1e39'),
    [FINE, FINE],
    /^at iteration 1, the update of g\.kernel is not finite, though every loss is/,
  ],
];

for (const [title, compiled, rows, message] of FAILURES) {
  test(`${title}: the training stops with the iteration and the tensor, and the parameters are the last finite ones`, () => {
    for (const engine of engines) {
      const broken = breakWith(engine, compiled, rows);
      assert.match(broken.message, message);
      assert.equal(bits(broken.after), bits(broken.before), engine.name);
      for (const [path, { data }] of broken.after) assert.ok(data.every(Number.isFinite), path);
    }
  });
}

test('a training that fails is returned with what was learned until then', async () => {
  const compiled = trainable(`
    model m {
      input face : image[6, 5, 1]
      group g = flatten() |> dense(1)
      loss l = mean(square(g(face) - 1))
        updates g
      train { minimize l using sgd(rate: 1e6) batch 4 epochs 30 }
    }`);
  const trained = await train({ engine: cpu, ...compiled, dataset, indices: everything, data: PLAIN_DATA });
  assert.match(trained.failure!.message, /^at iteration \d+, the loss l is not finite/);
  assert.ok(trained.iterations > 0);
  for (const { data } of trained.parameters.values()) assert.ok(data.every(Number.isFinite));
});

test('no engine keeps a tensor', () => {
  for (const engine of engines) assert.is(engine.memory().tensors, 0);
});

test.run();
