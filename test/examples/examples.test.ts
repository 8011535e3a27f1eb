/** @file The examples run as their README says, here with fewer people and epochs. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ED2LC } from '../support/command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'ed2lc-examples-'));

/** What the script prints. */
function node(script: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ED2LC_CACHE: 'none' },
  });
  assert.is(status, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Puts the example into the temporary folder, changed. Every text to replace must be there. */
function put(example: string, changes: Readonly<Record<string, string>> = {}): void {
  let text = readFileSync(join('examples', example), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    assert.ok(text.includes(from), `${example} has no ${from}`);
    text = text.replace(from, to);
  }
  mkdirSync(join(folder, 'folder'), { recursive: true });
  writeFileSync(join(folder, example), text);
}

const LESS = { 'people: 24': 'people: 4', 'epochs 20': 'epochs 2' };

test('two losses: trained, and judged on the person held out', () => {
  put('two_losses.ed2l', LESS);
  const out = node(ED2LC, ['run', 'two_losses.ed2l', '--engine', 'cpu']);
  assert.match(out, /accuracy +\d+\.\d% .*, n = 12\)/);
});

test('two losses: the marked change gives the encoder the second loss', () => {
  const lastRow = (): string => node(ED2LC, ['routes', 'two_losses.ed2l']).trim().split('\n').at(-1)!;
  put('two_losses.ed2l');
  assert.match(lastRow(), /^ *draw +\. +\. +1$/);
  put('two_losses.ed2l', { 'updates painter ': 'updates painter, encoder ' });
  assert.match(lastRow(), /^ *draw +1 +\. +1$/);
});

test('a folder of images: faces are written, found, and learned from', () => {
  put('folder/classifier.ed2l', { 'epochs 15': 'epochs 1' });
  const cwd = join(folder, 'folder');
  node(ED2LC, ['synth', 'faces', '--people', '4'], cwd);
  const out = node(ED2LC, ['run', '--engine', 'cpu'], cwd);
  assert.match(out, /accuracy +\d+\.\d% .*, n = 28\)/);
});

test('the library page trains and judges', () => {
  put('two_losses.ed2l', LESS);
  const out = node(resolve('dist/examples/library.js'), ['two_losses.ed2l']);
  assert.match(out, /^epoch 2 \{/m);
  assert.match(out, /^[\d.]+ of 12 images of 1 new people$/m);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
