/** @file The networks of MTCNN with small random weights: on every engine as plain loops over width-major images compute them; weights files, good and damaged. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../runtime/data/errors.js';
import { Networks, SIDES, type Answers } from '../../runtime/detection/networks.js';
import { installWeights } from '../../runtime/detection/places.js';
import { MANIFEST, readWeights } from '../../runtime/detection/weights.js';
import { PUBLISHED, tensorsOf } from '../../runtime/detection/widths.js';
import { openEngines } from '../support/engines.js';
import { randomWeights, slowForward, SMALL, writeWeights } from '../support/mtcnn.js';
import { randomFrom } from '../support/random-graph.js';

const engines = await openEngines();
const weights = randomWeights(1);
const random = randomFrom(2);
const noise = (count: number): Float32Array => Float32Array.from({ length: count }, () => 2 * random() - 1);

/** The largest difference of what is said of a window. */
function difference(found: Answers, rows: readonly number[][]): number {
  assert.is(found.count, rows.length);
  let worst = 0;
  const see = (a: number, b: number): void => void (worst = Math.max(worst, Math.abs(a - b)));
  rows.forEach((row, i) => {
    see(found.scores[i]!, Math.exp(row[1]!) / (Math.exp(row[0]!) + Math.exp(row[1]!)));
    for (let k = 0; k < 4; k++) see(found.offsets[4 * i + k]!, row[2 + k]!);
    for (let k = 0; k < row.length - 6; k++) see(found.landmarks[10 * i + k]!, row[6 + k]!);
  });
  return worst;
}

for (const engine of engines) {
  test(`${engine.name}: the first network on whole images, also of uneven sides, where windows of the pooling are cut off`, () => {
    const networks = new Networks(engine, weights);
    for (const [height, width] of [
      [12, 12],
      [18, 30],
      [17, 24],
      [23, 13],
    ] as const) {
      const pixels = noise(height * width * 3);
      const found = networks.scan(pixels, height, width);
      assert.ok(
        difference(found, slowForward('pnet', weights, pixels, height, width)) < 1e-5,
        `${height} by ${width}`,
      );
    }
    networks.close();
  });

  for (const net of ['rnet', 'onet'] as const)
    test(`${engine.name}: ${net} on windows, one or more than fit in a batch`, () => {
      const networks = new Networks(engine, weights);
      const side = SIDES[net];
      for (const count of [1, 3, 67]) {
        const pixels = noise(count * side * side * 3);
        const found = networks.judge(net, pixels, count);
        const size = side * side * 3;
        for (const i of new Set([0, 1, count - 1].filter((k) => k < count))) {
          const row = slowForward(net, weights, pixels.subarray(i * size, (i + 1) * size), side, side);
          const own: Answers = {
            count: 1,
            scores: found.scores.subarray(i, i + 1),
            offsets: found.offsets.subarray(4 * i, 4 * i + 4),
            landmarks: found.landmarks.subarray(10 * i, 10 * i + 10),
          };
          assert.ok(difference(own, row) < 1e-5, `${i} of ${count}`);
        }
      }
      assert.is(networks.judge(net, new Float32Array(), 0).count, 0);
      const before = engine.memory().tensors;
      networks.judge(net, noise(side * side * 3), 1);
      assert.is(engine.memory().tensors, before, 'tensors are given back');
      networks.close();
    });
}

test('an image with width and height exchanged is another image: the weights are for width first', () => {
  const networks = new Networks(engines[0], weights);
  const [height, width] = [14, 20];
  const pixels = noise(height * width * 3);
  const exchanged = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      exchanged.set(pixels.subarray((y * width + x) * 3, (y * width + x + 1) * 3), (x * height + y) * 3);
  const right = slowForward('pnet', weights, pixels, height, width);
  assert.ok(difference(networks.scan(pixels, height, width), right) < 1e-5);
  // What a port computes that forgets it: the same numbers in rows, answers for columns.
  const forgotten = slowForward('pnet', weights, exchanged, width, height);
  assert.ok(difference(networks.scan(pixels, height, width), forgotten) > 0.01);
  networks.close();
});

test('the published networks have 6,632, 100,178 and 389,040 numbers', () => {
  const counts = { pnet: 0, rnet: 0, onet: 0 };
  for (const [name, shape] of tensorsOf(PUBLISHED))
    counts[name.split('/')[0] as keyof typeof counts] += shape.reduce((n, d) => n * d, 1);
  assert.equal(counts, { pnet: 6632, rnet: 100_178, onet: 389_040 });
});

async function refused(work: () => Promise<unknown>, words: RegExp): Promise<void> {
  const error = await work().then(
    () => null,
    (thrown: Error) => thrown,
  );
  assert.instance(error, DataError);
  assert.match(error!.message, words);
}

test('weights are read as they were written; what is cut off, of other shapes or no number is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ed2l-mtcnn-'));
  writeWeights(folder, weights);
  const found = await readWeights(folder, SMALL);
  assert.equal(
    [...found.tensors].map(([name, { values }]) => [name, [...values]]),
    [...weights.tensors].map(([name, { values }]) => [name, [...values]]),
  );
  assert.is((await readWeights(join(folder, MANIFEST), SMALL)).hash, found.hash);
  writeWeights(folder, randomWeights(2));
  assert.is.not((await readWeights(folder, SMALL)).hash, found.hash);
  await refused(() => readWeights(folder), /pnet\/conv1\/weights is \[3, 3, 3, 2\], and not \[3, 3, 3, 10\]/);
  const [manifest, shard] = [MANIFEST, 'shard1'].map((name) => readFileSync(join(folder, name))) as [
    Buffer,
    Buffer,
  ];
  const change = async (file: string, content: string | Uint8Array, words: RegExp): Promise<void> => {
    writeWeights(folder, weights);
    writeFileSync(join(folder, file), content);
    await refused(() => readWeights(folder, SMALL), words);
  };
  await change('shard1', shard.subarray(0, -4), /shard1 beside .* ends within onet\/fc2_3\/bias/);
  await change('shard1', Buffer.concat([shard, shard]), /has \d+ bytes, and not \d+/);
  const broken = Buffer.from(shard);
  broken.writeFloatLE(NaN, 40);
  await change('shard1', broken, /pnet\/conv1\/weights holds what is no number/);
  await change(MANIFEST, '{', /is not JSON/);
  await change(MANIFEST, '{}', /is not a tfjs weights manifest/);
  await change(MANIFEST, '[]', /lists no pnet\/conv1\/weights/);
  await change(MANIFEST, manifest.toString().replace('float32', 'uint8'), /numbers of type float32/);
  await change(MANIFEST, manifest.toString().replace('"shard1"', '"../shard1"'), /is not a tfjs weights/);
  await refused(() => readWeights(join(folder, 'nowhere')), /there is no .*nowhere/);
  rmSync(folder, { recursive: true });
});

test('only the published files are installed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ed2l-mtcnn-'));
  const cache = join(folder, 'cache');
  await refused(
    () => installWeights(folder, cache),
    /there is no mtcnn_model-weights_manifest.json in .*https:/,
  );
  writeWeights(folder, randomWeights(1, PUBLISHED));
  await refused(
    () => installWeights(folder, cache),
    /has \d+ bytes, and not 3134: fetch it again from https/,
  );
  writeFileSync(join(folder, MANIFEST), Buffer.alloc(3134));
  await refused(() => installWeights(folder, cache), /manifest.json is not the published file/);
  rmSync(folder, { recursive: true });
});

test.after(() => {
  for (const engine of engines) engine.close();
});

test.run();
