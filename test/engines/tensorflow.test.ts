/** @file The tensorflow engine where there is one: its process ends, steps keep no memory, updates leave the old state as it was, and Node 23 and later run it. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngine } from '../../runtime/engines/engine.js';
import { findTensorflow, packagePath } from '../../runtime/engines/tensorflow/package.js';
import { skip } from '../support/skipped.js';

const found = findTensorflow();

test('what is found says where it computes, or why it cannot', () => {
  if (found.available) assert.match(found.reason, /^TensorFlow \d+\.\d+\S* on the (GPU|CPU)/);
  else assert.match(found.reason, /is installed|could not be loaded/);
  if (packagePath() === undefined) assert.not(found.available);
});

test('a package that cannot be loaded is one line with its path', () => {
  const script = `import { findTensorflow } from './dist/runtime/engines/tensorflow/package.js';
    process.stdout.write(findTensorflow().reason);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, ED2LC_TFJS_NODE: '/not/there' },
  });
  assert.match(stdout, /^\/not\/there could not be loaded: [^\n]+$/);
  assert.is(stderr, '');
});

if (!found.available) skip('the tensorflow engine', found.reason);
else {
  test('its process ends by itself, without a word; also where Node lacks what tfjs-node calls', () => {
    const script = `import util from 'node:util';
      delete util.isArray; delete util.isNullOrUndefined;
      import { openEngine } from './dist/runtime/engines/engine.js';
      const engine = await openEngine('tensorflow');
      const x = engine.upload(Float32Array.of(1, -2), [2]);
      const y = engine.run('Sum', { x }, { axis: [0], keepDims: false }, { shape: [], dtype: 'f32' });
      process.stdout.write(String(engine.view(y)[0]));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.is(stderr, '');
    assert.is(stdout, '-1');
    assert.is(status, 0);
  });

  test('an update makes new state and leaves the old; a thousand of them keep nothing', async () => {
    const engine = await openEngine('tensorflow');
    const attrs = {
      rate: 0.1,
      decay: 0,
      decoupled: false,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      count: 1,
    };
    const state = [1, 0.5, 0, 0].map((x) => engine.upload(Float32Array.of(x, x, x), [3]));
    const types = Array.from({ length: 3 }, () => ({ shape: [3], dtype: 'f32' as const }));
    const step = (): number[][] => {
      const results = engine.runOperation('adam_update', state, attrs, types);
      const values = results.map((tensor) => [...engine.view(tensor)]);
      for (const tensor of results) engine.free(tensor);
      return values;
    };
    const [theta, m, v] = step();
    // The first step of Adam is the rate, whatever the gradient (Kingma and Ba 2015).
    theta!.forEach((x) => assert.ok(Math.abs(x - 0.9) < 1e-6));
    m!.forEach((x) => assert.ok(Math.abs(x - 0.05) < 1e-6));
    v!.forEach((x) => assert.ok(Math.abs(x - 0.00025) < 1e-8));
    assert.equal([...engine.view(state[0]!)], [1, 1, 1]);
    assert.equal([...engine.view(state[2]!)], [0, 0, 0]);
    const { binding } = engine.backend.backend as unknown as {
      binding: { getNumOfTensors(): number };
    };
    const before = binding.getNumOfTensors();
    for (let i = 0; i < 1000; i++) step();
    assert.is(binding.getNumOfTensors(), before);
    for (const tensor of state) engine.free(tensor);
    assert.is(engine.memory().tensors, 0);
  });

  test('numbers that are not finite are found there', async () => {
    const engine = await openEngine('tensorflow');
    for (const [values, finite] of [
      [[1, 2], true],
      [[1, NaN], false],
      [[-Infinity, 0], false],
    ] as const) {
      const tensor = engine.upload(Float32Array.from(values), [2]);
      assert.is(engine.isFinite(tensor), finite);
      engine.free(tensor);
    }
  });
}

test.run();
