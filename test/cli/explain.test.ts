/** @file What `explain` and `check --json` print: data, on standard output. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CODES, explain } from '../../compiler/index.js';
import { workplace } from '../support/command-line.js';

const place = workplace({ 'wrong.ed2l': 'model a {\n  x = ysterious\n}\n' });
test.after(() => place.remove());

test('a code in any case is explained, and without one all are listed', async () => {
  const one = await place.ed2lc(['explain', 'ed4004']);
  assert.equal([one.code, one.stdout, one.stderr], [0, explain('ED4004'), '']);
  const all = await place.ed2lc(['explain']);
  assert.is(all.stdout, CODES.map(({ code, title }) => `${code}  ${title}\n`).join(''));
});

test('an unknown code is a usage error that proposes the nearest', async () => {
  const { code, stdout, stderr } = await place.ed2lc(['explain', 'EDD4004']);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /did you mean ED4004\?/);
});

test('diagnostics as JSON are lines of standard output, and the exit code is that of the spec', async () => {
  const { code, stdout, stderr } = await place.ed2lc(['check', '--json', 'wrong.ed2l']);
  assert.equal([code, stderr], [3, '']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    lines.map((d) => [d['version'], d['code'], d['file'], d['line'], d['column'], d['endColumn']]),
    [
      [1, 'ED5001', 'wrong.ed2l', 1, 7, 8],
      [1, 'ED2001', 'wrong.ed2l', 2, 7, 16],
    ],
  );
});

test.run();
