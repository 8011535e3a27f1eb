/** @file Choices of data and protocol that the paper leaves open, each told from its neighbour by what is read, shown and judged (docs/paper-choices.md, A11, O4 to O6, O10 to O13). */
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { experimentFromJson, experimentToJson } from '../../compiler/model/experiment-json.js';
import { cut, drawChange, unchanged } from '../../runtime/data/augment.js';
import { BatchSource, evaluationBatches, viewsPerSample } from '../../runtime/data/batches.js';
import { foldOf } from '../../runtime/data/folds.js';
import { prepare } from '../../runtime/data/prepare.js';
import { random } from '../../runtime/data/random.js';
import { chooseFrames } from '../../runtime/data/frames.js';
import type { Entry } from '../../runtime/data/listing.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { decide } from '../../runtime/evaluation/predict.js';
import { checkText, errorsOf, modelOf } from '../support/specs.js';
import { noise } from '../support/training.js';

const folder = mkdtempSync(join(tmpdir(), 'ed2lc-choices-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A data block on the folder, with an experiment that binds it. */
const spec = (lines: string, size = '8, 8, 1'): string => `
  model m {
    input x : image[${size}]
    label y : class[2]
    group g = flatten() |> dense(2)
    loss l = cross_entropy(g(x), y) updates g
    predict y = softmax(g(x))
    train { minimize l using sgd(0.1) }
  }
  data d { source folder("${folder}")  classes a, b  ${lines} }
  experiment e { model m  train on d }`;

function bound(lines: string, size?: string) {
  const checked = checkText(spec(lines, size));
  assert.equal(
    errorsOf(checked).map((d) => d.message),
    [],
  );
  return checked.experiments[0]!;
}
const dataOf = (lines: string, size?: string): DataIR => bound(lines, size).data;

const FOLDS = 'folds blocks(2)';

const HEIGHT = 10;
const dataset = noise(12, HEIGHT, HEIGHT, 2);
const indices = Int32Array.from(dataset.samples.keys());

test('pixels: around mid-gray, from 0 to 1, by the mean of a data set, or each image by its own', () => {
  const image = { pixels: Uint8Array.of(0, 51, 102, 255), start: 0, height: 2, width: 2, channels: 1 };
  const shown = (pixels: string): number[] => {
    const values = new Float32Array(6).fill(9);
    const scaling = dataOf(`resize to(8, 8)  ${FOLDS}  pixels ${pixels}`).pixels;
    cut(image, { y: 0, x: 0, mirrored: false }, unchanged, {
      values,
      start: 1,
      height: 2,
      width: 2,
      scaling,
    });
    assert.equal([values[0], values[5]], [9, 9], 'its own part of the batch only');
    return [...values.subarray(1, 5)];
  };
  const near = (found: readonly number[], expected: readonly number[]): void =>
    expected.forEach((x, i) => assert.ok(Math.abs(found[i]! - x) < 1e-5, `${found} is not ${expected}`));
  near(shown('scaled()'), [-127.5 / 128, -76.5 / 128, -25.5 / 128, 127.5 / 128]);
  near(shown('scaled(mean: 0, by: 255)'), [0, 0.2, 0.4, 1]);
  near(shown('scaled(mean: 102, by: 51)'), [-2, -1, 0, 3]);
  const deviation = Math.sqrt((102 ** 2 + 51 ** 2 + 0 + 153 ** 2) / 4);
  near(shown('standardized()'), [-102 / deviation, -51 / deviation, 0, 153 / deviation]);
});

test('an even image is standardized to zeros', () => {
  const values = new Float32Array(4);
  const image = { pixels: new Uint8Array(4).fill(7), start: 0, height: 2, width: 2, channels: 1 };
  const target = { values, start: 0, height: 2, width: 2, scaling: 'standardized' as const };
  cut(image, { y: 0, x: 0, mirrored: false }, unchanged, target);
  assert.equal([...values], [0, 0, 0, 0]);
});

test('ten crops: all in every epoch, or a random one of the ten for each image', () => {
  const source = (epoch: string): BatchSource => {
    const form = dataOf(`resize to(10, 10)  ${FOLDS}  crops ten(8, 8, epoch: ${epoch})`);
    return new BatchSource(dataset, indices, form, { batch: 4, seed: 1 });
  };
  assert.is(source('all').itemsPerEpoch, 120);
  const one = source('one');
  assert.is(one.itemsPerEpoch, 12);
  const looks = new Map<number, Set<string>>();
  for (let epoch = 0; epoch < 60; epoch++) {
    const seen: number[] = [];
    for (const batch of one.iterate(epoch)) {
      for (let i = 0; i < batch.n; i++) {
        const sample = batch.samples[i]!;
        seen.push(sample);
        const views = looks.get(sample) ?? new Set<string>();
        looks.set(sample, views.add(batch.images.subarray(i * 64, (i + 1) * 64).join()));
      }
    }
    assert.equal(
      seen.sort((a, b) => a - b),
      [...indices],
      'every image once',
    );
  }
  // The chance that a view of ten is missing after 60 draws is below 2 in 1,000: most images have shown all ten, none more.
  const counts = [...looks.values()].map((views) => views.size);
  assert.is(Math.max(...counts), 10);
  assert.ok(counts.filter((n) => n === 10).length > 8, `${counts}`);
});

test('both kinds of ten are judged by all ten; random and centre crops by the centre', () => {
  const views = (crops: string): number =>
    viewsPerSample(dataOf(`resize to(10, 10)  ${FOLDS}  crops ${crops}`), dataset);
  assert.equal(
    ['ten(8, 8)', 'ten(8, 8, epoch: one)', 'random(8, 8)', 'center(8, 8)'].map(views),
    [10, 10, 1, 1],
  );
});

test('a shift shows the edge repeated, or mid-gray', () => {
  const image = { pixels: Uint8Array.of(10, 20, 30, 40), start: 0, height: 2, width: 2, channels: 1 };
  const moved = (border: string): number[] => {
    const { augment } = dataOf(`resize to(8, 8)  ${FOLDS}  augment shift(1, border: ${border})`);
    const change = { ...drawChange(augment, random('test', 1)), shift: { x: 1, y: 0 } };
    const values = new Float32Array(4);
    const target = { values, start: 0, height: 2, width: 2, scaling: { mean: 0, by: 1 } };
    cut(image, { y: 0, x: 0, mirrored: false }, change, target);
    return [...values];
  };
  assert.equal(moved('replicate'), [10, 10, 30, 30]);
  assert.equal(moved('constant'), [127.5, 10, 127.5, 30]);
});

const people = (count: number) => ({
  ...dataset,
  samples: Array.from({ length: count }, (_, i) => {
    const subject = `S${String(i).padStart(3, '0')}`;
    return { id: subject, label: 0, subject, sequence: subject };
  }),
});

const sizes = (folds: string, count = 118): number[] => {
  const { folds: form } = dataOf(`resize to(8, 8)  folds ${folds}`);
  const of = foldOf(people(count), form!);
  if (folds.startsWith('blocks'))
    assert.equal(
      [...of],
      [...of].sort((a, b) => a - b),
      'runs of the sorted people',
    );
  return Array.from({ length: 10 }, (_, fold) => of.filter((f) => f === fold).length);
};

test('blocks of 118 people in 10: the rest spread, in the last as what remains, or added to the last', () => {
  assert.equal(sizes('blocks(10)'), [12, 12, 12, 12, 12, 12, 12, 12, 11, 11]);
  assert.equal(sizes('blocks(10, remainder: ceil)'), [12, 12, 12, 12, 12, 12, 12, 12, 12, 10]);
  assert.equal(sizes('blocks(10, remainder: floor)'), [11, 11, 11, 11, 11, 11, 11, 11, 11, 19]);
  assert.throws(() => sizes('blocks(10, remainder: ceil)', 11), /leave 4 of them empty/);
});

/** One image of pure colors, and one with an edge, in folders a and b. */
async function write(): Promise<void> {
  for (const name of ['a', 'b']) mkdirSync(join(folder, name), { recursive: true });
  const colors = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  const edge = Buffer.from(Array.from({ length: 32 * 32 }, (_, i) => (i % 32 < 13 ? 0 : 255)));
  writeFileSync(
    join(folder, 'a', '1.png'),
    await sharp(colors, { raw: { width: 4, height: 1, channels: 3 } })
      .png()
      .toBuffer(),
  );
  writeFileSync(
    join(folder, 'b', '1.png'),
    await sharp(edge, { raw: { width: 32, height: 32, channels: 1 } })
      .png()
      .toBuffer(),
  );
}
await write();

const prepared = (lines: string, size?: string) =>
  prepare(dataOf(`${FOLDS}  ${lines}`, size), { cacheDir: null, baseDir: '.' });

test('gray weighs the colors as BT.601, as BT.709, or evenly', async () => {
  const grays = async (weights: string): Promise<number[]> => {
    const { pixels } = await prepared(`resize to(1, 4)  color gray(weights: ${weights})`, '1, 4, 1');
    return [...pixels.subarray(0, 4)];
  };
  assert.equal(await grays('bt601'), [76, 150, 29, 255]);
  assert.equal(await grays('bt709'), [54, 182, 18, 255]);
  assert.equal(await grays('mean'), [85, 85, 85, 255]);
});

test('the kernels of resize are four pictures; the nearest one makes no new gray', async () => {
  const picture = async (kernel: string): Promise<number[]> => {
    const { pixels } = await prepared(`resize to(8, 8, kernel: ${kernel})`);
    return [...pixels.subarray(64, 128)];
  };
  const all = await Promise.all(['lanczos', 'bilinear', 'bicubic', 'nearest'].map(picture));
  assert.is(new Set(all.map(String)).size, 4);
  assert.ok(all[3]!.every((x) => x === 0 || x === 255));
  // A bilinear kernel does not overshoot: dark, one or two grays, light, in each row.
  const row = all[1]!.slice(0, 8);
  assert.equal(
    row,
    [...row].sort((a, b) => a - b),
  );
  assert.equal((await prepared('resize to(8, 8)')).pixels.subarray(64, 128).join(), all[0]!.join());
});

test('an alignment is checked and carried, and without weights a run ends before it reads an image', async () => {
  const lines = (align: string): string => `align ${align}  crops center(8, 8)  ${FOLDS}`;
  assert.equal(checkText(spec(lines('mtcnn(128, 110)'))).diagnostics, []);
  assert.equal(dataOf(lines('mtcnn(128, 110)')).align, {
    kind: 'mtcnn',
    height: 128,
    width: 110,
    template: 'scaled',
    upscale: 1,
    face: 'center',
    missing: 'resize',
  });
  for (const [wrong, code] of [
    ['mtcnn(128, 110, template: scald)', 'ED3011'],
    ['mtcnn(128, 110, missing: skip)', 'ED3011'],
    ['mtcnn(128, 110, upscale: 0)', 'ED3009'],
    ['landmarks(128, 110, face: best)', 'ED3005'],
    ['mtcnn(4, 110)', 'ED6003'],
    ['mtcnn(128)', 'ED3006'],
    ['eyes(128, 110)', 'ED6003'],
  ] as const)
    assert.equal(
      errorsOf(checkText(spec(lines(wrong)))).map((d) => d.code),
      [code],
      wrong,
    );
  assert.equal(
    errorsOf(checkText(spec(`${lines('mtcnn(128, 110)')} resize to(8, 8)`))).map((d) => d.code),
    ['ED6003'],
  );
  const empty = mkdtempSync(join(tmpdir(), 'ed2l-no-weights-'));
  const named = process.env['ED2LC_MTCNN'];
  delete process.env['ED2LC_MTCNN'];
  for (const cacheDir of [null, empty])
    await rejects(
      () => prepare(dataOf(lines('mtcnn(128, 110)')), { cacheDir, baseDir: '.' }),
      /the weights of MTCNN, which are not here: `ed2lc weights` says where to get them/,
    );
  if (named !== undefined) process.env['ED2LC_MTCNN'] = named;
  rmSync(empty, { recursive: true });
});

async function rejects(work: () => Promise<unknown>, message: RegExp): Promise<void> {
  const error = await work().then(
    () => undefined,
    (found: Error) => found,
  );
  assert.match(error?.message ?? 'nothing', message);
}

test('every option of an experiment and its data survives its file', () => {
  for (const lines of [
    'align mtcnn(128, 110, template: padded, upscale: 4, face: largest, missing: neighbor)  crops ten(8, 8, epoch: one)',
    'align landmarks(8, 8, template: padded)',
    'resize to(8, 8, kernel: bicubic)  color gray(weights: bt709)  pixels standardized()  augment rotate(5, border: constant), jitter(0.1)',
  ]) {
    const experiment = bound(`${lines}  folds blocks(2, remainder: floor)`);
    const stored = experimentFromJson(experimentToJson(experiment));
    assert.equal(stored.stages[0]!.data, experiment.data);
  }
});

/** Frames 0 to n - 1 of a sequence, listed in disorder. */
function framesKept(choice: string, n: number): (number | null)[] {
  const entries = Array.from({ length: n }, (_, i): Entry => {
    const frame = (i * 3 + 1) % n;
    const image = { kind: 'pixels', height: 1, width: 1, pixels: new Uint8Array(1) } as const;
    return { id: `${i}`, place: `${i}`, class: 'a', subject: 's', sequence: 'q', frame, row: i, image };
  });
  const { frames } = checkText(
    spec(`${FOLDS} resize to(8, 8) frames ${choice}`).replace(/folder\(.*?\)/, 'manifest("a.csv")'),
  ).experiments[0]!.data;
  return chooseFrames({ place: 'a.csv', entries }, frames)
    .entries.map((entry) => entry.frame)
    .sort((a, b) => a! - b!);
}

test('three frames in the middle, at the end, at the start', () => {
  assert.equal(framesKept('middle(3)', 7), [2, 3, 4]);
  assert.equal(framesKept('middle(3)', 8), [3, 4, 5]);
  assert.equal(framesKept('last(3)', 8), [5, 6, 7]);
  assert.equal(framesKept('first(3)', 8), [0, 1, 2]);
  assert.equal(framesKept('all()', 4), [0, 1, 2, 3]);
  assert.equal(framesKept('last(3)', 2), [0, 1]);
});

test('frames of a sequence are fused by their mean or by vote', async () => {
  // Three frames of one sequence, each of one gray: the class is 1 where a pixel is above 100. Two are a little below, one is far above.
  const sequence = { ...noise(3, 8, 8, 2), pixels: new Uint8Array(3 * 64) };
  [90, 90, 250].forEach((gray, i) => sequence.pixels.fill(gray, i * 64, (i + 1) * 64));
  const samples = sequence.samples.map((sample) => ({ ...sample, label: 0, sequence: 'q' }));
  const text = spec(`${FOLDS} resize to(8, 8) pixels scaled(mean: 100, by: 100)`);
  const model = modelOf(checkText(text), 'm');
  const kernel = Float32Array.from({ length: 128 }, (_, i) => (i % 2 === 1 ? 1 / 64 : 0));
  const parameters = new Map([
    ['g.dense.kernel', { shape: [64, 2], data: kernel }],
    ['g.dense.bias', { shape: [2], data: new Float32Array(2) }],
  ]);
  const input = {
    engine: await openEngine('cpu'),
    model,
    parameters,
    dataset: { ...sequence, samples },
    indices: Int32Array.of(0, 1, 2),
    data: dataOf(`${FOLDS} resize to(8, 8) pixels scaled(mean: 100, by: 100)`),
  };
  const decided = async (frames: 'mean' | 'vote'): Promise<number[]> => [
    ...(await decide(input, 'y', { kind: 'sequence', crops: 'mean', frames })).predicted,
  ];
  assert.equal(await decided('mean'), [1]);
  assert.equal(await decided('vote'), [0]);
});

test('the centre alone is looked at, of ten crops', () => {
  const form = dataOf(`resize to(10, 10)  ${FOLDS}  crops ten(8, 8)`);
  const centre = { ...form, crops: { ...form.crops!, kind: 'center' as const } };
  const tens = [...evaluationBatches(dataset, Int32Array.of(3), form, 10)][0]!;
  const alone = [...evaluationBatches(dataset, Int32Array.of(3), centre, 10)][0]!;
  assert.is(alone.n, 1);
  assert.equal([...alone.images], [...tens.images.subarray(4 * 64, 5 * 64)]);
});

test.run();
