/** @file `ed2lc run` ends by itself, with 0, on the engines that have threads of their own. `npm run prove:exits` does it 50 times on each. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngines } from '../support/engines.js';
import { countExits, placeOfExits } from '../support/exits.js';

const opened = (await openEngines()).map(({ name }) => name);
const place = placeOfExits();
test.after(() => place.remove());

for (const engine of ['onednn', 'wasm'] as const) {
  if (!opened.includes(engine)) continue;
  test(`three exits of three on ${engine}`, async () => {
    const { counts, complaint } = await countExits(place, engine, 3);
    assert.equal([...counts], [['exit 0', 3]], complaint);
  });
}

test.run();
