/** @file `ed2lc doctor`: what it finds is so, what it calls a problem is one, and its remedies work. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cores, memory, node } from '../../cli/doctor/machine.js';
import type { Finding } from '../../cli/doctor/finding.js';
import { commandFor } from '../../cli/doctor/onednn.js';
import { cached, place, room } from '../../cli/doctor/places.js';
import { ownerName } from '../../runtime/data/leftovers.js';
import { COMPILER_VERSION } from '../../runtime/version.js';
import { TINY_SPEC, workplace } from '../support/command-line.js';

const [GIB, MIB] = [2 ** 30, 2 ** 20];
const folder = mkdtempSync(join(tmpdir(), 'ed2lc doctor-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const states = (...findings: Finding[]): string[] => findings.map(({ state }) => state);

test('a sound place is well: every line ok, on standard output, 0; the JSON says the same', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC });
  const text = await own.ed2lc(['doctor']);
  assert.is(text.code, 0, text.stdout);
  assert.is(text.stderr, '');
  const json = JSON.parse((await own.ed2lc(['doctor', '--json'])).stdout) as Finding[];
  const found = new Map(json.map((finding) => [finding.about, finding]));
  assert.match(found.get('ed2lc')!.found, COMPILER_VERSION);
  assert.is(found.get('node')!.found, process.versions.node);
  assert.ok(found.get('engine onednn'));
  assert.match(found.get('engine wasm')!.found, /^SIMD, \d threads?$/);
  assert.match(found.get('images')!.found, /^sharp \d+\.\d+\.\d+, libvips \d/);
  assert.is(found.get('spec')!.found, 'tiny.ed2l is sound');
  assert.match(found.get('cached')!.found, /^(nothing|0 prepared)/);
  for (const { about, state, remedy } of json) {
    assert.match(text.stdout, new RegExp(`^${state} +${about} `, 'm'));
    assert.is(remedy === undefined, state === 'ok', about);
  }
  own.remove();
});

test('a spec with errors is 3, a cache that cannot be is 5; no spec is no problem', async () => {
  const own = workplace({ 'package.json': '{"ed2l": "wrong.ed2l"}', 'wrong.ed2l': 'model a { x = b }\n' });
  const wrong = await own.ed2lc(['doctor']);
  assert.is(wrong.code, 3);
  assert.match(wrong.stdout, /^problem +spec +wrong\.ed2l has \d errors?\n +ed2lc check wrong\.ed2l$/m);
  const cache = await own.ed2lc(['doctor'], { ED2LC_CACHE: join(own.path, 'wrong.ed2l/cache') });
  assert.is(cache.code, 5);
  assert.match(cache.stdout, /^problem +cache .*wrong\.ed2l is a file\n +set ED2LC_CACHE/m);
  own.write('package.json', '{}');
  const none = await own.ed2lc(['doctor'], { ED2LC_CACHE: 'none' });
  assert.is(none.code, 0, none.stdout);
  assert.match(none.stdout, /^warning +spec +none here/m);
  own.remove();
});

test('what a killed process left in the cache is named, and the remedy removes that alone', () => {
  const cache = join(folder, 'cache');
  assert.equal(cached(cache), { about: 'cached', state: 'ok', found: 'nothing' });
  const host = ownerName().replace(/-\d+$/, '');
  const { pid: ended } = spawnSync(process.execPath, ['-e', '0']);
  const data = join(cache, 'data');
  spawnSync('mkdir', ['-p', data]);
  writeFileSync(join(data, 'a.data'), Buffer.alloc(1000));
  writeFileSync(join(data, `b.data.${host}-${ended}.x.partial`), Buffer.alloc(24));
  writeFileSync(join(data, `c.data.${ownerName()}.x.partial`), Buffer.alloc(1024));
  const { state, found, remedy } = cached(cache);
  assert.is(state, 'warning');
  assert.is(
    found,
    '1 prepared data set, 2.0 KiB in all, 24 bytes of it in 1 unfinished file of processes that were killed',
  );
  assert.is(spawnSync('sh', ['-c', remedy!]).status, 0);
  assert.is(cached(cache).state, 'ok');
  for (const left of ['a.data', `c.data.${ownerName()}.x.partial`]) assert.ok(existsSync(join(data, left)));
});

test('what is too old, too little or too full', () => {
  assert.equal(states(node('20.8.1'), node('18.20.0'), node('20.9.0'), node('23.1.0'), node('24.0.0')), [
    'problem',
    'problem',
    'ok',
    'warning',
    'ok',
  ]);
  const memoryOf = (free: number, limit = 0): Finding => memory({ total: 8 * GIB, free, limit });
  assert.equal(states(memoryOf(2 * GIB), memoryOf(GIB / 2), memoryOf(MIB)), ['ok', 'warning', 'problem']);
  assert.match(memoryOf(GIB, 2 * GIB).found, /of 2\.0 GiB, the limit of this container or job/);
  assert.is(memoryOf(GIB, 2 ** 63).found, '1.0 GiB free of 8.0 GiB');
  assert.is(cores(2, 64).found, '2 of 64 for this process');
  const roomOf = (free: number): Finding => room('here', '.', free, 'go elsewhere');
  assert.equal(states(roomOf(9 * GIB), roomOf(GIB / 2), roomOf(0)), ['ok', 'warning', 'problem']);
  assert.match(place('runs', join(folder, 'a/b'), '').found, /a\/b, not there yet: writable/);
});

test('each system is told its own command for oneDNN', () => {
  const debian = 'ID=debian\nVERSION_ID="12"\n';
  assert.is(commandFor('linux', debian), 'sudo apt-get install libdnnl2');
  assert.is(commandFor('linux', 'ID=ubuntu\nID_LIKE=debian\n'), 'sudo apt-get install libdnnl-dev');
  assert.is(commandFor('linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'sudo dnf install onednn');
  assert.is(commandFor('linux', 'ID=arch\n'), 'sudo pacman -S onednn');
  assert.is(commandFor('darwin', ''), 'brew install onednn');
  assert.match(commandFor('linux', ''), 'ED2LC_ONEDNN');
});

test.run();
