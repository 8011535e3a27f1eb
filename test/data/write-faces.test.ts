/** @file The folder `ed2lc synth` leaves: it reads back to the same pictures, says what is true of them, and is all or nothing. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataIR } from '../../compiler/model/experiment.js';
import { DataError } from '../../runtime/data/errors.js';
import { writeFaces } from '../../runtime/data/faces/write-faces.js';
import { prepare } from '../../runtime/data/prepare.js';

const test = suite('writing faces');
let root = '';
test.before.each(async () => void (root = await mkdtemp(join(tmpdir(), 'ed2l-synth-'))));
test.after.each(() => rm(root, { recursive: true, force: true }));

const order = { seed: 4, people: 2, preset: 'easy' } as const;
const expressions = ['happiness', 'contempt'];

const read = (source: DataIR['source'], resize: DataIR['resize'] = null) =>
  prepare(
    {
      name: 'set',
      source,
      classes: expressions,
      resize,
      color: 'gray',
      pixels: { mean: 0, by: 1 },
      crops: null,
      frames: null,
      augment: [],
      balance: 'none',
      folds: null,
      span: { source: 'test', start: 0, end: 0 },
    },
    { cacheDir: null, baseDir: root },
  );

for (const size of [undefined, [24, 20]] as const) {
  test(`the folder reads back to what the source draws${size ? ', in another size' : ''}`, async () => {
    const steps = new Set<string>();
    const written = await writeFaces(
      join(root, 'faces'),
      { ...order, expressions, ...(size && { size }) },
      (step, done, total) => void (done === total && steps.add(step)),
    );
    assert.equal(written, { folder: join(root, 'faces'), images: 16 });
    assert.equal([...steps], ['drawing', 'writing']);
    const drawn = await read({ kind: 'synthetic_faces', ...order }, size ?? null);
    const back = await read({ kind: 'folder', path: 'faces', pattern: 'subject/class' });
    const keyed = ({ samples, pixels, height, width }: typeof drawn): Map<string, string> =>
      new Map(
        samples.map(({ id }, i) => [
          id.replace('.png', ''),
          Buffer.from(pixels.subarray(i * height * width, (i + 1) * height * width)).toString('hex'),
        ]),
      );
    assert.equal(keyed(back), keyed(drawn));
  });
}

test('the sheet has a column per class; the truth names every image and what it shows', async () => {
  await writeFaces(join(root, 'faces'), { ...order, expressions, size: [24, 20] });
  const sheet = await sharp(join(root, 'faces', 'contact-sheet.png')).metadata();
  assert.equal([sheet.height, sheet.width], [2 * 24, 2 * 20]);
  const truth = JSON.parse(await readFile(join(root, 'faces', 'truth.json'), 'utf8'));
  assert.equal(truth.order, { ...order, expressions, shots: 4, height: 24, width: 20 });
  assert.is(truth.images.length, 16);
  for (const { file, person, expression, units, intensity, light, pose } of truth.images) {
    await readFile(join(root, 'faces', file));
    assert.ok(file.startsWith(`person${person}/${expression}/`));
    assert.ok(intensity >= 0.65 && intensity <= 1.1, 'the range of the easy preset');
    assert.ok(Math.abs(light.azimuth) < 1.3 && Math.abs(pose.yaw) < 0.31);
    // Contempt is shown on the subject's right, the left of the image; happiness on both sides.
    assert.ok(units[12][0] > 0);
    assert.is(units[12][1] > 0, expression === 'happiness');
  }
});

test('an empty folder is filled; a folder with anything in it and a file are refused and left alone', async () => {
  const few = { ...order, people: 1, expressions: ['neutral'], size: [8, 8] } as const;
  await mkdir(join(root, 'empty'));
  assert.is((await writeFaces(join(root, 'empty'), few)).images, 4);
  const refused = async (folder: string, words: RegExp): Promise<void> => {
    const error = await writeFaces(folder, few).catch((thrown: Error) => thrown);
    assert.instance(error, DataError);
    assert.match((error as Error).message, words);
  };
  const before = await readdir(join(root, 'empty'));
  await refused(join(root, 'empty'), /exists already and is not empty/);
  assert.equal(await readdir(join(root, 'empty')), before);
  await writeFile(join(root, 'file'), 'mine');
  await refused(join(root, 'file'), /is a file/);
  await refused(join(root, 'file', 'inner'), /is a file, or lies in one/);
  assert.is(await readFile(join(root, 'file'), 'utf8'), 'mine');
});

test('after a failure nothing is left', async () => {
  const error = await writeFaces(join(root, 'faces'), { ...order, expressions: ['joy'] }).catch(
    (thrown: Error) => thrown,
  );
  assert.instance(error, DataError);
  assert.match((error as Error).message, /no expression "joy"/);
  assert.equal(await readdir(root), []);
});

test.run();
