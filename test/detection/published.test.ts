/** @file With the published weights, where they are installed or ED2LC_MTCNN names them: faces among drawn ones, at their place, on every engine alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { generateFaces } from '../../runtime/data/faces/generate.js';
import { faceHeight, faceWidth } from '../../runtime/data/faces/render.js';
import { detect, type Face } from '../../runtime/detection/detect.js';
import { Networks } from '../../runtime/detection/networks.js';
import { placeOfWeights } from '../../runtime/detection/places.js';
import { resample } from '../../runtime/detection/resample.js';
import { readWeights } from '../../runtime/detection/weights.js';
import { openEngines } from '../support/engines.js';
import { skip } from '../support/skipped.js';

const place = placeOfWeights(process.env['ED2LC_CACHE'] ?? join(homedir(), '.cache', 'ed2lc'));

test('a folder without the two files is no place of weights', () => {
  const empty = mkdtempSync(join(tmpdir(), 'ed2lc-weights-'));
  try {
    assert.is(placeOfWeights(empty, {}), undefined);
  } finally {
    rmSync(empty, { recursive: true });
  }
});

if (place === undefined) skip('MTCNN with its published weights', 'they are not here; ed2lc weights');
else
  test('drawn faces are found at their place, and every engine finds the same', async () => {
    const weights = await readWeights(place);
    const { pixels } = await generateFaces({
      seed: 1,
      people: 4,
      preset: 'easy',
      expressions: ['happiness'],
    });
    const size = faceHeight * faceWidth;
    const picture = (i: number) => {
      const gray = pixels.subarray(i * size, (i + 1) * size);
      const rgb = Uint8Array.from({ length: 3 * size }, (_, k) => gray[Math.floor(k / 3)]!);
      const large = { height: 2 * faceHeight, width: 2 * faceWidth };
      const scaled = new Float32Array(large.height * large.width * 3);
      const whole = { left: 0, top: 0, right: faceWidth, bottom: faceHeight };
      resample({ height: faceHeight, width: faceWidth, pixels: rgb }, whole, large, 'nothing', scaled);
      return { ...large, pixels: scaled };
    };
    const all: Face[][][] = [];
    const engines = await openEngines();
    for (const engine of engines) {
      const networks = new Networks(engine, weights);
      all.push([0, 5, 10, 15].map((i) => detect(networks, picture(i))));
      networks.close();
      engine.close();
    }
    const [first, ...others] = all as [Face[][], ...Face[][][]];
    const found = first.filter((faces) => faces.length === 1);
    assert.ok(found.length >= 2, `${found.length} of 4`);
    for (const [{ points }] of found as [Face][]) {
      const [left, right, nose, ...mouth] = points;
      // Faces are drawn around the middle, eyes a third from above.
      assert.ok(left[0] < faceWidth && right[0] > faceWidth && Math.abs(nose[0] - faceWidth) < 40);
      assert.ok(left[1] < nose[1] && right[1] < nose[1] && mouth.every(([, y]) => y > nose[1]));
    }
    for (const other of others)
      other.forEach((faces, i) => {
        assert.is(faces.length, first[i]!.length);
        faces.forEach(({ points }, k) =>
          points.flat().forEach((x, at) => assert.ok(Math.abs(x - first[i]![k]!.points.flat()[at]!) < 0.05)),
        );
      });
  });

test.run();
