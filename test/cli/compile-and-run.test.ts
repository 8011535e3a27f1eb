/** @file From a spec to judged parameters by the command line alone: compile, run, eval, and what happens when something is in the way. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace, type Workplace } from '../support/command-line.js';

const place = workplace({ 'tiny.ed2l': TINY_SPEC });
test.after(() => place.remove());

const run = (at: Workplace, ...args: string[]): ReturnType<Workplace['ed2lc']> =>
  at.ed2lc(['run', '--engine', 'cpu', ...args]);
const json = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(place.path, file), 'utf8')) as Record<string, unknown>;

test('compile leaves the IRs, the graphs, the inference model and hashes; run takes them as they are', async () => {
  const compiled = await place.ed2lc(['compile', '--verify']);
  assert.is(compiled.code, 0, compiled.stderr);
  const files = [
    'experiment.json',
    'graph.json',
    'graph.txt',
    'inference',
    'manifest.json',
    'model.json',
    'model.txt',
  ];
  assert.equal(readdirSync(join(place.path, '.ed2l/try_tiny')).sort(), files);
  const trained = await run(place);
  assert.is(trained.code, 0, trained.stderr);
  assert.not.match(trained.stderr, /compiling again/);
  assert.match(trained.stdout, /^accuracy +\d+\.\d%  \(95 % interval .* over 2 people, n = 56\)\nconfusion/);
  assert.match(trained.stderr, /writing to runs\/try_tiny-001/);
  assert.match(trained.stderr, /next: ed2lc eval runs\/try_tiny-001/);
  assert.is(json('runs/try_tiny-001/result.json')['ended'], 'complete');
  const lines = readFileSync(join(place.path, 'runs/try_tiny-001/metrics.jsonl'), 'utf8').trim().split('\n');
  for (const line of lines) assert.type(JSON.parse(line), 'object');
  assert.ok(existsSync(join(place.path, 'runs/try_tiny-001/seed-0-fold-1/inference/model.json')));
});

test('eval judges the same parameters the same way, and a second run gets a directory of its own', async () => {
  const [first, again] = [
    await place.ed2lc(['eval', 'runs/try_tiny-001', '--engine', 'cpu']),
    await run(place),
  ];
  assert.is(first.code, 0, first.stderr);
  assert.is(first.stdout, again.stdout, 'the same seed on the same engine learns the same');
  assert.ok(existsSync(join(place.path, 'runs/try_tiny-002')));
  const numbers = JSON.parse(
    (await place.ed2lc(['eval', 'runs/try_tiny-001', '--engine', 'cpu', '--json'])).stdout,
  ) as { judgement: { n: number } }[];
  assert.is(numbers[0]!.judgement.n, 56);
});

test('what changed since compiling is said, and compiled again', async () => {
  place.write('tiny.ed2l', TINY_SPEC.replace('epochs 2', 'epochs 1'));
  assert.match((await run(place)).stderr, /compiling again: tiny\.ed2l has changed/);
  assert.match((await run(place, '--set', 'rate=1e-3')).stderr, /compiling again: a hyper was set/);
  assert.not.match((await run(place)).stderr, /compil/, 'what one run was given is gone in the next');
  writeFileSync(join(place.path, '.ed2l/try_tiny/graph.json'), '{"format": "ed2l-gr');
  const damaged = await run(place);
  assert.is(damaged.code, 0, damaged.stderr);
  assert.match(damaged.stderr, /graph\.json is not a valid graph file/);
  writeFileSync(join(place.path, '.ed2l/try_tiny/manifest.json'), '{');
  assert.is((await run(place)).code, 0);
});

test('the graph after a pass is data; with --stop-after nothing is written', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC });
  const printed = await own.ed2lc(['compile', '--stop-after', 'simplify']);
  assert.is(printed.code, 0, printed.stderr);
  assert.match(printed.stdout, /^== tiny step main, after simplify\n%0: f32/);
  assert.not.ok(existsSync(join(own.path, '.ed2l')));
  assert.match((await own.ed2lc(['compile', '--print-after', 'update'])).stdout, /adam_update/);
  assert.match((await own.ed2lc(['compile', '--stats'])).stdout, /parameters/);
  own.remove();
});

test('a digit changed in a compiled file is noticed', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC });
  assert.is((await own.ed2lc(['compile'])).code, 0);
  const file = join(own.path, '.ed2l/try_tiny/graph.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('12,12,1', '12,13,1'));
  const { code, stderr } = await run(own);
  assert.is(code, 0, stderr);
  assert.match(stderr, /graph\.json is not .*compile the spec again\ncompiling again/);
  own.remove();
});

test('a model that no machine holds is refused by the checker', async () => {
  const own = workplace({
    'tiny.ed2l': TINY_SPEC.replace('dense(8)', 'dense(width)').replace(
      'hyper rate',
      'hyper width = 8\n  hyper rate',
    ),
  });
  const { code, stderr } = await run(own, '--set', 'width=100000000');
  assert.is(code, 3, stderr);
  assert.match(stderr, /ED3027.*2\^30 parameters/);
  own.remove();
});

test('a model without an experiment compiles, and run says what to write; a library has nothing to compile', async () => {
  const model = TINY_SPEC.slice(0, TINY_SPEC.indexOf('data faces'));
  const own = workplace({ 'model.ed2l': model, 'blocks.ed2l': 'block unit(n) = dense(n)\n' });
  assert.is((await own.ed2lc(['compile', 'model.ed2l'])).code, 0);
  assert.ok(existsSync(join(own.path, '.ed2l/tiny/model.json')));
  const refused = await own.ed2lc(['run', 'model.ed2l']);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /has no experiment/);
  const advice = refused.stderr.slice(refused.stderr.indexOf('  data faces'));
  own.write('model.ed2l', `${model}\n${advice.replace('people: 20', 'people: 4')}`);
  const taken = await own.ed2lc(['check', 'model.ed2l']);
  assert.not.match(taken.stderr, /ED1|ED2/, 'the advice itself parses and names what exists');
  assert.match((await own.ed2lc(['compile', 'blocks.ed2l'])).stderr, /nothing to compile/);
  own.remove();
});

test('folds, experiments and data that are not there: 2 and 4, in one message', async () => {
  const fold = await run(place, '--fold', '3');
  assert.is(fold.code, 2);
  assert.match(fold.stderr, /there is no fold 3: faces has 2/);
  const experiment = await run(place, '--experiment', 'other');
  assert.is(experiment.code, 2);
  assert.match(experiment.stderr, /it has try_tiny/);
  const own = workplace({
    'tiny.ed2l': TINY_SPEC.replace('synthetic_faces(people: 4)', 'folder("$NO_SUCH_FACES")'),
  });
  const data = await run(own);
  assert.is(data.code, 4);
  assert.match(data.stderr, /error: .*NO_SUCH_FACES, which is not set\n/);
  assert.is((await own.ed2lc(['eval', 'nowhere'])).code, 4);
  own.remove();
});

test('compile never replaces a folder that is not its own', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC, 'try_tiny/thesis.tex': 'ten years' });
  const { code, stderr } = await own.ed2lc(['compile', '--out', '.']);
  assert.is(code, 5);
  assert.match(stderr, /try_tiny was not written by ed2lc/);
  assert.is(readFileSync(join(own.path, 'try_tiny/thesis.tex'), 'utf8'), 'ten years');
  own.remove();
});

test('a disk that refuses is one message and 5', async () => {
  place.write('file', '');
  const { code, stderr } = await run(place, '--runs', 'file');
  assert.is(code, 5);
  assert.match(stderr, /error: file\/try_tiny-…: the run directory could not be made/);
  assert.not.match(stderr, /\n\s+at /);
});

test('a closed terminal is asked to end like Ctrl-C, and a closed stream loses no training', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC.replace('epochs 2', 'epochs 100000') });
  const { child, ended } = own.start(['run', '--engine', 'cpu']);
  const running = new Promise<void>((ready) =>
    child.stderr!.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('epoch 3/')) ready();
    }),
  );
  await running;
  child.stderr!.destroy();
  await new Promise((later) => setTimeout(later, 200));
  child.kill('SIGHUP');
  assert.is((await ended).code, 129);
  assert.ok(existsSync(join(own.path, 'runs/try_tiny-001/checkpoints/seed-0-fold-1.safetensors')));
  own.remove();
});

test('a fold asked for twice is held out once; compiled settings are named when they act', async () => {
  const own = workplace({ 'tiny.ed2l': TINY_SPEC });
  await own.ed2lc(['compile', '--set', 'rate=1e-3']);
  const { stdout, stderr } = await run(own, '--fold', '1,1');
  assert.match(stdout, /n = 56\)/);
  assert.match(stderr, /compiled with rate = 1e-3/);
  own.remove();
});

test('a training that diverges is 1, names the loss, and keeps the parameters before', async () => {
  const own = workplace({
    'tiny.ed2l': TINY_SPEC.replace('relu()', 'exp() |> exp()').replace('epochs 2', 'epochs 50'),
  });
  const { code, stderr } = await run(own, '--set', 'rate=1e3');
  assert.is(code, 1, stderr);
  assert.match(stderr, /error: at iteration \d+, the loss l is not finite/);
  assert.is(
    JSON.parse(readFileSync(join(own.path, 'runs/try_tiny-001/result.json'), 'utf8')).ended,
    'failed',
  );
  own.remove();
});

test('synth writes folders that a spec reads back', async () => {
  const own = workplace();
  const { code, stderr } = await own.ed2lc(['synth', 'faces', '--people', '2', '--size', '16x14']);
  assert.is(code, 0, stderr);
  assert.is(
    readdirSync(join(own.path, 'faces'), { recursive: true }).filter((f) => /[/\\]\d\.png$/.test(String(f)))
      .length,
    56,
  );
  assert.ok(existsSync(join(own.path, 'faces', 'contact-sheet.png')));
  const twice = await own.ed2lc(['synth', 'faces', '--people', '2']);
  assert.is(twice.code, 4);
  assert.match(twice.stderr, /exists already/);
  own.remove();
});

test.run();
