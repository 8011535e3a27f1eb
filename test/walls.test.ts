/** @file What the tree looks like from outside: a fixed list at the top, no drawer for everything, and every file says its one job. The walls between folders are in docs/architecture.test.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const CODE = ['grammar', 'compiler', 'runtime', 'cli', 'bench', 'test', 'examples'];
const TOP = [
  ...CODE,
  'specs',
  'docs',
  'editor',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
/** Left by an install, a build or a run. */
const MADE = ['node_modules', 'dist', 'runs'];

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative('.', join(entry.parentPath, entry.name)));

const code = CODE.flatMap(files).filter((file) => /\.c?ts$/.test(file));

test('the top level holds what belongs there', () => {
  const found = readdirSync('.').filter((name) => !name.startsWith('.') && !MADE.includes(name));
  assert.equal(
    found.filter((name) => !TOP.includes(name)),
    [],
  );
});

test('nothing is called after a drawer', () => {
  const drawers = /^(utils?|helpers?|common|misc|lib|stuff)$/;
  for (const file of code)
    for (const part of file.replace(/\.c?ts$/, '').split('/')) assert.not.match(part, drawers, file);
});

test('every file begins with its one job', () => {
  for (const file of code) {
    const start = readFileSync(file, 'utf8')
      .slice(0, 300)
      .replace(/^#!.*\n/, '');
    assert.match(start, /^\/\*\*(\n \*)? @file \S/, file);
  }
});

test('files stay small enough to be read at once', () => {
  for (const file of code.filter((f) => !f.startsWith('test/'))) {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    assert.ok(lines <= 400, `${basename(file)} has ${lines} lines`);
  }
});

test('passes say what they remove, introduce and guarantee', () => {
  for (const pass of ['specialise', 'simplify', 'update', 'lower-carriers']
    .map((name) => `compiler/passes/${name}.ts`)
    .concat('compiler/routing/differentiate.ts')) {
    const [header] = readFileSync(pass, 'utf8').split('*/');
    for (const word of ['Removes:', 'Introduces:', 'Afterwards holds:']) assert.match(header!, word, pass);
  }
});

test.run();
