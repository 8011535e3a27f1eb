/** @file What one iteration does besides updates: batch norm, dropout, frozen groups, repeated and rare steps, short batches, scheduled weights. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileEvaluation } from '../../compiler/program.js';
import type { Parameters } from '../../runtime/parameters/initialise.js';
import { runOnEngine } from '../support/engine-run.js';
import { openEngines } from '../support/engines.js';
import { randomFrom } from '../support/random-graph.js';
import { batchOf, iterateAll, trainable, valuesOf, type Trainable } from '../support/training.js';

const engines = await openEngines();
const MOMENTUM = 0.25;
const EPSILON = 1e-5;

const close = (found: readonly number[], expected: readonly number[], what: string): void => {
  assert.is(found.length, expected.length, what);
  expected.forEach((x, i) =>
    assert.ok(
      Math.abs(found[i]! - x) <= 1e-5 * Math.max(1, Math.abs(x)),
      `${what}: ${found} is not ${expected}`,
    ),
  );
};

/** Rows of [height × width × channels] numbers. */
const random = randomFrom(9);
const SIZE = [2, 3, 2] as const;
const rowsOf = (n: number): number[][] =>
  Array.from({ length: n }, () => Array.from({ length: 12 }, () => 3 * random() - 1));

/** Mean, biased and unbiased variance of a channel over all pixels of all rows, after `f`. */
function moments(rows: readonly number[][], channel: number, f: (x: number) => number = (x) => x) {
  const values = rows.flatMap((row) => row.filter((_, i) => i % 2 === channel)).map(f);
  const mean = values.reduce((s, x) => s + x, 0) / values.length;
  const squares = values.reduce((s, x) => s + (x - mean) ** 2, 0);
  return { mean, biased: squares / values.length, unbiased: squares / (values.length - 1) };
}

const normSpec = (losses: string, train: string): string => `
  model m {
    input x : image[${SIZE.join(', ')}]
    group scaler = batch_norm(momentum: ${MOMENTUM}, epsilon: ${EPSILON})
    group head = flatten() |> dense(1, init: constant(0.1))
    ${losses}
    predict out = scaler(x)
    train {
      ${train}
      batch 4
      epochs 1
    }
  }`;

const USING = 'using sgd(rate: 0.1)';
const statistics = (p: Parameters): number[][] => [
  valuesOf(p, 'scaler.mean'),
  valuesOf(p, 'scaler.variance'),
];

/** The running statistics after one move by these batch statistics. */
const movedBy = (
  means: readonly number[],
  variances: readonly number[],
  from = [
    [0, 0],
    [1, 1],
  ],
): number[][] =>
  [means, variances].map((batch, k) => batch.map((b, c) => (1 - MOMENTUM) * from[k]![c]! + MOMENTUM * b));

test('running statistics move once per step, by the mean and the unbiased variance of the batch', () => {
  const rows = rowsOf(4);
  const compiled = trainable(
    normSpec('loss l = mean(head(scaler(x)))\n updates scaler, head', `minimize l ${USING}`),
  );
  const [a, b] = [moments(rows, 0), moments(rows, 1)];
  for (const engine of engines) {
    const { states } = iterateAll(engine, compiled, [batchOf(rows), batchOf(rows)]);
    const once = movedBy([a.mean, b.mean], [a.unbiased, b.unbiased]);
    statistics(states[1]!).forEach((found, i) => close(found, once[i]!, `${engine.name}, once`));
    const twice = movedBy([a.mean, b.mean], [a.unbiased, b.unbiased], once);
    statistics(states[2]!).forEach((found, i) => close(found, twice[i]!, `${engine.name}, twice`));
  }
});

test('two applications in one step normalise apart and move the statistics once, by their mean', () => {
  const rows = rowsOf(4);
  const compiled = trainable(
    normSpec(
      'loss l = mean(head(scaler(x))) + mean(head(scaler(2 * x + 1)))\n updates scaler, head',
      `minimize l ${USING}`,
    ),
  );
  const channels = [0, 1].map((c) => [moments(rows, c), moments(rows, c, (x) => 2 * x + 1)] as const);
  const expected = movedBy(
    channels.map(([a, b]) => (a.mean + b.mean) / 2),
    channels.map(([a, b]) => (a.unbiased + b.unbiased) / 2),
  );
  for (const engine of engines) {
    const { states, measured } = iterateAll(engine, compiled, [batchOf(rows)]);
    statistics(states[1]!).forEach((found, i) => close(found, expected[i]!, engine.name));
    // Each application is centred by its own batch, so both means are that of beta: 0.
    assert.ok(Math.abs(measured[0]!['l']!) < 1e-5);
  }
});

test('only a step that updates the group moves its statistics, though every step normalises by its batch', () => {
  const rows = rowsOf(4);
  const losses = `loss own = mean(square(scaler(x)))
      updates scaler
    loss other = mean(head(scaler(x)))
      updates head`;
  const both = (one: string): Trainable =>
    trainable(
      normSpec(losses, `step one ${one} { minimize own ${USING} } step two { minimize other ${USING} }`),
    );
  const c = [moments(rows, 0), moments(rows, 1)];
  const means = c.map((m) => m.mean);
  const variances = c.map((m) => m.unbiased);
  for (const engine of engines) {
    const rare = iterateAll(engine, both('every 2'), [batchOf(rows), batchOf(rows)]);
    assert.equal(
      statistics(rare.states[1]!),
      [
        [0, 0],
        [1, 1],
      ],
      'step two alone',
    );
    // The batch is centred, so its mean through a constant head is that of beta.
    assert.ok(Math.abs(rare.measured[0]!['other']!) < 1e-5);
    statistics(rare.states[2]!).forEach((found, i) => close(found, movedBy(means, variances)[i]!, 'once'));

    const repeated = iterateAll(engine, both('repeat 2'), [batchOf(rows)]);
    const twice = movedBy(means, variances, movedBy(means, variances));
    statistics(repeated.states[1]!).forEach((found, i) => close(found, twice[i]!, 'repeated'));
  }
});

/** Statistics as if there had been a long training. */
function trained(compiled: Trainable, engine = engines[0]): Parameters {
  const { states } = iterateAll(engine, compiled, [batchOf(rowsOf(4))]);
  return new Map(states[1]!)
    .set('scaler.mean', { shape: [2], data: Float32Array.of(0.5, -1) })
    .set('scaler.variance', { shape: [2], data: Float32Array.of(4, 0.25) })
    .set('scaler.gamma', { shape: [2], data: Float32Array.of(1, 2) })
    .set('scaler.beta', { shape: [2], data: Float32Array.of(0, 3) });
}

/** γ (x - μ) / √(σ² + ε) + β with the numbers above. */
const evaluated = (x: number, i: number): number =>
  i % 2 === 0 ? (x - 0.5) / Math.sqrt(4 + EPSILON) : (2 * (x + 1)) / Math.sqrt(0.25 + EPSILON) + 3;

const meanOf = (values: readonly number[]): number => values.reduce((s, x) => s + x, 0) / values.length;

test('`freeze`, `freeze statistics` and evaluation normalise by the running statistics, which stay', () => {
  const rows = rowsOf(4);
  const squares = meanOf(rows.flatMap((row) => row.map((x, i) => evaluated(x, i) ** 2)));
  const losses = `loss l = mean(square(scaler(x))) + 0 * mean(head(scaler(x)))
      updates all`;
  const cases = [
    { freeze: 'freeze scaler', moves: false },
    { freeze: 'freeze statistics scaler', moves: true },
  ];
  for (const engine of engines) {
    for (const { freeze, moves } of cases) {
      const compiled = trainable(normSpec(losses, `minimize l ${USING}\n      ${freeze}`));
      const parameters = trained(compiled);
      const { states, measured } = iterateAll(engine, compiled, [batchOf(rows)], { parameters });
      close([measured[0]!['l']!], [squares], freeze);
      assert.equal(
        statistics(states[1]!),
        [
          [0.5, -1],
          [4, 0.25],
        ],
        freeze,
      );
      assert.is(valuesOf(states[1]!, 'scaler.gamma')[0] !== 1, moves, freeze);
      assert.is(valuesOf(states[1]!, 'scaler.beta')[1] !== 3, moves, freeze);
    }
    const compiled = trainable(normSpec(losses, `minimize l ${USING}`));
    const values = new Map([...trained(compiled)].map(([path, { data }]) => [path, data]));
    values.set('x', Float32Array.from(rows.flat()));
    const sample = { batch: 4, values, scalars: { batch: 4 } };
    const { outputs } = runOnEngine(engine, compileEvaluation(compiled.model), sample);
    close(
      [...outputs.get('predict:out')!],
      rows.flatMap((row) => row.map(evaluated)),
      'evaluation',
    );
  }
});

const WIDTH = 40;

/** Two losses on two heads behind one dropout, whose gradients show its mask. */
const dropoutSpec = (extra = '', train = '', rate = '0.25'): string => `
  model m {
    input x : vector[${WIDTH}]
    group front = dropout(${rate}) |> dense(${WIDTH}, bias: false, init: constant(0.01))
    group one = dense(1, bias: false, init: constant(0))
    group two = dense(1, bias: false, init: constant(0))
    ${extra}
    h = dropout(x, ${rate})
    loss a = mean(one(h)) + 0 * mean(front(x))
      updates one, front
    loss b = mean(two(h))
      updates two
    predict out = one(h)
    train {
      minimize a + b using sgd(rate: 1)
      batch 1
      epochs 1
      ${train}
    }
  }`;

const ones = batchOf([Array.from({ length: WIDTH }, () => 1)]);

/** The mask of each iteration, read off the gradient of a head on inputs of 1. */
function masks(text: string, head: string, seed: number, iterations = 2, engine = engines[0]): number[][] {
  const { states } = iterateAll(engine, trainable(text), Array(iterations).fill(ones), { seed });
  const courses = states.map((s) => valuesOf(s, `${head}.kernel`));
  return courses.slice(1).map((now, i) => now.map((x, k) => Math.round(3e4 * (courses[i]![k]! - x)) / 3e4));
}

test('a dropout is drawn once per execution: all adjoints share it, and kept elements are scaled by 1 / (1 - rate)', () => {
  const [first, second] = masks(dropoutSpec(), 'one', 1) as [number[], number[]];
  assert.equal(masks(dropoutSpec(), 'two', 1), [first, second]);
  for (const engine of engines.slice(1))
    assert.equal(masks(dropoutSpec(), 'one', 1, 2, engine), [first, second], engine.name);
  const kept = Math.round(3e4 * (4 / 3)) / 3e4;
  assert.equal(new Set(first), new Set([first[0]!, first[0] === 0 ? kept : 0]));
  assert.not.equal(first, second, 'every iteration draws anew');
  assert.not.equal(masks(dropoutSpec(), 'one', 2)[0], first, 'every seed has its own');
  const many = Array.from({ length: 12 }, (_, i) => masks(dropoutSpec(), 'one', 50 + i, 1)[0]!).flat();
  const share = many.filter((m) => m === 0).length / many.length;
  // Four standard deviations of 480 draws.
  assert.ok(Math.abs(share - 0.25) < 0.08, String(share));
});

test('what a dropout draws does not depend on other dropouts in the text', () => {
  const before = `group zero = dropout(0.5) |> dense(1)
    loss c = mean(zero(x))
      updates zero`;
  const text = dropoutSpec(before).replace('minimize a + b', 'minimize c + a + b');
  assert.equal(masks(text, 'one', 1), masks(dropoutSpec(), 'one', 1));
});

test('dropout is off in a frozen group and in evaluation', () => {
  const live = trainable(dropoutSpec());
  const frozen = trainable(dropoutSpec('', 'freeze front'));
  const count = (t: Trainable): number =>
    t.stage.steps[0]!.graph.nodes.filter((n) => n.op === 'dropout_mask').length;
  assert.is(count(live) - count(frozen), 1);
  assert.is(compileEvaluation(live.model).nodes.filter((n) => n.op === 'dropout_mask').length, 0);
});

test('a scheduled dropout rate is followed, and refused outside its range', () => {
  const text = dropoutSpec('', '', 'progress');
  const [first] = masks(text, 'one', 1, 1) as [number[]];
  assert.equal(new Set(first), new Set([1]), 'nothing is dropped at rate 0');
  assert.throws(() => masks(text, 'one', 1, 2), /at iteration 2, the rate of dropout is 1/);
});

/** One number under a parabola: sgd at rate 0.1 makes θ (1 - 0.2 x²) of it. */
const parabola = (minimize: string): string => `
  model m {
    input x : vector[1]
    group g = dense(1, bias: false, init: constant(1))
    loss l = mean(square(g(x)))
      updates g
    train { ${minimize} batch 4 epochs 1 }
  }`;

const course = (text: string, batches: readonly ReturnType<typeof batchOf>[]): number[] =>
  iterateAll(engines[0]!, trainable(text), batches).states.map((s) => valuesOf(s, 'g.kernel')[0]!);

const unit = batchOf([[1], [1]]);

test('each repetition runs forward afresh; a rare step runs in its own iterations', () => {
  close(course(parabola(`step s repeat 3 { minimize l ${USING} }`), [unit]), [1, 0.8 ** 3], 'repeat');
  const rare = course(parabola(`step s every 2 { minimize l ${USING} }`), [unit, unit, unit, unit]);
  close(rare, [1, 1, 0.8, 0.8, 0.64], 'every');
});

test('a short batch is averaged over its own samples', () => {
  const batches = [batchOf([[1], [2], [3], [0]]), batchOf([[1], [3]])];
  const theta = [1, 1 - 0.2 * (14 / 4)];
  close(course(parabola(`minimize l ${USING}`), batches), [...theta, theta[1]! * (1 - 0.2 * 5)], 'short');
});

test('weights follow their schedule iteration by iteration', () => {
  const found = course(parabola(`minimize (1 + iteration) * l ${USING}`), [unit, unit, unit]);
  close(found, [1, 0.8, 0.8 * 0.6, 0.8 * 0.6 * 0.4], 'weights');
  const rising = (weight: string): string => parabola(`minimize ${weight} * l ${USING}`);
  assert.throws(
    () => course(rising('(1 / progress)'), [unit, unit]),
    /at iteration 1, a scheduled number is Infinity, and must be finite/,
  );
  const named = rising('steep').replace('input x', 'hyper steep = log(progress)\n input x');
  assert.throws(() => course(named, [unit, unit]), /at iteration 1, steep is -Infinity, and must be finite/);
});

test('no engine keeps a tensor', () => {
  for (const engine of engines) assert.is(engine.memory().tensors, 0);
});

test.run();
