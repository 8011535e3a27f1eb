/** @file `ed2lc weights`, and what other commands do with weights, without them, and with damaged ones. */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Inspection } from '../../runtime/data/inspect.js';
import { PUBLISHED } from '../../runtime/detection/widths.js';
import { workplace } from '../support/command-line.js';
import { randomWeights, writeWeights } from '../support/mtcnn.js';

const ALIGNED = `data faces {
  source synthetic_faces(people: 2)
  align  mtcnn(64, 56, missing: center)
  folds  blocks(2)
}`;

test('without weights: where they are to be had, and that nothing can be aligned', async () => {
  const own = workplace({ 'aligned.ed2l': ALIGNED });
  const bare = { ED2LC_MTCNN: '' };
  const told = await own.ed2lc(['weights'], bare);
  assert.is(told.code, 4);
  assert.match(told.stdout, /mtcnn_model-shard1\n +1983400 bytes, SHA-256 20f4d3ac/);
  const inspected = await own.ed2lc(['data', 'inspect', 'aligned.ed2l'], bare);
  assert.is(inspected.code, 4);
  assert.match(inspected.stderr, /`ed2lc weights` says where to get them/);
  const nowhere = await own.ed2lc(['weights', 'here'], { ED2LC_CACHE: 'none' });
  assert.is(nowhere.code, 2);
  own.remove();
});

test('with weights of the right shapes faces are looked for, once; damaged ones are named', async () => {
  const own = workplace({ 'aligned.ed2l': ALIGNED });
  const folder = join(own.path, 'random');
  writeWeights(folder, randomWeights(1, PUBLISHED));
  const environment = { ED2LC_MTCNN: folder };
  assert.match((await own.ed2lc(['weights'], environment)).stdout, /are in .*random, and whole/);
  const inspect = async (): Promise<Inspection> => {
    const { stdout, stderr } = await own.ed2lc(['data', 'inspect', 'aligned.ed2l', '--json'], environment);
    assert.is(stderr, '');
    return (JSON.parse(stdout) as [Inspection])[0];
  };
  const first = await inspect();
  assert.equal([first.height, first.width, first.images], [64, 56, 56]);
  assert.is(first.faces!.policy, 'center');
  assert.equal(await inspect(), first);
  const text = await own.ed2lc(['data', 'inspect', 'aligned.ed2l'], environment);
  assert.match(text.stdout, /faces: none on \d+ images \(missing: center\), several on \d+/);
  truncateSync(join(folder, 'shard1'), 1000);
  const damaged = await own.ed2lc(['data', 'inspect', 'aligned.ed2l'], environment);
  assert.is(damaged.code, 4);
  assert.match(damaged.stderr, /shard1 beside .* ends within/);
  assert.match((await own.ed2lc(['doctor'], environment)).stdout, /warning +faces +.*shard1/);
  own.remove();
});

test.run();
