/** @file Optimizers against their published rules, written out in double precision (PyTorch's meaning of each option), with gradients known in closed form. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngines } from '../support/engines.js';
import { randomFrom } from '../support/random-graph.js';
import { batchOf, iterateAll, trainable, valuesOf } from '../support/training.js';

const engines = await openEngines();
const STEPS = 7;
const FEATURES = 3;

/** The mean of a dense layer: its gradient is the mean of the batch in the kernel, and 1 in the bias. */
const spec = (using: string): string => `
  model m {
    input x : vector[${FEATURES}]
    group head = dense(1, init: constant(0.5))
    loss l = mean(head(x))
      updates head
    train {
      minimize l using ${using}
      batch 4
      epochs 1
    }
  }`;

const random = randomFrom(4);
const BATCHES = Array.from({ length: STEPS }, () =>
  batchOf(Array.from({ length: 4 }, () => Array.from({ length: FEATURES }, () => 4 * random() - 1))),
);

/** Gradients of kernel and bias, one array. */
const gradientAt = (i: number): number[] => {
  const { images, n } = BATCHES[i]!;
  const mean = Array.from({ length: FEATURES }, () => 0);
  images.forEach((x, k) => (mean[k % FEATURES]! += x / n));
  return [...mean, 1];
};

const BIAS = FEATURES;
const progressOf = (i: number): number => i / (STEPS - 1);

/** What one step makes of θ (kernel and bias) in place, given its number from 1; state lives in the closure. */
type Rule = (theta: number[], g: number[], count: number) => void;

const perElement = (f: (theta: number, g: number, k: number, count: number) => number): Rule => {
  return (theta, g, count) => theta.forEach((t, k) => (theta[k] = f(t, g[k]!, k, count)));
};

function sgd(o: {
  rate: number | ((i: number) => number);
  momentum?: number;
  nesterov?: boolean;
  decay?: number;
  biasRate?: number;
  biasDecays?: boolean;
}): Rule {
  const buffer = Array.from({ length: FEATURES + 1 }, () => 0);
  return perElement((t, g, k, count) => {
    const base = typeof o.rate === 'number' ? o.rate : o.rate(count - 1);
    const rate = k === BIAS ? base * (o.biasRate ?? 1) : base;
    const decay = k === BIAS && o.biasDecays === false ? 0 : (o.decay ?? 0);
    let d = g + decay * t;
    if (o.momentum) {
      buffer[k] = count === 1 ? d : o.momentum * buffer[k]! + d;
      d = o.nesterov ? d + o.momentum * buffer[k]! : buffer[k]!;
    }
    return t - rate * d;
  });
}

function adam(o: {
  rate: number;
  betas: [number, number];
  epsilon: number;
  decay?: number;
  decoupled?: boolean;
}): Rule {
  const m = Array.from({ length: FEATURES + 1 }, () => 0);
  const v = Array.from({ length: FEATURES + 1 }, () => 0);
  return perElement((t, g, k, count) => {
    const shrunk = o.decoupled ? t * (1 - o.rate * o.decay!) : t;
    const d = o.decoupled ? g : g + (o.decay ?? 0) * t;
    m[k] = o.betas[0] * m[k]! + (1 - o.betas[0]) * d;
    v[k] = o.betas[1] * v[k]! + (1 - o.betas[1]) * d ** 2;
    const mHat = m[k]! / (1 - o.betas[0] ** count);
    const vHat = v[k]! / (1 - o.betas[1] ** count);
    return shrunk - (o.rate * mHat) / (Math.sqrt(vHat) + o.epsilon);
  });
}

function rmsprop(o: { rate: number; alpha: number; epsilon: number; decay?: number }): Rule {
  const square = Array.from({ length: FEATURES + 1 }, () => 0);
  return perElement((t, g, k) => {
    const d = g + (o.decay ?? 0) * t;
    square[k] = o.alpha * square[k]! + (1 - o.alpha) * d ** 2;
    return t - (o.rate * d) / (Math.sqrt(square[k]!) + o.epsilon);
  });
}

/** All gradients of the optimizer scaled together. */
const clipped =
  (limit: number, rule: Rule): Rule =>
  (theta, g, count) => {
    const norm = Math.hypot(...g);
    rule(theta, norm > limit ? g.map((x) => (x * limit) / norm) : g, count);
  };

const clamped =
  (bound: number, rule: Rule): Rule =>
  (theta, g, count) => {
    rule(theta, g, count);
    theta.forEach((t, k) => (theta[k] = Math.min(bound, Math.max(-bound, t))));
  };

const CASES: Readonly<Record<string, Rule>> = {
  'sgd(rate: 0.1)': sgd({ rate: 0.1 }),
  'sgd(rate: 0.1, momentum: 0.9)': sgd({ rate: 0.1, momentum: 0.9 }),
  'sgd(rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.2)': sgd({
    rate: 0.1,
    momentum: 0.9,
    nesterov: true,
    decay: 0.2,
  }),
  'sgd(rate: 0.1, weight_decay: 0.5, decay_on: kernels)': sgd({ rate: 0.1, decay: 0.5, biasDecays: false }),
  'sgd(rate: 0.1, weight_decay: 0.5, decoupled: true)': perElement((t, g) => t * (1 - 0.1 * 0.5) - 0.1 * g),
  'sgd(rate: 0.1, bias_rate: 2)': sgd({ rate: 0.1, biasRate: 2 }),
  'sgd(rate: 0.1, clip_norm: 1.2)': clipped(1.2, sgd({ rate: 0.1 })),
  'sgd(rate: 0.3, momentum: 0.5, clamp: 0.6)': clamped(0.6, sgd({ rate: 0.3, momentum: 0.5 })),
  'sgd(rate: linear(from: 0.3, to: 0.1))': sgd({ rate: (i) => 0.3 - 0.2 * progressOf(i) }),
  'adam()': adam({ rate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8 }),
  'adam(rate: 0.05, beta1: 0.5, beta2: 0.9, epsilon: 0.01)': adam({
    rate: 0.05,
    betas: [0.5, 0.9],
    epsilon: 0.01,
  }),
  'adam(rate: 0.05, weight_decay: 0.3)': adam({
    rate: 0.05,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    decay: 0.3,
  }),
  'adam(rate: 0.05, weight_decay: 0.3, decoupled: true)': adam({
    rate: 0.05,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    decay: 0.3,
    decoupled: true,
  }),
  'adam(rate: 0.05, clip_norm: 0.5)': clipped(0.5, adam({ rate: 0.05, betas: [0.9, 0.999], epsilon: 1e-8 })),
  'rmsprop(rate: 0.01)': rmsprop({ rate: 0.01, alpha: 0.9, epsilon: 1e-8 }),
  'rmsprop(rate: 0.01, decay: 0.5, epsilon: 0.1, weight_decay: 0.4)': rmsprop({
    rate: 0.01,
    alpha: 0.5,
    epsilon: 0.1,
    decay: 0.4,
  }),
};

for (const [using, rule] of Object.entries(CASES)) {
  test(using, () => {
    const compiled = trainable(spec(using));
    const runs = engines.map((engine) => iterateAll(engine, compiled, BATCHES));
    const theta = [...Array.from({ length: FEATURES }, () => 0.5), 0];
    for (let i = 0; i < STEPS; i++) {
      rule(theta, gradientAt(i), i + 1);
      runs.forEach(({ states }, e) => {
        const found = [...valuesOf(states[i + 1]!, 'head.kernel'), ...valuesOf(states[i + 1]!, 'head.bias')];
        found.forEach((x, k) =>
          assert.ok(
            Math.abs(x - theta[k]!) < 1e-5,
            `${engines[e]!.name}, step ${i + 1}, element ${k}: ${x} is not ${theta[k]}`,
          ),
        );
      });
    }
  });
}

/** Groups of one number each, all 1 at first, on an input that is 1. */
const alternating = (steps: string, groups = ['g', 'd']): string => `
  model m {
    input x : vector[1]
    ${groups.map((g) => `group ${g} = dense(1, bias: false, init: constant(1))`).join('\n    ')}
    loss l_g = 100 * mean(g(x))
      updates g
    loss l_d = -0.01 * mean(d(x))
      updates d
    train {
      ${steps}
      batch 1
      epochs 1
    }
  }`;

const ONES = (n: number): ReturnType<typeof batchOf>[] => Array.from({ length: n }, () => batchOf([[1]]));

// One Adam whose moments are shared by position turns D around: 0.80 after three steps.
test('alternating steps keep their own moments: G falls to 0.70 and D rises to 1.30', () => {
  const compiled = trainable(
    alternating(`step one { minimize l_g using adam(rate: 0.1) }
      step two { minimize l_d using adam(rate: 0.1) }`),
  );
  for (const engine of engines) {
    const last = iterateAll(engine, compiled, ONES(3)).states.at(-1)!;
    assert.ok(Math.abs(valuesOf(last, 'g.kernel')[0]! - 0.7) < 1e-4);
    assert.ok(Math.abs(valuesOf(last, 'd.kernel')[0]! - 1.3) < 1e-4);
  }
});

test('one group in two steps has moments and an update count in each', () => {
  const compiled = trainable(`
    model m {
      input x : vector[1]
      group g = dense(1, bias: false, init: constant(1))
      loss up   = -mean(g(x))
        updates g
      loss down = 3 * mean(square(g(x)))
        updates g
      train {
        step one { minimize up using adam(rate: 0.1, beta1: 0.6, beta2: 0.7) }
        step two every 2 { minimize down using adam(rate: 0.2, beta1: 0.6, beta2: 0.7) }
        batch 1
        epochs 1
      }
    }`);
  const rules = [0.1, 0.2].map((rate) => adam({ rate, betas: [0.6, 0.7], epsilon: 1e-8 }));
  const theta = [1];
  const counts = [0, 0];
  const { states } = iterateAll(engines[0], compiled, ONES(6));
  for (let i = 0; i < 6; i++) {
    rules[0]!(theta, [-1], ++counts[0]!);
    if ((i + 1) % 2 === 0) rules[1]!(theta, [6 * theta[0]!], ++counts[1]!);
    const found = valuesOf(states[i + 1]!, 'g.kernel')[0]!;
    assert.ok(Math.abs(found - theta[0]!) < 1e-5, `step ${i + 1}: ${found} is not ${theta[0]}`);
  }
});

test('what no step at hand updates stays bit for bit, weight decay or not', () => {
  const decaying = 'using sgd(rate: 0.1, momentum: 0.9, weight_decay: 0.1)';
  const compiled = trainable(
    alternating(`step one { minimize l_g ${decaying} }
      step two every 3 { minimize l_d ${decaying} }`),
  );
  for (const engine of engines) {
    const { states } = iterateAll(engine, compiled, ONES(4));
    const course = states.map((s) => valuesOf(s, 'd.kernel')[0]!);
    assert.equal(course.slice(0, 3), [1, 1, 1]);
    assert.is.not(course[3], 1);
    assert.is(course[4], course[3]);
  }
});

test('an option beyond its range stops the training with the iteration, before anything moves', () => {
  const falling = trainable(spec('sgd(rate: 0.1 - 0.2 * progress)'));
  assert.throws(
    () => iterateAll(engines[0], falling, BATCHES),
    (error: Error) => /at iteration 5, rate of sgd is -0\.0333.*, and must be at least 0/.test(error.message),
  );
  const infinite = trainable(spec('adam(rate: 0.1, weight_decay: 1 / progress)'));
  assert.throws(
    () => iterateAll(engines[0], infinite, BATCHES),
    /at iteration 1, weight_decay of adam is Infinity, and must be finite/,
  );
});

test('no engine keeps a tensor', () => {
  for (const engine of engines) assert.is(engine.memory().tensors, 0);
});

test.run();
