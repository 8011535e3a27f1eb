/** @file Choices of training that the paper leaves open, each told from its neighbour by what a step does (docs/paper-choices.md, A3, A6, L7 to L10, O1, O2). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROLES } from '../../compiler/model/ir.js';
import { evaluateStepScalars } from '../../compiler/scalar/evaluate.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { train } from '../../runtime/training/train.js';
import { checkText, errorsOf } from '../support/specs.js';
import {
  batchOf,
  iterateAll,
  noise,
  PLAIN_DATA,
  trainable,
  valuesOf,
  type Observed,
} from '../support/training.js';

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

/** The rate in each epoch when these are the means of the epochs before. */
function ratesUnder(schedule: string, means: readonly number[]): number[] {
  const { model, stage } = trainable(layered(`sgd(${schedule})`));
  return means.map((_, epoch) => {
    const history = means.slice(0, epoch).map((l) => ({ l, other: 0 }));
    const scalars = evaluateStepScalars(model, stage.steps[0]!.step, {
      epoch,
      iteration: epoch,
      progress: epoch / means.length,
      history,
    });
    return scalars['optimizer.main.0.rate']!;
  });
}

test('plateau: the rate falls after more than `patience` epochs without a lower mean, and counts anew', () => {
  // As ReduceLROnPlateau(mode=min, threshold=0) of PyTorch: equal is not lower, a rise counts, a new best starts over.
  const means = [5, 4, 4, 4.5, 4, 3, 3, 3, 3, 3, 3, 1];
  assert.equal(
    ratesUnder('plateau(8, l, factor: 0.5, patience: 2)', means),
    [8, 8, 8, 8, 8, 4, 4, 4, 4, 2, 2, 2],
  );
  assert.equal(ratesUnder('plateau(8, l, factor: 0.5, patience: 0)', [2, 2, 2, 1, 2]), [8, 8, 4, 2, 2]);
});

test('constant, step, cosine and plateau are four rates', () => {
  const flat = [1, 1, 1, 1];
  const rates = ['1', 'staircase(1, at: [0.5])', 'cosine(1, 0)', 'plateau(1, l, patience: 0)'].map((rate) =>
    rate === '1' ? flat.map(() => 1) : ratesUnder(rate, flat),
  );
  assert.is(new Set(rates.map(String)).size, 4);
  assert.equal(rates[1], [1, 1, 0.1, 0.1]);
});

test('plateau watches what is there: another name is told, with the nearest loss', () => {
  const [error] = errorsOf(checkText(layered('sgd(plateau(0.1, loss: k))')));
  assert.is(error!.code, 'ED3011');
  assert.match(error!.message, /`k` is none/);
  const [number] = errorsOf(checkText(layered('sgd(plateau(0.1, 3))')));
  assert.match(number!.message, /watches a loss of the model$/);
});

test('plateau in a training: the means are remembered through a break', async () => {
  const text = layered('sgd(rate: plateau(from: 0.5, loss: l, factor: 0.1, patience: 0))')
    .replace('[2, 2, 1]', '[4, 4, 1]')
    .replace('batch 3 epochs 1', 'batch 4 epochs 6');
  const dataset = noise(8, 4, 4, 2);
  const indices = Int32Array.from(dataset.samples.keys());
  const options = { engine: cpu, ...trainable(text), dataset, indices, data: PLAIN_DATA };
  const stop = new AbortController();
  const whole = await train(options);
  const first = await train({
    ...options,
    signal: stop.signal,
    onIteration: ({ iteration }) => iteration === 8 && stop.abort(),
  });
  assert.is(first.state.history.length, 4);
  const rest = await train({ ...options, from: first.state });
  assert.equal(valuesOf(rest.parameters, 'g.conv.kernel'), valuesOf(whole.parameters, 'g.conv.kernel'));
  assert.equal(rest.state.history, whole.state.history);
  const forgetful = await train({ ...options, from: { ...first.state, history: [] } });
  assert.not.equal(
    valuesOf(forgetful.parameters, 'g.conv.kernel'),
    valuesOf(whole.parameters, 'g.conv.kernel'),
  );
});

test.run();
