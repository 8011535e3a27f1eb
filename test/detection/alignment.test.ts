/** @file From faces to aligned images: boxes, templates, similarities, landmarks, and what becomes of images without a face. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AlignIR, DataIR } from '../../compiler/model/experiment.js';
import { fiveOf, pointsIn } from '../../runtime/data/alignment/landmarks.js';
import { alignFace, withoutFace } from '../../runtime/data/alignment/place.js';
import { fitSimilarity, inverse, map } from '../../runtime/data/alignment/similarity.js';
import { templatePoints } from '../../runtime/data/alignment/template.js';
import { assemble } from '../../runtime/data/assemble.js';
import { tenViews } from '../../runtime/data/crops.js';
import { ImageError } from '../../runtime/data/decode.js';
import { DataError } from '../../runtime/data/errors.js';
import type { Entry, Listing } from '../../runtime/data/listing.js';
import { moved, overlap, squared, suppress } from '../../runtime/detection/boxes.js';
import type { Face, FivePoints, Point } from '../../runtime/detection/detect.js';
import type { Detector } from '../../runtime/detection/detector.js';
import { resample } from '../../runtime/detection/resample.js';

const box = (left: number, top: number, right: number, bottom: number, score = 1) => ({
  left,
  top,
  right,
  bottom,
  score,
});

test('overlap is a share of the union, or of the smaller one', () => {
  assert.is(overlap(box(0, 0, 10, 10), box(5, 0, 15, 10), 'union'), 1 / 3);
  assert.is(overlap(box(0, 0, 10, 10), box(2, 2, 4, 4), 'union'), 0.04);
  assert.is(overlap(box(0, 0, 10, 10), box(2, 2, 4, 4), 'smaller'), 1);
  assert.is(overlap(box(0, 0, 1, 1), box(1, 0, 2, 1), 'union'), 0);
});

test('of boxes that overlap the best is kept, and what it does not reach', () => {
  const boxes = [
    box(0, 0, 10, 10, 0.8),
    box(1, 0, 11, 10, 0.9),
    box(9, 0, 19, 10, 0.7),
    box(50, 50, 60, 60, 0.6),
  ];
  assert.equal(suppress(boxes, 0.5, 'union'), [1, 2, 3]);
  assert.equal(suppress(boxes, 1, 'union'), [1, 0, 2, 3]);
});

test('offsets are fractions of the box; squares keep the centre and the longer side', () => {
  assert.equal(moved(box(10, 20, 30, 60), Float32Array.of(0.5, -0.25, 0, 1)), box(20, 10, 30, 100));
  assert.equal(squared(box(0, 0, 10, 30)), box(-10, 0, 20, 30));
});

test('a part of an image at its own size is a copy; half the size is the mean under a triangle; beyond is black, or nothing', () => {
  const pixels = Float32Array.from({ length: 4 * 4 * 3 }, (_, i) => Math.floor(i / 3));
  const picture = { height: 4, width: 4, pixels };
  const part = new Float32Array(2 * 2 * 3);
  resample(picture, box(1, 2, 3, 4), { height: 2, width: 2 }, 'black', part);
  assert.equal(
    [...part].filter((_, i) => i % 3 === 0),
    [9, 10, 13, 14],
  );
  const one = (outside: 'black' | 'nothing', values: number): number => {
    const flat = { height: 4, width: 4, pixels: new Float32Array(48).fill(values) };
    const into = new Float32Array(3);
    resample(flat, box(-2, 0, 2, 4), { height: 1, width: 1 }, outside, into);
    return into[0]!;
  };
  assert.is(one('nothing', 100), 100);
  // The triangle has half its weight left of the image, and an eighth each above and below it.
  assert.is(one('black', 100), 37.5);
  const half = new Float32Array(2 * 2 * 3);
  resample(picture, box(0, 0, 4, 4), { height: 2, width: 2 }, 'nothing', half);
  // Weights 1/4, 3/4, 3/4 of columns 0, 1, 2, and of rows alike.
  const centre = (1 * 3 + 2 * 1) / 7;
  assert.ok(Math.abs(half[0]! - (centre + 4 * centre)) < 1e-5);
});

const align = (change: Partial<AlignIR> = {}): AlignIR & { kind: 'mtcnn' } =>
  ({
    kind: 'mtcnn',
    height: 128,
    width: 110,
    template: 'scaled',
    upscale: 1,
    face: 'center',
    missing: 'resize',
    ...change,
  }) as AlignIR & { kind: 'mtcnn' };

const near = (found: readonly Point[], expected: readonly Point[], within: number): void =>
  found.forEach((point, i) =>
    assert.ok(Math.hypot(point[0] - expected[i]![0], point[1] - expected[i]![1]) < within, `${point}`),
  );

test('both templates of 128 by 110, from 1 as MATLAB counts; ten crops of the padded one have the original in their middle', () => {
  const fromOne = (template: 'scaled' | 'padded'): Point[] =>
    templatePoints(align({ template })).map(([x, y]) => [x + 1, y + 1]);
  const scaled: Point[] = [
    [34.713, 59.081],
    [75.089, 58.859],
    [55.029, 81.985],
    [38.442, 105.561],
    [71.878, 105.376],
  ];
  const padded: Point[] = [
    [37.295, 59.696],
    [72.532, 59.501],
    [55.025, 79.737],
    [40.549, 100.366],
    [69.73, 100.204],
  ];
  near(fromOne('scaled'), scaled, 0.001);
  near(fromOne('padded'), padded, 0.001);
  const views = tenViews({ kind: 'ten', height: 112, width: 96 }, 128, 110);
  assert.equal(
    views.slice(0, 5).map(({ y, x }) => [y, x]),
    [
      [0, 0],
      [0, 14],
      [16, 0],
      [16, 14],
      [8, 7],
    ],
  );
  const original = templatePoints(align({ height: 112, width: 96 }));
  const [, , , , { x, y }] = views as [unknown, unknown, unknown, unknown, { x: number; y: number }];
  near(
    templatePoints(align({ template: 'padded' })).map((p) => [p[0] - x, p[1] - y]),
    original,
    1e-9,
  );
});

const point = fc.tuple(
  fc.double({ min: -200, max: 200, noNaN: true }),
  fc.double({ min: -200, max: 200, noNaN: true }),
);
const five = fc.array(point, { minLength: 5, maxLength: 5 });
const distanceOf = (a: readonly Point[], b: readonly Point[]): number =>
  a.reduce((sum, p, i) => sum + (p[0] - b[i]![0]) ** 2 + (p[1] - b[i]![1]) ** 2, 0);

test('the similarity of least squares: none nearby does better, it undoes itself, and it never mirrors', () => {
  fc.assert(
    fc.property(five, five, fc.integer({ min: 0, max: 3 }), (from, to, which) => {
      const found = fitSimilarity(from, to);
      if (!found || distanceOf(from, Array(5).fill(from[0])) < 1) return;
      const best = distanceOf(
        from.map((p) => map(found, p)),
        to,
      );
      const changed = structuredClone(found) as unknown as { c: number[]; d: number[] };
      (which < 2 ? changed.c : changed.d)[which % 2]! += 0.01;
      assert.ok(
        distanceOf(
          from.map((p) => map(changed as never, p)),
          to,
        ) >=
          best - 1e-6,
      );
      const scale = Math.hypot(...found.c);
      if (scale > 1e-3)
        near(
          from.map((p) => map(inverse(found), map(found, p))),
          from,
          1e-6 / scale,
        );
    }),
  );
  const mirrored = templatePoints(align()).map(([x, y]): Point => [-x, y]);
  const found = fitSimilarity(mirrored, templatePoints(align()))!;
  // A mirror would fit exactly.
  assert.ok(
    distanceOf(
      mirrored.map((p) => map(found, p)),
      templatePoints(align()),
    ) > 100,
  );
  assert.is(fitSimilarity(Array(5).fill([3, 3]), templatePoints(align())), null);
});

/** A picture whose colors tell where a pixel is. */
const ramp = (height: number, width: number) => ({
  height,
  width,
  pixels: Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    const [x, y] = [at % width, Math.floor(at / width)];
    return [Math.round((255 * x) / (width - 1)), Math.round((255 * y) / (height - 1)), 128][i % 3]!;
  }),
});

test('an aligned face has each point of the image where the template has it, however the face is turned and sized', () => {
  for (const [scale, angle, size] of [
    [1, 0, 300],
    [1.7, 0.4, 400],
    [0.4, -0.3, 200],
    [9, 0.2, 1600],
  ] as const) {
    const picture = ramp(size, size);
    const [c, s] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    const place = ([x, y]: Point): Point => [
      size / 2 + c * (x - 55) - s * (y - 64),
      size / 2 + s * (x - 55) + c * (y - 64),
    ];
    const template = templatePoints(align());
    const found = alignFace(picture, template.map(place) as unknown as FivePoints, align());
    for (const [x, y] of [
      [55, 64],
      [40, 50],
      [70, 90],
    ] as const) {
      const [u, v] = place([x, y]);
      const at = (y * 110 + x) * 3;
      assert.ok(Math.abs(found[at]! - (255 * u) / (size - 1)) < 2, `${scale}`);
      assert.ok(Math.abs(found[at + 1]! - (255 * v) / (size - 1)) < 2);
      assert.is(found[at + 2], 128);
    }
  }
});

test('points that cannot be a face of the image are refused, and none takes for ever', () => {
  const picture = ramp(100, 100);
  const points = templatePoints(align());
  const wrong = (change: (p: Point) => Point, words: RegExp): void =>
    assert.throws(
      () => alignFace(picture, points.map(change) as unknown as FivePoints, align()),
      (e: Error) => e instanceof ImageError && words.test(e.message),
    );
  wrong(([x, y]) => [x + 1e6, y], /lie outside: \(1.*e\+6|lie outside: \(10000/);
  wrong(() => [5, 5], /in one place/);
  wrong(([x]) => [x, NaN], /outside/);
});

test('without a face: all of the image, or the largest part of that shape in its middle', () => {
  const picture = ramp(200, 300);
  const whole = withoutFace(picture, align(), 'resize');
  const cut = withoutFace(picture, align(), 'center');
  const red = (pixels: Uint8Array, x: number): number => pixels[(64 * 110 + x) * 3]!;
  assert.ok(red(whole, 0) < 3 && red(whole, 109) > 252);
  // 200 rows by 171.9 columns.
  assert.ok(Math.abs(red(cut, 0) - (255 * 64.8) / 299) < 2, `${red(cut, 0)}`);
  assert.ok(Math.abs(red(cut, 109) - (255 * 235.1) / 299) < 2);
});

test('68 points of iBUG: the middles of the eyes, the tip of the nose, the corners of the mouth', () => {
  const points = Array.from({ length: 68 }, (_, i): Point => [i, 100 - i]);
  assert.equal(fiveOf(points), [
    [38.5, 61.5],
    [44.5, 55.5],
    [30, 70],
    [48, 52],
    [54, 46],
  ]);
  assert.equal(pointsIn('  1.5e+02 2\r\n3,4\n\n'), [
    [150, 2],
    [3, 4],
  ]);
  assert.throws(() => pointsIn('1 2 3'), /a line "1 2 3", and not x y/);
  assert.throws(() => fiveOf(points.slice(1)), /67 landmarks, and not 5 or 68/);
});

const BLOCK: DataIR = {
  name: 'set',
  source: { kind: 'folder', path: '.', pattern: 'class' },
  classes: null,
  frames: null,
  resize: null,
  color: 'gray',
  pixels: { mean: 127.5, by: 128 },
  crops: null,
  augment: [],
  balance: 'none',
  folds: null,
  span: { source: 'test', start: 0, end: 0 },
};

/** Gray images of one value each, in one sequence, and a detector that sees a face in those brighter than 100. */
const VALUES = [200, 10, 20, 150, 30];
const listing = (landmarks?: Entry['landmarks']): Listing => ({
  place: 'here',
  classes: ['a', 'b'],
  entries: VALUES.map((value, i): Entry => ({
    id: `${i}`,
    place: `image ${i}`,
    class: i === 1 ? 'b' : 'a',
    subject: 'p',
    sequence: 's',
    frame: i,
    row: i,
    image: {
      kind: 'pixels',
      height: 128,
      width: 110,
      // The upper half is black.
      pixels: Uint8Array.from({ length: 128 * 110 }, (_, k) => (k < 64 * 110 ? 0 : value)),
    },
    ...(landmarks && { landmarks }),
  })),
  fields: [],
  otherColumns: [],
  dropped: [],
});

const faceAt = (dy: number, score: number, size = 40): Face => ({
  ...box(55 - size / 2, 64 + dy - size / 2, 55 + size / 2, 64 + dy + size / 2, score),
  points: templatePoints(align()).map(([x, y]): Point => [x, y + dy]) as unknown as FivePoints,
});
const detector = (faces: readonly Face[]): Detector => ({
  find: ({ pixels, height, width }) => (pixels[(height - 1) * width * 3]! > 100 ? [...faces] : []),
  close: () => {},
});
const made = async (change: Partial<AlignIR>, faces = [faceAt(0, 0.9)]) =>
  (await assemble({ ...BLOCK, align: align(change) }, listing(), {}, detector(faces))).dataset;
/** Of the last row. */
const bottom = ({ pixels }: { pixels: Uint8Array }): number[] =>
  Array.from({ length: pixels.length / (128 * 110) }, (_, i) => pixels[(i + 1) * 128 * 110 - 1]!);

test('without a face: resized, cut, left out, or fatal; labels stay with their images', async () => {
  for (const missing of ['resize', 'center'] as const) {
    const set = await made({ missing });
    assert.equal(bottom(set), VALUES);
    assert.equal(
      set.samples.map(({ label }) => label),
      [0, 1, 0, 0, 0],
    );
    assert.equal(set.faces, { missing: ['image 1', 'image 2', 'image 4'], policy: missing, several: 0 });
    assert.equal(set.dropped, []);
  }
  const error = await made({ missing: 'error' }).then(
    () => null,
    (thrown: Error) => thrown,
  );
  assert.instance(error, DataError);
  assert.match(error!.message, /set: 3 of 5 images show no face:\n {2}image 1\n {2}image 2\n {2}image 4/);
  const drop = { ...listing(), classes: ['a'] };
  const kept = await assemble(
    { ...BLOCK, classes: ['a'], align: align({ missing: 'drop' }) },
    drop,
    {},
    detector([faceAt(0, 0.9)]),
  );
  assert.equal(bottom(kept.dataset), [200, 150]);
  assert.equal(
    kept.dataset.samples.map(({ id }) => id),
    ['0', '3'],
  );
  assert.equal(kept.dataset.dropped.at(-1), {
    reason: 'images without a face',
    count: 2,
    items: ['image 2', 'image 4'],
    damaged: true,
  });
});

test('without a face: as the nearest frame with one, the earlier of two', async () => {
  // A face 20 lower moves the image up: what was at 128 - 20 + 20 is repeated.
  const set = await made({ missing: 'neighbor' }, [faceAt(20, 0.9)]);
  const edge = (i: number): number => {
    const column = Array.from({ length: 128 }, (_, y) => set.pixels[i * 128 * 110 + y * 110 + 55]!);
    return column.findIndex((value) => value > 0);
  };
  assert.equal([0, 1, 2, 3, 4].map(edge), [44, 44, 44, 44, 44]);
  assert.equal(set.faces!.missing, ['image 1', 'image 2', 'image 4']);
});

test('of several faces: the nearest to the middle, the largest, the most certain', async () => {
  const faces = [faceAt(-20, 0.99, 30), faceAt(20, 0.9, 60), faceAt(5, 0.8, 20)];
  const first = async (face: 'center' | 'largest' | 'best'): Promise<number> => {
    const set = await made({ face }, faces);
    assert.is(set.faces!.several, 2);
    return Array.from({ length: 128 }, (_, y) => set.pixels[y * 110 + 55]!).findIndex((value) => value > 0);
  };
  assert.equal([await first('center'), await first('largest'), await first('best')], [59, 44, 84]);
});

test('enlarged images give points of the image that was', async () => {
  const seen: number[] = [];
  const large: Detector = {
    find: ({ height, width }) => {
      seen.push(height, width);
      const points = templatePoints(align()).map(([x, y]): Point => [3 * x + 1, 3 * y + 1]);
      return [{ ...faceAt(0, 1), points: points as unknown as FivePoints }];
    },
    close: () => {},
  };
  const { dataset } = await assemble({ ...BLOCK, align: align({ upscale: 3 }) }, listing(), {}, large);
  assert.equal(seen.slice(0, 2), [384, 330]);
  const whole = await made({ missing: 'resize' });
  assert.equal(dataset.pixels.subarray(0, 128 * 110), whole.pixels.subarray(0, 128 * 110));
});

test('landmarks of a database: points, files, a field; an image without is left out and told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ed2l-landmarks-'));
  const file = join(folder, 'face.txt');
  const points = templatePoints(align());
  // The 68 of iBUG: rings of six around the eyes, the tip of the nose is the 31st, the corners of the mouth the 49th and 55th.
  const [left, right, nose, ...mouth] = points;
  const all = Array.from({ length: 68 }, (_, i): Point => {
    if (i >= 36 && i < 48) return i < 42 ? left : right;
    return i === 30 ? nose : i === 48 ? mouth[0] : i === 54 ? mouth[1] : [1, 1];
  });
  writeFileSync(file, all.map(([x, y]) => `${x.toExponential()}   ${y}`).join('\n'));
  const data = {
    ...BLOCK,
    align: { kind: 'landmarks', height: 128, width: 110, template: 'scaled' } as const,
  };
  const whole = (await made({ missing: 'resize' })).pixels;
  for (const landmarks of [
    { kind: 'points', points },
    { kind: 'file', file, size: 1, modified: 1 },
  ] as const)
    assert.equal((await assemble(data, listing(landmarks), {})).dataset.pixels, whole);
  const values = Float32Array.from(VALUES.flatMap(() => points.flat()));
  for (const shape of [[5, 2], [10]])
    assert.equal(
      (await assemble(data, { ...listing(), fields: [{ name: 'landmarks', shape, values }] }, {})).dataset
        .pixels,
      whole,
    );
  const some = listing({ kind: 'points', points });
  const { landmarks: _, ...bare } = some.entries[2]!;
  const entries = some.entries.with(2, bare);
  const { dataset } = await assemble(data, { ...some, entries }, {});
  assert.equal(dataset.dropped.at(-1)!.items, ['image 2 (it has no landmarks)']);
  assert.equal(bottom(dataset), [200, 10, 150, 30]);
  rmSync(folder, { recursive: true });
});

test.run();
