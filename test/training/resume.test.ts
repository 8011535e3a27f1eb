/** @file A training that goes on elsewhere is the training that never stopped, bit for bit, wherever it was cut. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngine, type Engine } from '../../runtime/engines/engine.js';
import { loadCheckpoint, saveCheckpoint, type CheckpointAbout } from '../../runtime/experiment/checkpoint.js';
import type { Parameters } from '../../runtime/parameters/initialise.js';
import type { TrainingState } from '../../runtime/training/state.js';
import { train, type Trained, type TrainOptions } from '../../runtime/training/train.js';
import type { Measured } from '../../runtime/training/trainer.js';
import { noise, PLAIN_DATA, trainable } from '../support/training.js';

const folder = await mkdtemp(join(tmpdir(), 'ed2l-'));
test.after(() => rm(folder, { recursive: true, force: true }));
const cpu = await openEngine('cpu');

/** Everything that has a state or a place: moments of three kinds, statistics, dropout, schedules, repeated and rare steps, a logged NaN. */
const NETWORK = trainable(`
  model m {
    hyper pull = linear(from: 0, to: 1)
    hyper rate = cosine(from: 2e-2, to: 1e-3)
    input face : image[6, 5, 1]
    label mood : class[2]
    group base = conv(3, kernel: 3, stride: 2, bias: false) |> batch_norm() |> prelu() |> flatten() |> dropout(0.3)
    group head   = dense(2)
    group critic = dense(2)
    f = base(face)
    loss l_y = cross_entropy(head(f), mood)
      updates base, head
    loss l_d = cross_entropy(critic(f), mood)
      updates critic, base by -pull
    train {
      step often repeat 2 { minimize l_d using rmsprop(rate: rate) }
      step rare every 3 { minimize l_y + l_d using adam(rate: rate) using sgd(rate: 0.1, momentum: 0.9) for head }
      batch 4
      epochs 3
      seed 3
      log accuracy(head(f), mood)
    }
  }`);
const DATA = {
  ...PLAIN_DATA,
  augment: [{ kind: 'flip', amount: 0 } as const, { kind: 'shift', amount: 1 } as const],
  balance: 'sampler' as const,
};
const dataset = noise(11, 6, 5, 2);
/** 3 epochs of 4, 4 and 3 samples. */
const ITERATIONS = 9;

const bits = (parameters: Parameters): [string, number[]][] =>
  [...parameters].map(([path, { data }]) => [path, [...new Uint32Array(data.slice().buffer)]]);

interface Seen {
  readonly trained: Trained;
  /** Per iteration and epoch, with their place. */
  readonly measured: (readonly [string, Measured])[];
}

async function run(engine: Engine, options: Partial<TrainOptions> = {}): Promise<Seen> {
  const measured: (readonly [string, Measured])[] = [];
  const trained = await train({
    engine,
    ...NETWORK,
    dataset,
    indices: Int32Array.from(dataset.samples.keys()),
    data: DATA,
    ...options,
    onIteration: (p) => {
      measured.push([`${p.epoch}/${p.iteration}`, p.measured]);
      options.onIteration?.(p);
    },
    onEpoch: (s) => measured.push([`${s.epoch}`, s.measured]),
  });
  return { trained, measured };
}

async function stopped(engine: Engine, after: number, from?: TrainingState): Promise<Seen> {
  const stop = new AbortController();
  if (after === 0) stop.abort();
  return run(engine, {
    signal: stop.signal,
    ...(from && { from }),
    onIteration: ({ iteration }) => iteration + 1 === after && stop.abort(),
  });
}

const ABOUT: CheckpointAbout = {
  seed: 3,
  fold: null,
  stage: 0,
  before: { iterations: 0, seconds: 0 },
  program: 'p',
  data: 'd',
  settings: {},
  engine: 'cpu',
  version: '0',
  metrics: 0,
};

async function throughFile(state: TrainingState): Promise<TrainingState> {
  const file = join(folder, 'c.safetensors');
  await saveCheckpoint(file, { about: ABOUT, state });
  const found = await loadCheckpoint(file);
  assert.equal(found!.about, ABOUT);
  return found!.state;
}

function equalEnds(whole: Seen, parts: readonly Seen[], what: string): void {
  const { state } = parts.at(-1)!.trained;
  assert.equal(bits(state.parameters), bits(whole.trained.state.parameters), what);
  for (const [step, { count, moments }] of Object.entries(whole.trained.state.steps)) {
    assert.is(state.steps[step]!.count, count, `${what}: updates of ${step}`);
    assert.equal(bits(state.steps[step]!.moments), bits(moments), `${what}: moments of ${step}`);
  }
  assert.equal(
    parts.flatMap((p) => p.measured),
    whole.measured,
    `${what}: what was measured`,
  );
  assert.equal(parts.at(-1)!.trained.last, whole.trained.last);
}

test('cut after any iteration and gone on from the file: the same parameters, moments, counts and measurements', async () => {
  const whole = await run(cpu);
  assert.is(whole.trained.iterations, ITERATIONS);
  for (let after = 0; after < ITERATIONS; after++) {
    const first = await stopped(cpu, after);
    assert.ok(first.trained.interrupted);
    const second = await run(cpu, { from: await throughFile(first.trained.state) });
    assert.not.ok(second.trained.interrupted);
    equalEnds(whole, [first, second], `cut after ${after}`);
  }
  assert.is(cpu.memory().tensors, 0);
});

test('cut again and again; and on wasm', async () => {
  const wasm = await openEngine('wasm', { threads: 1 });
  for (const engine of [cpu, wasm]) {
    const whole = await run(engine);
    const parts: Seen[] = [];
    for (let after = 2; after <= ITERATIONS + 1; after += 2) {
      const from = parts.at(-1)?.trained.state;
      parts.push(await stopped(engine, after, from && (await throughFile(from))));
    }
    equalEnds(whole, parts, engine.name);
  }
});

test('a pause between iterations can save what an interrupt would, and the end of a training goes on to nothing', async () => {
  const states: TrainingState[] = [];
  const whole = await run(cpu, {
    onPause: async ({ state, epochEnded }) => {
      states.push(state());
      assert.is(epochEnded, states.length % 3 === 0);
    },
  });
  assert.equal(
    states.map(({ epoch, batch, iteration }) => [epoch, batch, iteration]),
    Array.from({ length: ITERATIONS }, (_, i) => [Math.floor((i + 1) / 3), (i + 1) % 3, i + 1]),
  );
  for (const state of [states[3]!, states[5]!, states[8]!]) {
    const rest = await run(cpu, { from: state });
    equalEnds(
      whole,
      [{ ...whole, measured: whole.measured.slice(0, state.iteration + state.epoch) }, rest],
      '',
    );
  }
});

test('what the state leaves out would be noticed', async () => {
  const whole = await run(cpu);
  const { state } = (await stopped(cpu, 4)).trained;
  const others: Partial<TrainingState>[] = [{ steps: {} }, { batch: 0 }, { iteration: 3 }, { epoch: 0 }];
  for (const other of others) {
    const { trained } = await run(cpu, { from: { ...state, ...other } });
    assert.not.equal(bits(trained.parameters), bits(whole.trained.parameters), Object.keys(other).join());
  }
});

test.run();
