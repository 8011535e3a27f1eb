/** @file How the command line answers: streams, colours, exit codes, and words that do not fit. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace } from '../support/command-line.js';

/** A model in two stages, one that runs them, and a model that removes a part of it. */
const STAGES = {
  'sound/staged.ed2l': `import { tiny } from "./tiny.ed2l"
model staged extends tiny {
  loss calm = mean(square(z)) updates reader
  train warm { freeze encoder  minimize l using adam() }
  train { minimize l + calm using adam() }
}
data faces { source synthetic_faces(people: 4)  resize to(12, 12)  folds blocks(2, by: subject) }
`,
  'sound/stages.ed2l': `import { staged, faces } from "./staged.ed2l"
experiment e { model staged  pretrain warm on faces  train on faces }
experiment again { model staged  pretrain warm on faces  train on faces  seeds 1, 2 }
`,
  'sound/less.ed2l': `import { staged } from "./staged.ed2l"
model less extends staged { remove loss calm }
`,
};
const place = workplace({
  ...STAGES,
  'sound/tiny.ed2l': TINY_SPEC,
  'wrong.ed2l': 'model a { x = ysterious }\n',
});
test.after(() => place.remove());

test('help and version are data; no command is a usage error', async () => {
  const help = await place.ed2lc(['--help']);
  assert.is(help.code, 0);
  assert.match(help.stdout, /^Training:\n {2}compile /m);
  assert.is(help.stderr, '');
  assert.match((await place.ed2lc(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  const nothing = await place.ed2lc([]);
  assert.is(nothing.code, 2);
  assert.is(nothing.stdout, '');
});

test('a misspelt command or option is answered with the nearest one, and 2', async () => {
  const command = await place.ed2lc(['chek']);
  assert.is(command.code, 2);
  assert.match(command.stderr, /Did you mean check/);
  const option = await place.ed2lc(['compile', '--stat']);
  assert.is(option.code, 2);
  assert.match(option.stderr, /Did you mean --stats/);
  for (const args of [
    ['run', '--fold', 'x'],
    ['run', '--engine', 'gpu'],
    ['check', '--set', 'margin'],
    ['run', '--seed', '99999999999999999999'],
    ['synth', 'there', '--size', '0x3'],
  ]) {
    const { code, stderr } = await place.ed2lc(args);
    assert.is(code, 2, args.join(' '));
    assert.not.match(stderr, /\n\s+at /);
  }
});

test('a sound spec is 0 and leaves standard output empty; a wrong one is 3, with its place', async () => {
  const sound = await place.ed2lc(['check', 'sound/tiny.ed2l']);
  assert.is(sound.code, 0, sound.stderr);
  assert.is(sound.stdout, '');
  const wrong = await place.ed2lc(['check', 'sound/tiny.ed2l', 'wrong.ed2l']);
  assert.is(wrong.code, 3);
  assert.match(wrong.stderr, /wrong\.ed2l:1:15/);
  assert.match(wrong.stderr, /sound\/tiny\.ed2l: sound/);
});

test('quiet is silent on success and still tells errors', async () => {
  assert.is((await place.ed2lc(['-q', 'check', 'sound/tiny.ed2l'])).stderr, '');
  assert.match((await place.ed2lc(['check', 'wrong.ed2l', '-q'])).stderr, /ysterious/);
});

test('colour: none in a pipe, on when forced, and NO_COLOR wins over the environment but not over the command line', async () => {
  const escape = '\u001b[';
  const ask = (args: readonly string[], environment = {}): Promise<{ stderr: string }> =>
    place.ed2lc(['check', 'wrong.ed2l', ...args], environment);
  assert.not.ok((await ask([])).stderr.includes(escape));
  assert.ok((await ask([], { FORCE_COLOR: '1' })).stderr.includes(escape));
  assert.not.ok((await ask([], { FORCE_COLOR: '1', NO_COLOR: '1' })).stderr.includes(escape));
  assert.ok((await ask(['--color', 'always'], { NO_COLOR: '1' })).stderr.includes(escape));
  assert.not.ok((await ask(['--no-color'], { FORCE_COLOR: '1' })).stderr.includes(escape));
});

test('without a spec: the only one with an experiment here, else the entry of package.json, else a question', async () => {
  const empty = await place.ed2lc(['check']);
  assert.is(empty.code, 2);
  assert.match(empty.stderr, /no spec with an experiment here/);
  const own = workplace({ 'a.ed2l': TINY_SPEC, 'library.ed2l': 'block unit(n) = dense(n)\n' });
  assert.match((await own.ed2lc(['check'])).stderr, /^a\.ed2l: sound/);
  own.write('b.ed2l', TINY_SPEC);
  const two = await own.ed2lc(['check']);
  assert.is(two.code, 2);
  assert.match(two.stderr, /a\.ed2l, b\.ed2l/);
  own.write('package.json', '{ "ed2l": "b.ed2l" }');
  assert.match((await own.ed2lc(['check'])).stderr, /^b\.ed2l: sound/);
  own.remove();
});

test('a folder, and a file that is not text, are named as such', async () => {
  const folder = await place.ed2lc(['check', 'sound']);
  assert.is(folder.code, 2);
  assert.match(folder.stderr, /sound is a folder/);
  place.write('bytes.ed2l', '');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${place.path}/bytes.ed2l`, Buffer.from([0x6d, 0xff, 0xfe, 0x00]));
  const bytes = await place.ed2lc(['check', 'bytes.ed2l']);
  assert.is(bytes.code, 2);
  assert.match(bytes.stderr, /not UTF-8/);
  assert.is((await place.ed2lc(['check', 'missing.ed2l'])).code, 3);
});

test('routes prints the matrix as text and as JSON', async () => {
  const text = await place.ed2lc(['routes', 'sound/tiny.ed2l']);
  assert.is(text.stdout, 'routes tiny  encoder  reader\n  l                1       1\n');
  const json = JSON.parse((await place.ed2lc(['routes', 'sound/tiny.ed2l', '--json'])).stdout) as {
    stages: { steps: { rows: { cells: string[] }[] }[] }[];
  }[];
  assert.equal(json[0]!.stages[0]!.steps[0]!.rows[0]!.cells, ['1', '1']);
  assert.match((await place.ed2lc(['routes', 'sound/tiny.ed2l', '--adjoints'])).stdout, /input VJPs/);
  assert.is((await place.ed2lc(['routes', 'sound/tiny.ed2l', '--model', 'other'])).code, 2);
});

test('routes of an imported model are those of every stage that runs it', async () => {
  const { stdout } = await place.ed2lc(['routes', 'sound/stages.ed2l']);
  assert.is(
    stdout,
    [
      'routes staged train warm  encoder (frozen)  reader',
      '  l                                      .       1',
      '',
      'routes staged  encoder  reader',
      '  l                  1       1',
      '  calm               .       1',
      '',
    ].join('\n'),
  );
});

test('what `remove` took away is noted by check alone', async () => {
  const ask = async (...args: string[]): Promise<string> =>
    (await place.ed2lc([...args, 'sound/less.ed2l'])).stderr;
  assert.match(await ask('check'), /^note\[ED2019\]: .*`calm`/);
  assert.is(await ask('routes'), '');
  assert.is(await ask('show'), '');
});

test('a reader that stops early is no error', async () => {
  const { child, ended } = place.start(['routes', 'sound/tiny.ed2l', '--adjoints']);
  child.stdout!.destroy();
  const { code, stderr } = await ended;
  assert.is(code, 0);
  assert.is(stderr, '');
});

test.run();
