/** @file `ed2lc show` as a process: what it prints, and what it says where nothing can be shown. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace } from '../support/command-line.js';

const CHILDREN = `import { tiny } from "./tiny.ed2l"
model one extends tiny { hyper rate = 1e-3 }
model two extends tiny { train { epochs 9 } }
`;
const place = workplace({
  'tiny.ed2l': TINY_SPEC,
  'children.ed2l': CHILDREN,
  'wrong.ed2l': 'model a { x = ysterious }\n',
});
test.after(() => place.remove());

test('the only model, a named one, an experiment’s: text that checks', async () => {
  const one = await place.ed2lc(['show', 'children.ed2l', '--model', 'one']);
  assert.is(one.code, 0, one.stderr);
  assert.match(one.stdout, /^model one \{\n {2}hyper rate = 1e-3\n/);
  place.write('shown.ed2l', one.stdout);
  assert.is((await place.ed2lc(['check', 'shown.ed2l'])).code, 0);
  const set = await place.ed2lc(['show', 'tiny.ed2l', '--experiment', 'try_tiny', '--set', 'rate=0.5']);
  assert.match(set.stdout, /hyper rate = 0\.5\n/);
  assert.match(set.stdout, /of anger, contempt/);
});

test('several models, an unknown one, and a wrong spec are told', async () => {
  const several = await place.ed2lc(['show', 'children.ed2l']);
  assert.is(several.code, 2);
  assert.match(several.stderr, /which model\? children\.ed2l has one, two/);
  const unknown = await place.ed2lc(['show', 'children.ed2l', '--model', 'three']);
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /no model three; it has one, two/);
  assert.is((await place.ed2lc(['show', 'wrong.ed2l'])).code, 3);
});

test.run();
