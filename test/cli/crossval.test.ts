/** @file Cross-validations by the command line: an ordinary run in the end, whatever is killed on the way, also by several coordinators. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace, type Workplace } from '../support/command-line.js';
import { crossvalWithKills, leftBy, type Kill } from '../support/kills.js';

const json = (place: Workplace, ...path: string[]) =>
  JSON.parse(readFileSync(join(place.path, ...path), 'utf8'));
const CPU = ['--engine', 'cpu'];

test('killed on the way, coordinator and training, it ends as `run` over all folds ends: the same files, bit for bit', async () => {
  const place = workplace({ 'tiny.ed2l': TINY_SPEC.replace('epochs 2', 'epochs 30') });
  const whole = await place.ed2lc(['run', '--runs', 'whole', '--fold', 'all', '--seed', '4', ...CPU]);
  assert.is(whole.code, 0, whole.stderr);
  const kills: Kill[] = [
    { whom: 'coordinator', after: 300 },
    { whom: 'training', after: 200 },
  ];
  const args = [...CPU, '--seeds', '4', '--jobs', '2', '--checkpoint-every', '0'];
  const { left } = await crossvalWithKills(place, args, 'runs/try_tiny-001', () => kills.shift() ?? null);
  assert.equal([...left], [...leftBy(place, 'whole/try_tiny-001')]);
  const filesOf = (run: string): string[] => readdirSync(join(place.path, run)).sort();
  assert.equal(filesOf('runs/try_tiny-001'), filesOf('whole/try_tiny-001'));
  const { tasks: _, metrics, ...result } = json(place, 'runs/try_tiny-001/result.json');
  const { tasks: __, ...wanted } = json(place, 'whole/try_tiny-001/result.json');
  assert.equal({ ...result, metrics: wanted.metrics }, wanted, 'in the same words');
  const lines = readFileSync(join(place.path, 'runs/try_tiny-001/metrics.jsonl'), 'utf8');
  assert.is(Buffer.byteLength(lines), metrics);
  const places = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { fold: number; epoch: number; iteration?: number })
    .filter(({ iteration }) => iteration === undefined)
    .map(({ fold, epoch }) => `${fold}/${epoch}`);
  assert.is(places.length, 60);
  assert.is(new Set(places).size, 60, 'each epoch of each training once');

  const again = await place.ed2lc(['crossval', ...CPU, '--seeds', '4']);
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stderr, /2 trainings in runs\/try_tiny-001, is complete already/);
  assert.match(again.stderr, /\nnext: ed2lc report runs\/try_tiny-001\n$/);
  assert.match(again.stdout, /^accuracy .*\n[\s\S]*folds {6}1: [\d.]+%, 2: [\d.]+%\n {11}mean /);
  assert.equal(readdirSync(join(place.path, 'runs')), ['try_tiny-001']);
  const judged = await place.ed2lc(['eval', 'runs/try_tiny-001', ...CPU]);
  assert.is(judged.stdout, again.stdout, 'judged again, it is worth the same');
  place.remove();
});

test('two of a job array begin one run and share its trainings', async () => {
  const place = workplace({ 'tiny.ed2l': TINY_SPEC });
  const part = (share: string) => place.ed2lc(['crossval', ...CPU, '--seeds', '1,2', '--share', share]);
  const parts = await Promise.all([part('1/2'), part('2/2')]);
  for (const { code, stderr } of parts) assert.is(code, 0, stderr);
  const started = parts.map(({ stderr }) => [...stderr.matchAll(/(\d)\/4\] .*: started/g)].map(([, n]) => n));
  assert.equal(started, [
    ['1', '3'],
    ['2', '4'],
  ]);
  assert.equal(readdirSync(join(place.path, 'runs')), ['try_tiny-001']);
  const { ended, tasks, spread } = json(place, 'runs/try_tiny-001/result.json');
  assert.is(ended, 'complete');
  assert.equal(
    tasks.map(({ seed, fold }: { seed: number; fold: number }) => [seed, fold]),
    [
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ],
  );
  assert.is(spread.n, 2);
  const wrong = await part('5/2');
  assert.is(wrong.code, 2);
  place.remove();
});

test.run();
