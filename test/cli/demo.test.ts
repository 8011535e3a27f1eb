/** @file `npm run demo` on a miniature: one table, every row with its interval, and a verdict for each pair. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace } from '../support/command-line.js';

const TWO = TINY_SPEC.replace('z = reader(encoder(face))', 'f_t = encoder(face)\n  z = reader(f_t)').concat(`
model tiny_again extends tiny { hyper rate = 1e-3 }
experiment again {
  model tiny_again
  train on faces
}
`);

const place = workplace({ 'two.ed2l': TWO });
test.after(() => place.remove());

function demo(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [resolve('dist/cli/demo/demo.js'), ...args], {
    cwd: place.path,
    env: { ...process.env, ED2LC_CACHE: `${place.path}/cache` },
    encoding: 'utf8',
  });
}

test('networks, pixels and features in one table; the verdict follows from the intervals', () => {
  const { status, stdout, stderr } = demo('two.ed2l', '--engine', 'cpu');
  assert.is(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  const names = [
    'network tiny',
    'network tiny_again',
    'probe on pixels',
    'probe on f_t of tiny',
    'probe on f_t of tiny_again',
  ];
  for (const [i, name] of names.entries()) {
    assert.ok(lines[i + 1]!.startsWith(name), lines[i + 1]);
    assert.match(lines[i + 1]!, /\d+\.\d%\s+\d+\.\d% to \d+\.\d%/);
  }
  assert.match(stdout, /on 2 people never trained on\. Class: n = 56\. Person: n = 28/);
  assert.is(lines.filter((line) => / against .*(beats|cannot tell|is better)/.test(line)).length, 3);
});

test('all folds are pooled', () => {
  const { status, stdout, stderr } = demo('two.ed2l', '--engine', 'cpu', '--all-folds');
  assert.is(status, 0, stderr);
  assert.match(stdout, /on 4 people never trained on\. Class: n = 112\. Person: n = 56/);
});

test('a spec without an experiment is one message', () => {
  place.write('none.ed2l', 'block unit(n) = dense(n)\n');
  const { status, stderr } = demo('none.ed2l');
  assert.is(status, 2);
  assert.match(stderr, /no experiment to demonstrate/);
});

test.run();
