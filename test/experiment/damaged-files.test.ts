/** @file Damage to what compiling and preparing leave: at 200 places of each file it is noticed, and the file is named. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileExperiment } from '../../compiler/program.js';
import { load, writeArtifact } from '../../runtime/artifacts/artifact.js';
import { ArtifactError } from '../../runtime/artifacts/errors.js';
import { readCache, writeCache } from '../../runtime/data/cache.js';
import { prepare } from '../../runtime/data/prepare.js';
import { damagedBytes } from '../support/damage.js';
import { PHOTO_SPEC, photographs } from '../support/photographs.js';
import { checkText } from '../support/specs.js';
import { noise } from '../support/training.js';

const folder = mkdtempSync(join(tmpdir(), 'ed2l-'));
test.after(() => rmSync(folder, { recursive: true }));

const { experiments, sources } = checkText(PHOTO_SPEC);
const bound = experiments[0]!;

test('of a compiled spec: every file that is loaded', async () => {
  const { path } = await writeArtifact(folder, {
    spec: 'photo.ed2l',
    position: 0,
    settings: { rate: '1e-2' },
    sources,
    programs: compileExperiment(bound),
    bound,
  });
  for (const name of ['manifest.json', 'model.json', 'graph.json', 'experiment.json']) {
    const file = join(path, name);
    const whole = readFileSync(file);
    for (const { how, bytes } of damagedBytes(whole, 200, 7)) {
      writeFileSync(file, bytes);
      const error = await load(path).then(
        () => assert.unreachable(`${name}, ${how}: it was loaded`),
        (thrown: Error) => thrown,
      );
      assert.instance(error, ArtifactError, `${name}, ${how}: ${error}`);
      assert.ok((error as Error).message.includes(file), `${name}, ${how}: ${error}`);
    }
    writeFileSync(file, whole);
    assert.is((await load(path)).bound.experiment.name, 'photo');
  }
});

test('of prepared data: it is refused, and made again with a note that names it', async () => {
  const file = join(folder, 'noise.data');
  const dataset = noise(6, 4, 4, 2);
  await writeCache(file, dataset);
  for (const { how, bytes } of damagedBytes(readFileSync(file), 200, 8)) {
    writeFileSync(file, bytes);
    assert.is(await readCache(file), 'corrupt', how);
  }
  const place = photographs(6);
  const cacheDir = join(place.path, 'cache');
  const notes: string[] = [];
  const options = { cacheDir, baseDir: place.path, onNote: (text: string) => void notes.push(text) };
  const whole = await prepare(bound.data, options);
  const [name] = readdirSync(join(cacheDir, 'data'));
  const cached = join(cacheDir, 'data', name!);
  const bytes = readFileSync(cached);
  for (const damage of damagedBytes(bytes, 10, 9)) {
    writeFileSync(cached, damage.bytes);
    assert.equal((await prepare(bound.data, options)).pixels, whole.pixels, damage.how);
    assert.ok(notes.pop()?.includes(cached), damage.how);
  }
  assert.equal(readFileSync(cached), bytes);
  place.remove();
});

test.run();
