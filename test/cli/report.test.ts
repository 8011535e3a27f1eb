/** @file `ed2lc report` as a command: the page, its folder, and what is refused. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace } from '../support/command-line.js';
import { elementsOf } from '../support/report.js';

const place = workplace({ 'tiny.ed2l': TINY_SPEC, file: '' });
test.after(() => place.remove());
const path = (...parts: string[]): string => join(place.path, ...parts);

test('a page, its data, tables and figures; what the run printed stands on it', async () => {
  const trained = await place.ed2lc(['run', '--engine', 'cpu', '--fold', 'all']);
  assert.is(trained.code, 0, trained.stderr);
  const made = await place.ed2lc(['report', 'runs/try_tiny-001', '-o', 'out/tiny.html', '--rehearsal']);
  assert.is(made.code, 0, made.stderr);
  assert.is(made.stdout, 'out/tiny.html\n');
  const html = readFileSync(path('out/tiny.html'), 'utf8');
  elementsOf(html.replace('<!doctype html>\n', ''));
  const [, percent, from] = /accuracy +([\d.]+)% {2}\(95 % interval ([\d.]+)%/.exec(trained.stdout)!;
  assert.match(html, new RegExp(`try_tiny-001: ${percent} %, 95 % interval ${from} to`));
  const data = JSON.parse(readFileSync(path('out/tiny-data/data.json'), 'utf8')) as {
    version: number;
    files: string[];
    runs: { synthetic: boolean; tasks: { done: unknown[] } }[];
  };
  assert.is(data.version, 1);
  assert.is(data.runs[0]!.tasks.done.length, 2);
  for (const file of data.files) assert.ok(existsSync(path('out/tiny-data', file)), file);
  assert.ok(data.files.includes('figures/try_tiny-001-confusion.png'));
  const png = readFileSync(path('out/tiny-data/figures/try_tiny-001-confusion.png'));
  assert.equal([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
});

test('items that report lines do not ask for, and those that no run can have', async () => {
  const more = ['--engine', 'cpu', '--add', 'routes()', '--add', 'tsne(z, fold: 2)'];
  const made = await place.ed2lc(['report', 'runs/try_tiny-001', '-o', 'out/more.html', ...more]);
  assert.is(made.code, 0, made.stderr);
  assert.match(made.stderr, /try_tiny-001: routes\(\)\ntry_tiny-001: tsne\(z, fold: 2\)\n/);
  const figures = readdirSync(path('out/more-data/figures'));
  for (const name of ['try_tiny-001-routes.png', 'try_tiny-001-tsne-z-person.svg'])
    assert.ok(figures.includes(name), name);
  const wrong = await place.ed2lc(['report', 'runs/try_tiny-001', '--add', 'tsne(zz)']);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /--add "tsne\(zz\)", for try_tiny: `tiny` has no value `zz`/);
});

test('a second report removes what the first wrote, and nothing else', async () => {
  writeFileSync(path('out/tiny-data/figures/mine.svg'), '');
  const stale = JSON.parse(readFileSync(path('out/tiny-data/data.json'), 'utf8')) as { files: string[] };
  writeFileSync(path('out/tiny-data/figures/old.svg'), '');
  writeFileSync(
    path('out/tiny-data/data.json'),
    JSON.stringify({
      ...stale,
      files: [...stale.files, 'figures/old.svg', '../tiny.html', 'tables/../../../file.csv'],
    }),
  );
  assert.is((await place.ed2lc(['report', 'runs/try_tiny-001', '-o', 'out/tiny.html'])).code, 0);
  const left = readdirSync(path('out/tiny-data/figures'));
  assert.ok(left.includes('mine.svg') && !left.includes('old.svg'));
});

test('what is no run, a run named twice, a damaged run, a page that cannot be written', async () => {
  const refused = async (exit: number, message: RegExp, ...args: string[]): Promise<void> => {
    const { code, stderr } = await place.ed2lc(['report', ...args]);
    assert.is(code, exit, stderr);
    assert.match(stderr, message);
    assert.not.match(stderr, /\n\s+at |internal/);
  };
  await refused(2, /missing required argument 'run'/);
  await refused(4, /there is no run in runs: it has no run\.json/, 'runs');
  await refused(4, /named twice/, 'runs/try_tiny-001', './runs/try_tiny-001/');
  await refused(5, /out\.html could not be written/, 'runs/try_tiny-001', '-o', 'file/out.html');
  const result = path('runs/try_tiny-001/result.json');
  const before = readFileSync(result, 'utf8');
  writeFileSync(result, before.replace(/"predicted": \d/, '"predicted": 7'));
  await refused(4, /decides for a class that it does not name/, 'runs/try_tiny-001');
  writeFileSync(result, before);
  const metrics = path('runs/try_tiny-001/metrics.jsonl');
  writeFileSync(metrics, `{"seed":0,"mean_l":}\n`);
  await refused(4, /metrics\.jsonl, line 1, is damaged/, 'runs/try_tiny-001');
});

test.run();
