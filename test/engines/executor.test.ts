/** @file The executor: nothing kept and nothing changed by a run that fails, one tensor per output. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { predictPeak } from '../../compiler/plan/predict-peak.js';
import { Engine } from '../../runtime/engines/engine.js';
import { EngineError } from '../../runtime/engines/errors.js';
import { Executor } from '../../runtime/engines/executor.js';
import { initialise } from '../../runtime/parameters/initialise.js';
import { Trainer } from '../../runtime/training/trainer.js';
import { openEngines } from '../support/engines.js';
import { randomFrom } from '../support/random-graph.js';
import { at, batchOf, trainable } from '../support/training.js';

const opened = await openEngines();

const NETWORK = trainable(`
  model m {
    input face : image[8, 7, 1]
    label mood : class[3]
    group base = conv(4, kernel: 3, stride: 2) |> batch_norm() |> prelu() |> conv(4, kernel: 3) |> relu() |> dropout(0.2)
    group one = flatten() |> dense(3)
    group two = flatten() |> dense(3)
    h = base(face)
    z = one(h)
    loss a = cross_entropy(z, mood)
      updates base, one
    loss b = -mean(log_softmax(two(h)))
      updates two, base by -0.5
    train { minimize a + 2 * b using adam(rate: 1e-3, weight_decay: 1e-2, clip_norm: 5) batch 6 epochs 1 log accuracy(z, mood) }
  }`);

const random = randomFrom(6);
const batchOfSize = (n: number): ReturnType<typeof batchOf> =>
  batchOf(
    Array.from({ length: n }, () => Array.from({ length: 56 }, () => random() - 0.5)),
    Array.from({ length: n }, (_, i) => i % 3),
  );

const { graph } = NETWORK.stage.steps[0]!;
const trainerOn = (engine: Engine): Trainer =>
  new Trainer(engine, NETWORK.model, NETWORK.stage, initialise(NETWORK.model, 1), 1);

for (const { backend } of opened) {
  test(`${backend.name}: a run that breaks off halfway changes no state and keeps no tensor`, () => {
    const predicted = predictPeak(makePlan(graph, backend.target), 6);
    const engine = new Engine({ ...backend, limit: predicted.bytes });
    const trainer = trainerOn(engine);
    const before = trainer.parameters();
    const blocker = engine.allocate([Math.floor((predicted.bytes - predicted.state) / 8)], 'f32');
    const { tensors } = engine.memory();
    assert.throws(
      () => trainer.iterate(batchOfSize(6), at(0, 1)),
      (error: Error) => error instanceof EngineError && error.message.includes('is full'),
    );
    assert.is(engine.memory().tensors, tensors);
    assert.equal(trainer.parameters(), before);
    engine.free(blocker);
    trainer.iterate(batchOfSize(6), at(0, 1));
    assert.not.equal(trainer.parameters(), before);
    trainer.close();
  });

  test(`${backend.name}: wherever memory runs out, no state has changed and no tensor is left`, () => {
    const [step] = NETWORK.stage.steps;
    const [loss] = graph.outputs.filter((o) => o.role === 'loss');
    const again = { role: 'value', name: 'again', value: loss!.value } as const;
    const steps = [{ ...step!, graph: { ...graph, outputs: [...graph.outputs, again] } }];
    let left = Infinity;
    const make: typeof backend.make = (shape, dtype) => {
      if (--left < 0) throw new EngineError('there is no memory left');
      return backend.make(shape, dtype);
    };
    const engine = new Engine({ ...backend, make });
    const trainer = new Trainer(
      engine,
      NETWORK.model,
      { ...NETWORK.stage, steps },
      initialise(NETWORK.model, 1),
      1,
    );
    const before = trainer.parameters();
    const { tensors } = engine.memory();
    const batch = batchOfSize(3);
    let fits = false;
    for (let room = 0; !fits; room++) {
      left = room;
      try {
        trainer.iterate(batch, at(0, 1));
        fits = true;
      } catch (error) {
        assert.instance(error, EngineError);
        assert.equal(trainer.parameters(), before, `room for ${room}`);
      }
      assert.is(engine.memory().tensors, tensors, `room for ${room}`);
    }
    assert.not.equal(trainer.parameters(), before);
    trainer.close();
  });

  test(`${backend.name}: a trainer that does not fit keeps nothing`, () => {
    const { state } = predictPeak(makePlan(graph, backend.target), 6);
    for (const share of [0.1, 0.5, 0.9]) {
      const engine = new Engine({ ...backend, limit: share * state });
      assert.throws(
        () => trainerOn(engine),
        (error: Error) => error instanceof EngineError,
      );
      assert.is(engine.memory().tensors, 0);
    }
  });

  test(`${backend.name}: outputs that are one value, or what was fed, have memory of their own`, () => {
    const engine = new Engine(backend);
    const [value] = graph.nodes.find((n) => n.op === 'input')!.outputs as [number];
    const outputs = ['first', 'second'].map((name) => ({ role: 'value' as const, name, value }));
    const executor = new Executor(engine, makePlan({ ...graph, outputs }, engine.target));
    const { images } = batchOfSize(2);
    const face = engine.upload(images, [2, 8, 7, 1]);
    const call = {
      batch: 2,
      feeds: new Map([['face', face]]),
      state: new Map(),
      slots: new Map(),
      scalars: {},
    };
    const results = [...executor.run(call).values()];
    assert.is(engine.memory().tensors, 3);
    for (const tensor of results) {
      assert.equal([...engine.download(tensor)], [...images]);
      engine.free(tensor);
    }
    assert.equal([...engine.download(face)], [...images]);
    engine.free(face);
    assert.is(engine.memory().tensors, 0);
  });
}

test.run();
