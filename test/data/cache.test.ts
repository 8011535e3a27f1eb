/** @file The cache of prepared data: any damage is seen, the dead leave nothing behind, and processes that want the same set share the work. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheFile, readCache, writeCache } from '../../runtime/data/cache.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import { withLock } from '../../runtime/data/lock.js';
import { randomFrom } from '../support/random-graph.js';
import { tablePlace, type TablePlace } from '../support/tables.js';
import { noise } from '../support/training.js';

const test = suite('cache');
let place: TablePlace;
test.before.each(() => void (place = tablePlace()));
test.after.each(() => place.remove());

const set: Dataset = {
  ...noise(6, 4, 5, 3),
  fields: [
    { name: 'age', shape: [], values: Float32Array.of(1, 2.5, -3, 4, 5, 1e-30) },
    { name: 'votes', shape: [2], values: Float32Array.from({ length: 12 }, (_, i) => i / 7) },
  ],
  otherColumns: [{ name: 'note', why: 'line 2 has "ü"' }],
  sizes: [{ height: 9, width: 8, count: 6 }],
  dropped: [{ reason: 'images', count: 1, items: ['悲'], damaged: true }],
};

test('what was written is read', async () => {
  const file = cacheFile(place.path, ['a recipe']);
  await writeCache(file, set);
  assert.equal(await readCache(file), set);
  assert.is(await readCache(cacheFile(place.path, ['another'])), 'missing');
});

test('damage at any of 200 places, and any shorter or longer file, is seen', async () => {
  const file = cacheFile(place.path, 'recipe');
  await writeCache(file, set);
  const whole = readFileSync(file);
  const random = randomFrom(11);
  for (let i = 0; i < 200; i++) {
    const at = Math.floor(random() * whole.length);
    const changed = Buffer.from(whole);
    changed[at]! ^= 1 << Math.floor(random() * 8);
    writeFileSync(file, i % 4 === 3 ? whole.subarray(0, at) : changed);
    assert.is(await readCache(file), 'corrupt', `at ${at} of ${whole.length}`);
  }
  writeFileSync(file, Buffer.concat([whole, Buffer.of(0)]));
  assert.is(await readCache(file), 'corrupt');
});

/** The id of a process that has ended. */
const dead = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const host = hostname().replace(/[^A-Za-z0-9]/g, '');

test('partial files of the dead are removed, those of the living stay', async () => {
  const file = cacheFile(place.path, 'recipe');
  await mkdir(join(place.path, 'data'));
  const partial = (owner: string): string => `${file}.${owner}.1-2.partial`;
  const [gone, here, elsewhere, old] = [
    `${host}-${dead()}`,
    `${host}-${process.pid}`,
    'other-1',
    'other-2',
  ].map(partial);
  for (const name of [gone!, here!, elsewhere!, old!]) writeFileSync(name, 'half');
  utimesSync(old!, 1e9, 1e9);
  await writeCache(file, set);
  assert.equal(
    [gone, here, elsewhere, old].map((name) => existsSync(name!)),
    [false, true, true, false],
  );
});

test('one at a time: a second waits, and takes over from one that died', async () => {
  const lock = join(place.path, 'x.lock');
  let inside = 0;
  let most = 0;
  let waits = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((done) => setTimeout(done, 20));
    inside--;
  };
  await Promise.all([0, 1, 2].map(() => withLock(lock, () => waits++, work)));
  assert.equal([most, waits, existsSync(lock)], [1, 2, false]);
  const held = (by: object): void => writeFileSync(lock, JSON.stringify(by));
  held({ pid: dead(), host: hostname(), process: '', since: '' });
  await withLock(lock, () => waits++, work);
  // Of a host that cannot be asked: silent for long.
  held({ pid: 1, host: 'another', process: '', since: '' });
  utimesSync(lock, 1e9, 1e9);
  await withLock(lock, () => waits++, work);
  assert.equal([waits, existsSync(lock)], [2, false], 'nobody is said to be at it');
});

test('work that fails gives the lock back', async () => {
  const lock = join(place.path, 'x.lock');
  const failing = withLock(
    lock,
    () => undefined,
    () => Promise.reject(new Error('no')),
  );
  assert.is(
    await failing.then(
      () => '',
      (error: Error) => error.message,
    ),
    'no',
  );
  assert.not.ok(existsSync(lock));
});

/** Prepares the manifest of the place in a process of its own and prints what it noted and got; `slow` lingers over the first image. */
function preparing(slow: boolean): ChildProcess {
  const module = pathToFileURL(resolve('dist/test/support/tables.js')).href;
  const code = `
    import { prepare } from ${JSON.stringify(pathToFileURL(resolve('dist/runtime/data/prepare.js')).href)};
    import { PLAIN_DATA } from ${JSON.stringify(pathToFileURL(resolve('dist/test/support/training.js')).href)};
    import { manifest } from ${JSON.stringify(module)};
    let made = false;
    const set = await prepare({ ...PLAIN_DATA, source: manifest('m.csv') }, {
      cacheDir: 'cache',
      baseDir: '.',
      onNote: (text) => console.log(text),
      onProgress: (done) => {
        if (done === 1) { console.log('at work'); if (${slow}) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600); }
        made = true;
      },
    });
    console.log(made ? 'made' : 'found', set.samples.length);`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: place.path });
}

function output(child: ChildProcess): {
  readonly text: () => string;
  readonly ended: Promise<string>;
  says(words: string): Promise<void>;
} {
  let text = '';
  child.stdout!.on('data', (chunk) => (text += chunk));
  child.stderr!.on('data', (chunk) => (text += chunk));
  const ended = new Promise<string>((done) => child.on('close', () => done(text)));
  return {
    text: () => text,
    ended,
    says: async (words) => {
      while (!text.includes(words)) {
        assert.is(child.exitCode, null, text);
        await new Promise((done) => setTimeout(done, 10));
      }
    },
  };
}

test('two processes do the work once; killed half-way, one leaves it to the other', async () => {
  for (let i = 0; i < 8; i++) place.image(`${i}.pgm`);
  place.write('m.csv', `file,class\n${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `${i}.pgm,a`).join('\n')}\n`);
  const first = output(preparing(true));
  await first.says('at work');
  const second = output(preparing(false));
  assert.match(await first.ended, /made 8/);
  assert.match(await second.ended, /found 8/);

  place.image('0.pgm', 9);
  const child = preparing(true);
  const killed = output(child);
  await killed.says('at work');
  child.kill('SIGKILL');
  await killed.ended;
  assert.match(await output(preparing(false)).ended, /made 8/);
  assert.equal(
    readdirSync(join(place.path, 'cache', 'data')).filter((name) => !name.endsWith('.data')),
    [],
  );
});

test.run();
