/** @file Which seeds a run trains with. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace } from '../support/command-line.js';

test('an experiment without seeds trains with the seed of its train block', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC.replace('epochs 2', 'epochs 1  seed 5') });
  const { code, stderr } = await own.ed2lc(['run', '--engine', 'cpu']);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(join(own.path, 'runs/try_tiny-001/parameters')), ['seed-5-fold-1.safetensors']);
  own.remove();
});

test.run();
