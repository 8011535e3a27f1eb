/** @file Crops, changes and batches, against positions read off the pixels themselves. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cut, drawChange, unchanged } from '../../runtime/data/augment.js';
import {
  BatchSource,
  evaluationBatches,
  viewsPerSample,
  type BatchForm,
} from '../../runtime/data/batches.js';
import { evaluationViews, tenViews } from '../../runtime/data/crops.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import { random } from '../../runtime/data/random.js';
import { noise } from '../support/training.js';

const plain: BatchForm = { crops: null, augment: [], pixels: { mean: 0, by: 1 }, balance: 'none' };

/** Pixel (y, x) of sample s is 100 s + 10 y + x: a value tells where it came from. */
function numbered(count: number, height: number, width: number, classes = 2): Dataset {
  const pixels = new Uint8Array(count * height * width).map(
    (_, i) =>
      100 * Math.floor(i / (height * width)) + 10 * Math.floor((i % (height * width)) / width) + (i % width),
  );
  return { ...noise(count, height, width, classes), name: 'numbered', pixels };
}

const all = (dataset: Dataset): Int32Array => Int32Array.from(dataset.samples.keys());
const seen = (source: BatchSource, epoch: number): number[] =>
  [...source.iterate(epoch)].flatMap((b) => [...b.samples]);

test('ten crops of 112x96 in 128x110 begin at the corners and the centre, then mirrored', () => {
  const views = tenViews({ kind: 'ten', height: 112, width: 96 }, 128, 110);
  const origins = [
    [0, 0],
    [0, 14],
    [16, 0],
    [16, 14],
    [8, 7],
  ];
  assert.equal(
    views.map((v) => [v.y, v.x]),
    [...origins, ...origins],
  );
  assert.equal(
    views.map((v) => v.mirrored),
    [...Array<boolean>(5).fill(false), ...Array<boolean>(5).fill(true)],
  );
  assert.is(evaluationViews(null, 5, 5).length, 1);
  assert.equal(evaluationViews({ kind: 'random', height: 3, width: 3 }, 6, 6), [
    { y: 1, x: 1, mirrored: false },
  ]);
});

test('every sample once per epoch; order by seed and epoch; batches do not change it', () => {
  const data = numbered(7, 2, 2);
  const source = new BatchSource(data, all(data), plain, { batch: 3, seed: 1 });
  assert.is(source.batchesPerEpoch, 2);
  assert.equal(
    [...source.iterate(0)].map((b) => b.n),
    [3, 3],
    'the last batch of one is left out',
  );
  const wide = new BatchSource(data, all(data), plain, { batch: 7, seed: 1 });
  assert.equal(seen(wide, 0).toSorted(), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(seen(wide, 0).slice(0, 6), seen(source, 0));
  assert.equal(seen(wide, 3), seen(wide, 3));
  assert.not.equal(seen(wide, 0), seen(wide, 1));
  assert.not.equal(seen(wide, 0), seen(new BatchSource(data, all(data), plain, { batch: 7, seed: 2 }), 0));
});

test('short last batches of two or more are used, batches of one asked for too', () => {
  const data = numbered(8, 2, 2);
  const counts = (batch: number): number[] =>
    [...new BatchSource(data, all(data), plain, { batch, seed: 1 }).iterate(0)].map((b) => b.n);
  assert.equal(counts(3), [3, 3, 2]);
  assert.equal(counts(1), Array<number>(8).fill(1));
  assert.equal(counts(64), [8]);
});

test('too little data and too large crops are refused', () => {
  const data = numbered(3, 4, 4);
  const make = (indices: number[], form: BatchForm) => () =>
    new BatchSource(data, Int32Array.from(indices), form, { batch: 2, seed: 1 });
  assert.throws(make([], plain), /no samples/);
  assert.throws(make([1], plain), /one sample/);
  assert.throws(
    make([0, 1], { ...plain, crops: { kind: 'ten', height: 5, width: 2 } }),
    /5x2 do not fit in images of 4x4/,
  );
});

test('ten crops: an epoch visits every (sample, crop) pair', () => {
  const data = numbered(2, 4, 4);
  const form: BatchForm = { ...plain, crops: { kind: 'ten', height: 2, width: 2 } };
  const source = new BatchSource(data, all(data), form, { batch: 4, seed: 1 });
  assert.is(source.itemsPerEpoch, 20);
  const corners = [...source.iterate(0)].flatMap((b) =>
    Array.from({ length: b.n }, (_, i) => b.images.slice(4 * i, 4 * i + 2).join()),
  );
  const expected = [0, 100].flatMap((s) =>
    [0, 2, 20, 22, 11].flatMap((o) => [`${s + o},${s + o + 1}`, `${s + o + 1},${s + o}`]),
  );
  assert.equal(corners.toSorted(), expected.toSorted());
});

test('random crops stay inside and reach every origin', () => {
  const data = numbered(2, 4, 4);
  const form: BatchForm = { ...plain, crops: { kind: 'random', height: 3, width: 3 } };
  const source = new BatchSource(data, all(data), form, { batch: 2, seed: 1 });
  const origins = new Set<number>();
  for (let epoch = 0; epoch < 30; epoch++)
    for (const b of source.iterate(epoch))
      b.samples.forEach((s, i) => origins.add(b.images[9 * i]! - 100 * s));
  assert.equal(
    [...origins].toSorted((a, b) => a - b),
    [0, 1, 10, 11],
  );
});

test('evaluation shows every view of every sample in order, scaled', () => {
  const data = numbered(2, 4, 4);
  const form: BatchForm = {
    ...plain,
    crops: { kind: 'ten', height: 2, width: 2 },
    pixels: { mean: 100, by: 2 },
  };
  const batches = [...evaluationBatches(data, Int32Array.of(1, 0), form, 8)];
  assert.equal(
    batches.map((b) => b.n),
    [8, 8, 4],
  );
  assert.equal(
    batches.flatMap((b) => [...b.samples]),
    [...Array<number>(10).fill(1), ...Array<number>(10).fill(0)],
  );
  assert.equal(batches.flatMap((b) => [...b.views]).slice(0, 12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  assert.equal([...batches[0]!.images.subarray(0, 4)], [0, 0.5, 5, 5.5]);
  assert.equal([...batches[0]!.labels], Array<number>(8).fill(1));
  assert.is(viewsPerSample(form, data), 10);
});

const image = { ...numbered(1, 5, 5), start: 0 };
const look = (change: object, view = { y: 1, x: 1, mirrored: false }): number[] => {
  const values = new Float32Array(9);
  cut(
    image,
    view,
    { ...unchanged, ...change },
    { values, start: 0, height: 3, width: 3, scaling: { mean: 0, by: 1 } },
  );
  return [...values];
};

test('mirror, shift and turn move pixels where they should; the outside repeats the edge', () => {
  assert.equal(look({}), [11, 12, 13, 21, 22, 23, 31, 32, 33]);
  assert.equal(look({ mirrored: true }), [13, 12, 11, 23, 22, 21, 33, 32, 31]);
  assert.equal(look({ mirrored: true }, { y: 1, x: 1, mirrored: true }), look({}));
  assert.equal(look({ shift: { x: 1, y: 0 } }), [10, 11, 12, 20, 21, 22, 30, 31, 32]);
  assert.equal(look({ shift: { x: 0, y: -3 } }), [41, 42, 43, 41, 42, 43, 41, 42, 43]);
  const turned = look({ angle: Math.PI / 2 }).map(Math.round);
  assert.equal(turned, [31, 21, 11, 32, 22, 12, 33, 23, 13], 'a quarter turn clockwise');
});

test('jitter keeps the range; drawn changes stay within their bounds', () => {
  assert.equal(look({ contrast: 100 }).slice(0, 2), [0, 0]);
  for (let i = 0; i < 200; i++) {
    const change = drawChange(
      [
        { kind: 'flip', amount: 0 },
        { kind: 'shift', amount: 2 },
        { kind: 'rotate', amount: 10 },
        { kind: 'jitter', amount: 0.1 },
      ],
      random('test', i),
    );
    assert.ok(Math.abs(change.shift.x) <= 2 && Number.isInteger(change.shift.y));
    assert.ok(Math.abs(change.angle) <= Math.PI / 18);
    assert.ok(Math.abs(change.contrast - 1) <= 0.1 && Math.abs(change.brightness) <= 12.75);
  }
});

test('the sampler shows classes equally often and every sample before any repeats', () => {
  const data = numbered(12, 2, 2);
  const samples = data.samples.map((sample, i) => ({ ...sample, label: i < 9 ? 0 : 1 }));
  const uneven = { ...data, samples };
  const source = new BatchSource(
    uneven,
    all(uneven),
    { ...plain, balance: 'sampler' },
    { batch: 12, seed: 1 },
  );
  const [batch] = [...source.iterate(0)];
  assert.is([...batch!.labels].filter((label) => label === 1).length, 6);
  assert.equal(
    [...batch!.samples].filter((i) => i >= 9).toSorted((a, b) => a - b),
    [9, 9, 10, 10, 11, 11],
  );
  assert.is(new Set([...batch!.samples].filter((i) => i < 9)).size, 6);
});

test.run();
