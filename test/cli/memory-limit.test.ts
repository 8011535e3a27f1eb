/** @file A `--memory` that does not hold a training ends it with one message and 5, before or within a step; what was saved is whole and goes on with more. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace, type Ended } from '../support/command-line.js';
import { openEngines } from '../support/engines.js';

/** Its plan takes half a MiB; the scratch memory of a Winograd convolution beside it some MiB more. */
const SPEC = TINY_SPEC.replace('flatten() |> dense(8)', 'conv(16, kernel: 3) |> conv(16, kernel: 3) |> flatten() |> dense(8)')
  .replace('epochs 2', 'epochs 10')
  .replace('batch 32', 'batch 8'); // prettier-ignore

const opened = (await openEngines()).map(({ name }) => name);

for (const engine of ['onednn'] as const) {
  if (!opened.includes(engine)) continue;
  test(`too little memory on ${engine}`, async () => {
    const place = workplace({ 'tiny.ed2l': SPEC });
    const args = ['run', '--engine', engine, '--checkpoint-every', '0'];
    const { child, ended } = place.start(args);
    child.stderr!.on('data', (chunk: Buffer) => {
      if (/epoch \d+\//.test(String(chunk))) child.kill('SIGINT');
    });
    const saved = await ended;
    assert.is(saved.code, 130, saved.stderr);
    const run = 'runs/try_tiny-001';
    const resume = (memory?: string): Promise<Ended> =>
      place.ed2lc([...args, '--resume', run, ...(memory === undefined ? [] : ['--memory', memory])]);

    const little = await resume('0.0001');
    assert.is(little.code, 5, little.stderr);
    assert.match(
      little.stderr,
      /^error: (this training needs [1-9][\d.]* [KM]iB, and the onednn engine holds at most 105 KiB: |the onednn engine is full: [1-9][\d.]* \w+ of 105 KiB are in use, and ).*--memory$/m,
    );
    // Enough for the plan, not for what convolutions may take beside it.
    const scarce = await resume('0.003');
    if (scarce.code !== 0) {
      assert.is(scarce.code, 5, scarce.stderr);
      assert.match(scarce.stderr, /^error: the onednn engine is full: .*--memory$/m);
    }
    for (const { stderr } of [little, scarce]) {
      assert.ok(stderr.split('\n').filter((line) => line.startsWith('error:')).length <= 1, stderr);
      assert.not.match(stderr, /internal error|\n\s+at /);
    }
    if (scarce.code !== 0) {
      const enough = await resume();
      assert.is(enough.code, 0, enough.stderr);
      assert.match(enough.stderr, /going on after iteration [1-9]/);
    }
    assert.ok(existsSync(join(place.path, run, 'result.json')));
    place.remove();
  });
}

test.run();
