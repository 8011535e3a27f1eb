/** @file tfjs-core's own tests pass on the onednn backend, as many as counts.json says, and so they do on tfjs's `cpu`, which shows that the tests are whole. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngines } from '../support/engines.js';

const run = fileURLToPath(new URL('./tfjs/run.js', import.meta.url));
const opened = (await openEngines()).map(({ name }) => name);

for (const backend of ['cpu', 'onednn'] as const) {
  if (!opened.includes(backend)) continue;
  test(backend, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [run, '--backend', backend], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    const faults = stdout.split('\n').filter((line) => line.startsWith('FAIL'));
    assert.is(status, 0, `${faults.join('\n')}\n${stderr}`);
  });
}

test.run();
