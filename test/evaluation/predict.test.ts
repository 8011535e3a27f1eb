/** @file Decisions of networks whose every probability can be worked out: fused over crops, by crop, ties, one probability, features. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { decisions, evaluate, judgedLabel } from '../../runtime/evaluation/evaluate.js';
import { pixels } from '../../runtime/evaluation/pixels.js';
import { features, type EvaluationInput, type Score } from '../../runtime/evaluation/predict.js';
import { probeClass, probePerson } from '../../runtime/evaluation/probe-study.js';
import { initialise, type Parameters } from '../../runtime/parameters/initialise.js';
import { checkText, modelOf } from '../support/specs.js';

const engine = await openEngine('cpu');

/** The score of class 1 is the sum of a crop's pixels, the score of class 0 is 0. */
const TWO = `model two {
  input face : image[2, 2, 1]
  label expression : class[2]
  group reader = dense(2)
  flat = flatten(face)
  z = reader(flat)
  loss l = cross_entropy(z, expression) updates reader
  predict expression = softmax(z)
  train { minimize l using sgd(0.1) }
}`;
const ONE = TWO.replace('dense(2)', 'dense(1)')
  .replace('cross_entropy(z, expression)', 'mean(z * z)')
  .replace('softmax(z)', 'sigmoid(z)');

function network(text: string, bias = 0): Pick<EvaluationInput, 'model' | 'parameters'> {
  const model = modelOf(checkText(text), 'two');
  const parameters: Parameters = new Map(
    [...initialise(model, 0)].map(([path, { shape, data }]) => {
      const units = shape.at(-1)!;
      const value = path.endsWith('bias') ? bias : 1;
      return [path, { shape, data: data.map((_, i) => (i % units === units - 1 ? value : 0)) }];
    }),
  );
  return { model, parameters };
}

const cropped: DataIR = {
  name: 'grid',
  source: { kind: 'folder', path: '.', pattern: 'class' },
  classes: null,
  frames: null,
  resize: null,
  color: 'gray',
  pixels: { mean: 0, by: 1 },
  crops: { kind: 'ten', height: 2, width: 2 },
  augment: [],
  balance: 'none',
  folds: null,
  span: { source: 'test', start: 0, end: 0 },
};

/** 4 x 4 images that are black but for their upper corners: the crops there sum to `corner`, the other three to 0. */
function grid(corners: readonly number[]): Dataset {
  const image = new Uint8Array(corners.length * 16);
  corners.forEach((value, i) => (image[16 * i] = image[16 * i + 3] = value));
  const samples = corners.map((_, i) => ({ id: `${i}`, label: 1, subject: `p${i >> 1}`, sequence: `${i}` }));
  const size = { height: 4, width: 4, channels: 1 };
  return {
    name: 'grid',
    classes: ['no', 'yes'],
    ...size,
    samples,
    pixels: image,
    dropped: [],
    fields: [],
    otherColumns: [],
    sizes: [],
  };
}

const score = (kind: Score['kind'], crops: Score['crops'] = 'mean'): Score => ({
  kind,
  crops,
  frames: 'mean',
});

async function decided(text: string, bias: number, corners: readonly number[], by: Score): Promise<number[]> {
  const dataset = grid(corners);
  const indices = Int32Array.from(corners.keys());
  const input = { engine, ...network(text, bias), dataset, indices, data: cropped };
  return (await decisions(input, 'expression', by)).map((d) => d.predicted);
}

for (const [name, text] of [
  ['two probabilities', TWO],
  ['one probability, of class 1', ONE],
] as const)
  test(`${name}: the mean of crops can be sure where the vote is not`, async () => {
    // At bias -0.2 six dim crops say 0 with 0.55; four bright ones say 1 with sigmoid(corner - 0.2).
    // Means of p(1): (6 * 0.450 + 4 * 0.992) / 10 = 0.667 for 5, and 0.450 for 0.
    assert.equal(await decided(text, -0.2, [5, 0], score('image', 'mean')), [1, 0]);
    assert.equal(await decided(text, -0.2, [5, 0], score('image', 'vote')), [0, 0]);
    assert.equal(await decided(text, 0.2, [0], score('image', 'vote')), [1]);
  });

test('by crop there are ten decisions of each image, in the order of its views', async () => {
  const own = [1, 1, 0, 0, 0];
  assert.equal(await decided(TWO, -0.2, [5, 0], score('crop')), [
    ...own,
    ...own,
    ...Array.from({ length: 10 }, () => 0),
  ]);
  const input = {
    engine,
    ...network(TWO),
    dataset: grid([5, 0, 5]),
    indices: Int32Array.of(2, 0),
    data: cropped,
  };
  const made = await decisions(input, 'expression', score('crop'));
  assert.equal(
    made.map((d) => d.sample),
    [...Array.from({ length: 10 }, () => '2'), ...Array.from({ length: 10 }, () => '0')],
  );
  assert.equal([made[0]!.subject, made[0]!.label], ['p1', 1]);
});

test('a tie goes to the lowest class, of crops and of votes', async () => {
  assert.equal(await decided(TWO, 0, [0], score('image', 'mean')), [0]);
  assert.equal(await decided(TWO, 0, [0], score('image', 'vote')), [0]);
});

test('many images in several batches are judged one by one, and nothing stays on the engine', async () => {
  const corners = Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? 5 : 0));
  const before = engine.memory().tensors;
  const dataset = grid(corners);
  const indices = Int32Array.from(corners.keys());
  const { accuracy, n, people, confusion } = await evaluate({
    engine,
    ...network(TWO, -0.2),
    dataset,
    indices,
    data: cropped,
  });
  assert.equal([n, people, accuracy], [90, 45, 1 / 3]);
  assert.equal(confusion, [
    [0, 0],
    [60, 30],
  ]);
  assert.is(engine.memory().tensors, before);
});

test('a signal ends a judgement between two batches, and nothing stays on the engine', async () => {
  const dataset = grid(Array.from({ length: 90 }, () => 5));
  const indices = Int32Array.from({ length: 90 }, (_, i) => i);
  const input = { engine, ...network(TWO), dataset, indices, data: cropped };
  const stop = new AbortController();
  const work = decisions(input, 'expression', score('image'), stop.signal);
  stop.abort();
  assert.is(await work.catch((error: Error) => error.name), 'AbortError');
  assert.is(engine.memory().tensors, 0);
});

test('features are the mean over the views; pixels are features too', () => {
  const dataset = grid([5, 10]);
  const input = { engine, ...network(TWO), dataset, indices: Int32Array.of(1, 0), data: cropped };
  const found = features(input, ['z', 'flat']);
  // Four of ten crops see a corner.
  assert.equal([...found.get('z')!.data], [0, 4, 0, 2]);
  // A corner is once at the left and once at the right edge, and so in its mirror image.
  const flat = [2, 2, 0, 0, 1, 1, 0, 0];
  assert.equal([...found.get('flat')!.data], flat);
  assert.equal([...pixels(dataset, input.indices, cropped).data], flat);
});

test('the label judged is the first class that is predicted', async () => {
  assert.is(judgedLabel(modelOf(checkText(TWO), 'two')), 'expression');
  const none = TWO.replace('predict expression = softmax(z)', 'predict score = z');
  assert.is(judgedLabel(modelOf(checkText(none), 'two')), undefined);
  const input = { engine, dataset: grid([1]), indices: Int32Array.of(0), data: cropped };
  const unjudged = { model: modelOf(checkText(none), 'two'), parameters: network(TWO).parameters };
  const refused = await evaluate({ ...input, ...unjudged }).catch((error: Error) => error.message);
  assert.match(String(refused), /predicts no class/);
});

test('fresh probes: the class is read from people held out, the person from half of their own images', () => {
  const people = 12;
  const samples = Array.from({ length: people * 4 }, (_, i) => {
    const subject = `p${String(Math.floor(i / 4)).padStart(2, '0')}`;
    return { id: `${i}`, label: i % 2, subject, sequence: `${i}` };
  });
  const dataset: Dataset = { ...grid([0]), samples };
  const split = {
    train: Int32Array.from({ length: 32 }, (_, i) => i),
    test: Int32Array.of(...Array(16).keys()).map((i) => 32 + i),
  };
  const seen: number[][] = [];
  const rows = (of: (i: number) => readonly number[]) => (indices: Int32Array) => {
    seen.push([...indices]);
    return { data: Float32Array.from([...indices].flatMap(of)), width: of(0).length };
  };
  const shown = probeClass(
    engine,
    dataset,
    split,
    rows((i) => [samples[i]!.label, i % 3]),
  );
  assert.equal(
    shown.map((d) => d.predicted),
    shown.map((d) => d.label),
  );
  assert.equal([shown.length, new Set(shown.map((d) => d.subject)).size], [16, 4]);
  assert.equal(seen, [[...split.train], [...split.test]]);
  seen.length = 0;
  const known = probePerson(
    engine,
    dataset,
    split,
    rows((i) =>
      [0, 1, 2, 3].map((p) => Number(samples[i]!.subject === `p${String(8 + p).padStart(2, '0')}`)),
    ),
  );
  assert.equal(known.length, 8);
  assert.equal(
    known.map((d) => d.predicted),
    known.map((d) => ['p08', 'p09', 'p10', 'p11'].indexOf(d.subject)),
  );
  // Of each person and class the first image to learn from, the second to be judged on.
  assert.equal(seen, [
    [32, 33, 36, 37, 40, 41, 44, 45],
    [34, 35, 38, 39, 42, 43, 46, 47],
  ]);
});

test.run();
