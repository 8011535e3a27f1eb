/** @file `ed2lc fmt` as a process: files, folders, standard input, and what it must leave alone. */
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { workplace } from '../support/command-line.js';

const UGLY = 'model a{x=1 # one\r\n  longer = 2}\r\n';
const NEAT = `model a {
  x      = 1                                        # one
  longer = 2
}
`;
const DAMAGED = 'model   a {';

const place = workplace();
test.after(() => place.remove());
const read = (file: string): string => readFileSync(join(place.path, file), 'utf8');

test('--check names what would change, changes nothing, and ends with 1', async () => {
  place.write('check/ugly.ed2l', UGLY);
  place.write('check/deep/neat.ed2l', NEAT);
  place.write('check/node_modules/theirs.ed2l', UGLY);
  const { code, stdout } = await place.ed2lc(['fmt', '--check', 'check']);
  assert.is(code, 1);
  assert.is(stdout, 'check/ugly.ed2l\n');
  assert.is(read('check/ugly.ed2l'), UGLY);
  assert.is((await place.ed2lc(['fmt', '--check', 'check/deep'])).code, 0);
});

test('files are replaced, permissions and links kept, and nothing is left beside them', async () => {
  place.write('write/ugly.ed2l', UGLY);
  place.write('write/other.ed2l', UGLY);
  chmodSync(join(place.path, 'write/ugly.ed2l'), 0o640);
  symlinkSync('other.ed2l', join(place.path, 'write/link.ed2l'));
  const { code, stdout } = await place.ed2lc(['fmt', 'write/ugly.ed2l', 'write/link.ed2l']);
  assert.is(code, 0);
  assert.is(stdout, 'write/ugly.ed2l\nwrite/link.ed2l\n');
  for (const file of ['ugly', 'other', 'link']) assert.is(read(`write/${file}.ed2l`), NEAT);
  assert.is(statSync(join(place.path, 'write/ugly.ed2l')).mode & 0o777, 0o640);
  assert.equal(readdirSync(join(place.path, 'write')).sort(), ['link.ed2l', 'other.ed2l', 'ugly.ed2l']);
});

test('a file with errors is left as it is, told with its place, and the others are done', async () => {
  place.write('mixed/damaged.ed2l', DAMAGED);
  place.write('mixed/ugly.ed2l', UGLY);
  const { code, stdout, stderr } = await place.ed2lc(['fmt', 'mixed']);
  assert.is(code, 3);
  assert.is(stdout, 'mixed/ugly.ed2l\n');
  assert.match(stderr, /error\[ED1004\]/);
  assert.match(stderr, /mixed\/damaged\.ed2l:1:12/);
  assert.is(read('mixed/damaged.ed2l'), DAMAGED);
});

async function piped(
  args: readonly string[],
  input: string | Uint8Array,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { child, ended } = place.start(['fmt', ...args]);
  child.stdin!.end(input);
  return ended;
}

test('standard input goes to standard output', async () => {
  const { code, stdout } = await piped(['-'], UGLY);
  assert.is(code, 0);
  assert.is(stdout, NEAT);
  assert.is((await piped(['-', '--check'], NEAT)).code, 0);
  assert.is((await piped(['-', '--check'], UGLY)).code, 1);
  const damaged = await piped(['-'], DAMAGED);
  assert.is(damaged.code, 3);
  assert.is(damaged.stdout, '');
  const binary = await piped(['-'], Uint8Array.of(0xff, 0xfe, 0x00));
  assert.is(binary.code, 2);
  assert.match(binary.stderr, /not UTF-8/);
});

test('what is not there, and what is not alone, is a usage error', async () => {
  place.write('empty/readme.txt', 'no spec');
  for (const args of [['nowhere.ed2l'], ['empty'], ['-', 'write/ugly.ed2l']]) {
    const { code, stderr } = await place.ed2lc(['fmt', ...args]);
    assert.is(code, 2, args.join(' '));
    assert.match(stderr, /^error: /);
  }
});

test.run();
