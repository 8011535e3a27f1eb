/** @file `ed2lc init`: what it writes compiles and trains as it is, and nothing is ever replaced. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../../compiler/index.js';
import { TEMPLATES } from '../../cli/templates.js';
import { workplace } from '../support/command-line.js';

/** Less of everything that a template leaves to --set; what is asked of its data stays. */
const LESS: Readonly<Record<keyof typeof TEMPLATES, readonly string[]>> = {
  baseline: ['filters=2'],
  ed2l: ['filters=2', 'features=4'],
  two_losses: [],
};

for (const [name, { files }] of Object.entries(TEMPLATES)) {
  test(`${name}: written, compiled, and run by the commands it names`, async () => {
    const own = workplace();
    const { code, stdout, stderr } = await own.ed2lc(['init', 'new', '--template', name]);
    assert.is(code, 0, stderr);
    assert.is(stdout, '');
    assert.match(stderr, /\nnext: cd new && ed2lc run\n$/);
    assert.equal(
      readdirSync(join(own.path, 'new')).sort(),
      [...Object.keys(files), '.gitignore', 'README.md', 'package.json'].sort(),
    );
    const spec = readFileSync(join(own.path, 'new/spec.ed2l'), 'utf8');
    // The test's own cut, so that it takes seconds: fewer people for fewer rounds.
    own.write('new/spec.ed2l', spec.replace(/people: \d+/, 'people: 4').replace(/epochs \d+/, 'epochs 1'));
    const compiled = await own.ed2lc(['compile', '--verify'], {}, 'new');
    assert.is(compiled.code, 0, compiled.stderr);
    assert.not.match(compiled.stderr, /^(note|warning)/m);
    const settings = LESS[name as keyof typeof TEMPLATES].flatMap((setting) => ['--set', setting]);
    const ran = await own.ed2lc(['run', '--threads', '1', ...settings], {}, 'new');
    assert.is(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^accuracy +\d/);
    const ignored = readFileSync(join(own.path, 'new/.gitignore'), 'utf8').split('\n');
    for (const made of ['runs', '.ed2l']) {
      assert.ok(existsSync(join(own.path, 'new', made)));
      assert.ok(ignored.includes(`${made}/`));
    }
    own.remove();
  });

  test(`${name}: imports nothing but its own files`, () => {
    for (const [file, path] of Object.entries(files))
      for (const item of parse(readFileSync(path, 'utf8'), file).file.items)
        if (item.kind === 'import') assert.ok(item.from.text.replace('./', '') in files, item.from.text);
  });
}

test('without --template: what there is, and the usual one; a package.json stays', async () => {
  const own = workplace({ 'package.json': '{"name": "mine"}' });
  const { code, stderr } = await own.ed2lc(['init']);
  assert.is(code, 0, stderr);
  for (const name of Object.keys(TEMPLATES)) assert.match(stderr, name);
  assert.match(stderr, /taking ed2l\n/);
  assert.match(stderr, /\nnext: ed2lc run\n$/);
  assert.is(readFileSync(join(own.path, 'package.json'), 'utf8'), '{"name": "mine"}');
  assert.is((await own.ed2lc(['check'])).code, 0);
  own.remove();
});

test('what is in the way is named, 2, and nothing is written', async () => {
  const own = workplace({ 'spec.ed2l': 'mine', 'README.md': 'mine', file: '' });
  const { code, stderr } = await own.ed2lc(['init', '--template', 'baseline']);
  assert.is(code, 2);
  assert.match(stderr, /spec\.ed2l, README\.md are there already/);
  assert.equal(readdirSync(own.path).sort(), ['README.md', 'file', 'spec.ed2l']);
  assert.is(readFileSync(join(own.path, 'spec.ed2l'), 'utf8'), 'mine');
  const onFile = await own.ed2lc(['init', 'file']);
  assert.is(onFile.code, 2);
  assert.match(onFile.stderr, /file is a file/);
  const below = await own.ed2lc(['init', 'file/below']);
  assert.is(below.code, 5);
  assert.not.match(below.stderr, /\n\s+at /);
  assert.is((await own.ed2lc(['init', 'x', '--template', 'gan'])).code, 2);
  own.remove();
});

test.run();
