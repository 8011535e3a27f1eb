/** @file Choices of training that the paper leaves open, each told from its neighbour by what a step does (docs/paper-choices.md, A3, A6, L7 to L10, O1, O2). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROLES } from '../../compiler/model/ir.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { batchOf, iterateAll, trainable, valuesOf, type Observed } from '../support/training.js';

const cpu = await openEngine('cpu');

const ROWS = [
  [0.5, -1, 2, 0.1],
  [-0.3, 0.2, -1, 1],
  [2, 0.3, 0.4, -1],
];

const layered = (using: string): string => `
  model m {
    input x : image[2, 2, 1]
    label y : class[2]
    group g = conv(2) |> batch_norm() |> prelu() |> flatten() |> dense(2)
    loss l = cross_entropy(g(x), y) updates g
    train { minimize l using ${using} batch 3 epochs 1 }
  }`;

const once = (text: string): Observed => iterateAll(cpu, trainable(text), [batchOf(ROWS, [0, 1, 1])]);

for (const roles of [[...ROLES], ['kernel'], ['kernel', 'bias', 'slope'], ['kernel', 'gamma', 'beta'], []]) {
  const on = roles.length === ROLES.length ? 'all' : `[${roles.join(', ')}]`;
  test(`weight decay on ${on} reaches these parameters and no others`, () => {
    const RATE = 0.25;
    const DECAY = 0.5;
    const { model } = trainable(layered('sgd(0.25)'));
    const plain = once(layered(`sgd(rate: ${RATE})`));
    const decayed = once(layered(`sgd(rate: ${RATE}, weight_decay: ${DECAY}, decay_on: ${on})`));
    for (const { path, role } of model.groups[0]!.parameters) {
      const before = valuesOf(plain.states[0]!, path);
      const without = valuesOf(plain.states[1]!, path);
      valuesOf(decayed.states[1]!, path).forEach((x, i) => {
        const share = roles.includes(role) ? RATE * DECAY * before[i]! : 0;
        assert.ok(Math.abs(x - (without[i]! - share)) < 1e-6, `${path}: ${x}`);
      });
    }
  });
}

test('a rate and a decay of its own for a layer: a group with an optimizer of its own', () => {
  const text = (using: string): string => `
    model m {
      input x : vector[4]
      label y : class[2]
      group body = dense(3)
      group head = dense(2)
      loss l = cross_entropy(head(body(x)), y) updates all
      train { minimize l ${using} batch 3 epochs 1 }
    }`;
  const moved = (observed: Observed, path: string): number[] => {
    const before = valuesOf(observed.states[0]!, path);
    return valuesOf(observed.states[1]!, path).map((x, i) => x - before[i]!);
  };
  const same = once(text('using sgd(0.1)'));
  const other = once(text('using sgd(0.1) using sgd(1) for head'));
  moved(other, 'head.kernel').forEach((x, i) =>
    assert.ok(Math.abs(x - 10 * moved(same, 'head.kernel')[i]!) < 1e-6),
  );
  assert.equal(moved(other, 'body.kernel'), moved(same, 'body.kernel'));
});

/** ED2L's shape with one number per part, so that who moved can be read off. */
const adversaries = (train: string, audit = 'd(f)'): string => `
  model m {
    input x : vector[4]
    label y : class[2]
    group base = dense(3)
    group d = dense(2)
    f = base(x)
    z = d(f)
    loss l_a = cross_entropy(${audit}, y) updates d
    loss l_p = -mean(log_softmax(z)) updates base
    train { ${train} batch 3 epochs 1 }
  }`;

const SIMULTANEOUS = 'minimize l_a + l_p using sgd(0.5)';
const STEPS = (repeat: string): string =>
  `step find ${repeat} { minimize l_a using sgd(0.5) } step lose { minimize l_p using sgd(0.5) }`;

const after = (text: string): Record<'base' | 'd', number[]> => {
  const { states } = once(text);
  return { base: valuesOf(states[1]!, 'base.kernel'), d: valuesOf(states[1]!, 'd.kernel') };
};

test('l_a only to the dispeller: by its route, or by a stop at the feature', () => {
  assert.equal(after(adversaries(SIMULTANEOUS)), after(adversaries(SIMULTANEOUS, 'd(stop(f))')));
});

test('simultaneous and alternating updates; k steps of the dispeller', () => {
  const simultaneous = after(adversaries(SIMULTANEOUS));
  const alternating = after(adversaries(STEPS('')));
  // The dispeller learns the same; the base then meets a dispeller that has learned.
  assert.equal(alternating.d, simultaneous.d);
  assert.not.equal(alternating.base, simultaneous.base);
  // Three steps of the dispeller on a base that stands still are three of its own.
  const three = after(adversaries(STEPS('repeat 3')));
  const alone = iterateAll(
    cpu,
    trainable(adversaries(`minimize l_a using sgd(0.5) freeze base`).replace(/loss l_p.*/, '')),
    [1, 2, 3].map(() => batchOf(ROWS, [0, 1, 1])),
  );
  assert.equal(three.d, valuesOf(alone.states[3]!, 'd.kernel'));
  assert.not.equal(three.d, alternating.d);
});

test('one Adam on the routed sum, or one for each loss', () => {
  const shared = (train: string): string => `
    model m {
      input x : vector[4]
      label y : class[2]
      group base = dense(2)
      z = base(x)
      loss one = cross_entropy(z, y) updates base
      loss two = 0.01 * mean(square(z)) updates base
      train { ${train} batch 3 epochs 1 }
    }`;
  const kernel = (train: string): number[][] => {
    const { states } = once(shared(train));
    return [valuesOf(states[0]!, 'base.kernel'), valuesOf(states[1]!, 'base.kernel')];
  };
  // Adam's first step is the rate, whatever the size of the gradient: one step moves by it, two by up to twice as much.
  const [start, sum] = kernel('minimize one + two using adam(rate: 0.01)');
  sum!.forEach((x, i) => assert.ok(Math.abs(Math.abs(x - start![i]!) - 0.01) < 1e-4));
  const [, each] = kernel(
    'step a { minimize one using adam(rate: 0.01) } step b { minimize two using adam(rate: 0.01) }',
  );
  each!.forEach((x, i) => {
    const moved = Math.abs(x - start![i]!);
    assert.ok(moved < 1e-3 || Math.abs(moved - 0.02) < 1e-3, `${moved}`);
  });
});

test.run();
