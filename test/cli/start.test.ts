/** @file The published executable: it does what the compiled sources do, keeps compiled code and trusts only what it wrote, and loads no engine for a check. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partsOfProgram } from '../../cli/build/bundle.js';
import { TINY_SPEC, workplace } from '../support/command-line.js';

const EXECUTABLE = resolve('dist/bin/ed2lc.cjs');
const SOURCES = resolve('dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'ed2lc-start-'));
const cache = join(folder, 'cache');
const broken = join(folder, 'broken.ed2l');
writeFileSync(broken, 'model m { loss l = unknown }\n');

const program = await partsOfProgram();

function ended(main: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): object {
  const env = { ...process.env, ED2LC_CACHE: cache, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** The files of compiled code. */
const codeFiles = (): string[] =>
  readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const COMMANDS: readonly (readonly string[])[] = [
  ['check', broken],
  ['routes', 'specs/quick.ed2l', '--adjoints'],
  ['help', 'run'],
  ['chekc'],
];

for (const args of COMMANDS)
  test(`${args.join(' ')} ends as it does from the sources`, () => {
    assert.equal(ended(EXECUTABLE, args), ended(SOURCES, args));
  });

test('it trains: engine and workers find their files', async () => {
  const place = workplace({ 'tiny.ed2l': TINY_SPEC });
  const env = { ...process.env, ED2LC_CACHE: cache };
  const args = [EXECUTABLE, 'run', '--engine', 'wasm', '--threads', '2'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: place.path, encoding: 'utf8', env });
  place.remove();
  assert.is(status, 0, stderr);
  assert.match(stderr, 'on wasm with 2 threads (tfjs wasm 4.22)');
});

test('the doctor finds engines and decoder', () => {
  const { stdout } = ended(EXECUTABLE, ['doctor', '--json']) as { stdout: string };
  const found = JSON.parse(stdout) as { about: string; state: string }[];
  for (const about of ['engine wasm', 'engine cpu', 'images'])
    assert.is(found.find((finding) => finding.about === about)!.state, 'ok', stdout);
});

test('code is kept once, and damage to it, or the right of others to write it, is no matter', () => {
  rmSync(cache, { recursive: true, force: true });
  const check = (): object => ended(EXECUTABLE, ['check', 'specs/quick.ed2l']);
  const expected = check();
  const [file] = codeFiles();
  const { ino } = statSync(file!);
  assert.equal(check(), expected);
  assert.is(statSync(file!).ino, ino, 'it was written again');
  const whole = readFileSync(file!);
  for (const at of [0, whole.length >> 1]) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 0x10;
    writeFileSync(file!, damaged);
    const before = statSync(file!).ino;
    assert.equal(check(), expected);
    assert.is.not(statSync(file!).ino, before, `byte ${at}`);
  }
  writeFileSync(file!, whole.subarray(0, 100_000));
  assert.equal(check(), expected);
  assert.ok(readFileSync(file!).length > 200_000);
  const before = statSync(file!).ino;
  chmodSync(file!, 0o666);
  assert.equal(check(), expected);
  assert.is.not(statSync(file!).ino, before, 'a file that others may write');
  assert.is(codeFiles().length, 1);
});

test('code of older programs goes, and nothing else', () => {
  const older = join(cache, 'compiled-code', '0123456789abcdef-v20.9.0-x64');
  const foreign = join(cache, 'compiled-code', 'thesis');
  for (const path of [older, foreign]) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'check'), '');
  }
  ended(EXECUTABLE, ['explain', 'ED4004']);
  assert.not.ok(existsSync(older));
  assert.ok(existsSync(join(foreign, 'check')));
});

test('nothing is kept where nothing can be, or shall be', () => {
  rmSync(cache, { recursive: true, force: true });
  const args = ['check', 'specs/quick.ed2l'];
  const expected = ended(SOURCES, args);
  assert.equal(ended(EXECUTABLE, args, { ED2LC_CACHE: 'none' }), expected);
  assert.equal(ended(EXECUTABLE, args, { ED2LC_CACHE: broken }), expected);
  assert.throws(() => codeFiles(), /ENOENT/);
});

test('the licences of all packages inside come with the program', () => {
  const names = new Set(
    Object.keys(program.inputs).flatMap((input) => {
      const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
      return name === undefined ? [] : [name];
    }),
  );
  assert.ok(names.has('chevrotain'));
  const blocks = readFileSync('dist/bin/LICENSES.txt', 'utf8').split(/^== /m).slice(1);
  assert.equal(
    new Set(blocks.map((block) => block.slice(0, block.lastIndexOf(' ', block.indexOf('(') - 2)))),
    names,
  );
  for (const block of blocks) assert.ok(block.length > 500, block.slice(0, 100));
});

/** What Node loads, by URL; packages of the old module system by their entries. */
function loadedBy(...args: readonly string[]): string[] {
  const list = join(folder, 'loaded.txt');
  writeFileSync(list, '');
  const hook = `import { appendFileSync } from 'node:fs';
    export const load = (url, context, next) => (appendFileSync(${JSON.stringify(list)}, url + '\\n'), next(url, context));`;
  const asUrl = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hook))});`;
  execFileSync(process.execPath, ['--import', asUrl(register), SOURCES, ...args], { stdio: 'ignore' });
  return readFileSync(list, 'utf8').trim().split('\n');
}

test('a check loads no engine, no codec, no schemas, and little of our own', () => {
  const loaded = loadedBy('check', 'specs/ed2l.ed2l');
  const packages = loaded.filter((url) =>
    /\/node_modules\/(?!chevrotain|@chevrotain|lodash-es|commander)/.test(url),
  );
  assert.equal(packages, []);
  const own = loaded.filter((url) => /\/dist\//.test(url) && !url.includes('/node_modules/'));
  assert.ok(own.length > 50 && own.length <= 150, `${own.length} modules`);
  assert.equal(
    own.filter((url) =>
      /\/(runtime\/(?!.*errors)(data|engines|training)|compiler\/(passes|plan))\//.test(url),
    ),
    [],
  );
  assert.ok(loadedBy('eval', '--help').length > 0);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
