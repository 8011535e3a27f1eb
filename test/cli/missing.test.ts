/** @file What is not installed, or is not what it should be, is one message with what helps and exit code 5; `auto` does without what it can. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace, type Ended } from '../support/command-line.js';
import { openEngines } from '../support/engines.js';
import { withoutPackages } from '../support/without-package.js';

const place = workplace({ 'tiny.ed2l': TINY_SPEC, 'no-library.txt': 'not a library\n' });
test.after(() => place.remove());
const onednn = (await openEngines()).find(({ name }) => name === 'onednn');

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  place.ed2lc(['run', 'tiny.ed2l', '--fresh', '--progress', 'none', ...args], environment);

/** One line of complaint, and 5. */
function assertRefused({ code, stderr }: Ended, message: RegExp): void {
  assert.is(code, 5, stderr);
  const complaints = stderr.split('\n').filter((line) => line.startsWith('error:'));
  assert.is(complaints.length, 1, stderr);
  assert.match(complaints[0]!, message);
  assert.not.match(stderr, /internal error|\n\s+at |Require stack/);
}

for (const [what, hidden] of [
  ['sharp', 'sharp'],
  ['its compiled part', '@img'],
] as const)
  test(`without sharp (${what}) a run names the command that installs it, and doctor does`, async () => {
    const environment = { ...withoutPackages(place, hidden), ED2LC_CACHE: 'none' };
    assertRefused(
      await run(['--engine', 'cpu'], environment),
      /^error: images need the package sharp, which cannot be loaded \(.*\); to install it: npm install --include=optional sharp@[\d.]+$/,
    );
    const doctor = await place.ed2lc(['doctor'], environment);
    assert.is(doctor.code, 5);
    assert.match(
      doctor.stdout,
      /^problem +images +.*sharp.*\n +npm install --include=optional sharp@[\d.]+$/m,
    );
  });

test('what reads no image does without sharp', async () => {
  const checked = await place.ed2lc(['check', 'tiny.ed2l'], withoutPackages(place, 'sharp'));
  assert.is(checked.code, 0, checked.stderr);
});

test('without koffi there is no onednn: named it is refused with the command, auto says why and takes wasm', async () => {
  const environment = withoutPackages(place, 'koffi');
  const reason =
    /the onednn engine needs the package koffi, .*; to install it: npm install --include=optional koffi@[\d.]+/;
  assertRefused(await run(['--engine', 'onednn'], environment), reason);
  const auto = await run([], environment);
  assert.is(auto.code, 0, auto.stderr);
  assert.match(auto.stderr, / on wasm /);
  assert.match(auto.stderr, reason);
  const doctor = await place.ed2lc(['doctor'], environment);
  assert.match(
    doctor.stdout,
    /^warning +engine onednn +.*koffi.*\n +npm install --include=optional koffi@[\d.]+$/m,
  );
});

test('ED2LC_ONEDNN that names no library is refused with what is wrong; auto says it and takes wasm', async () => {
  mkdirSync(join(place.path, 'empty'), { recursive: true });
  for (const [given, reason] of [
    ['/nowhere/libdnnl.so.2', /No such file|image not found|no such file/],
    ['no-library.txt', /file too short|invalid ELF|not a mach-o/],
    ['empty', /that folder holds no libdnnl/],
    ...(process.platform === 'linux' ? ([['libm.so.6', /dnnl_version/]] as const) : []),
  ] as const) {
    const refused = await run(['--engine', 'onednn'], { ED2LC_ONEDNN: given });
    assertRefused(refused, new RegExp(`^error: ED2LC_ONEDNN is ${given}, and there is no oneDNN library: `));
    assert.match(refused.stderr, reason);
  }
  const auto = await run([], { ED2LC_ONEDNN: 'empty' });
  assert.is(auto.code, 0, auto.stderr);
  assert.match(auto.stderr, / on wasm .*ED2LC_ONEDNN is empty/);
});

/** The library that this process has loaded, if the system tells. */
function loadedLibrary(): string | undefined {
  try {
    return /\/\S*libdnnl\S*/.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}

const library = onednn && loadedLibrary();
if (onednn && library !== undefined)
  test('a library of another major version is refused by its version', async () => {
    const bytes = readFileSync(library);
    // What dnnl_version() points to begins with them.
    const version = onednn.about.replace('oneDNN ', '').split('.');
    const wanted = Buffer.from(Int32Array.from(version, Number).buffer);
    let found = 0;
    for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 4)) {
      if (at % 4 !== 0) continue;
      bytes.writeInt32LE(4, at);
      found++;
    }
    assert.ok(found > 0, library);
    const file = join(place.path, 'libdnnl.so.4');
    writeFileSync(file, bytes);
    assertRefused(
      await run(['--engine', 'onednn'], { ED2LC_ONEDNN: file }),
      /^error: \S*libdnnl\.so\.4 is oneDNN 4\.\d+; the onednn engine speaks 2\.x and 3\.x$/,
    );
  });

test.run();
