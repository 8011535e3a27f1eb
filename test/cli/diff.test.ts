/** @file `ed2lc diff` as a process: exit codes, text, JSON, and models that are not there. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace } from '../support/command-line.js';

const place = workplace({
  'tiny.ed2l': TINY_SPEC,
  'longer.ed2l': TINY_SPEC.replace('epochs 2', 'epochs 3').replace(
    'model tiny',
    '# Other words.\nmodel tiny',
  ),
  'children.ed2l':
    'import { tiny } from "./tiny.ed2l"\nmodel one extends tiny { train { epochs 3 } }\nmodel two extends tiny {}\n',
  'wrong.ed2l': 'model a { x = ysterious }\n',
});
test.after(() => place.remove());

test('0 without differences, 1 with them, as text or JSON', async () => {
  const same = await place.ed2lc(['diff', 'tiny.ed2l', 'children.ed2l:two']);
  assert.is(same.code, 0, same.stderr);
  assert.is(same.stdout, '');
  const other = await place.ed2lc(['diff', 'tiny.ed2l', 'longer.ed2l']);
  assert.is(other.code, 1, other.stderr);
  assert.match(other.stdout, /^train\n {2}~ epochs {2}2 -> 3\n/);
  const json = await place.ed2lc(['diff', 'tiny.ed2l', 'children.ed2l:one', '--json']);
  assert.is(json.code, 1);
  assert.equal(JSON.parse(json.stdout), [{ section: 'train', name: 'epochs', before: '2', after: '3' }]);
});

test('a model that is not there, or not named, is a usage error; a wrong spec is 3', async () => {
  const unknown = await place.ed2lc(['diff', 'tiny.ed2l', 'children.ed2l:three']);
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /no model three; it has one, two/);
  const unnamed = await place.ed2lc(['diff', 'tiny.ed2l:tiny', 'children.ed2l']);
  assert.is(unnamed.code, 2);
  assert.match(unnamed.stderr, /which model\? children\.ed2l has one, two/);
  const wrong = await place.ed2lc(['diff', 'wrong.ed2l', 'tiny.ed2l']);
  assert.is(wrong.code, 3);
  assert.match(wrong.stderr, /wrong\.ed2l:1:15/);
});

test.run();
