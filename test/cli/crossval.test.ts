/** @file Cross-validations by the command line: an ordinary run in the end, whatever is killed or fails on the way, also by several coordinators. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
  assert.match(again.stdout, /^accuracy .*\n[\s\S]*folds {6}1: [\d.]+%, 2: [\d.]+%\n {11}mean /);
  assert.equal(readdirSync(join(place.path, 'runs')), ['try_tiny-001']);
  const judged = await place.ed2lc(['eval', 'runs/try_tiny-001', ...CPU]);
  assert.is(judged.stdout, again.stdout, 'judged again, it is worth the same');
  assert.is((await place.ed2lc(['crossval', '--status', 'runs/try_tiny-001'])).code, 0);
  place.remove();
});

test('a training that fails is told, stops no other, and is tried again', async () => {
  const broken = TINY_SPEC.replace('experiment try_tiny', 'experiment broken').replace(
    'model  tiny',
    'model  tiny with rate = 1e38',
  );
  const place = workplace({ 'tiny.ed2l': TINY_SPEC, 'broken.ed2l': broken });
  const both = await place.ed2lc(['crossval', 'broken.ed2l', 'tiny.ed2l:try_tiny', ...CPU]);
  assert.is(both.code, 1, both.stderr);
  assert.match(both.stderr, /\[1\/4\] broken, seed 0, fold 1: failed: .*not finite/);
  assert.match(both.stderr, /runs\/try_tiny-001 is complete/);
  assert.match(both.stdout, /try_tiny \(runs\/try_tiny-001\)\naccuracy/);
  const { ended, failure } = json(place, 'runs/broken-001/result.json');
  assert.is(ended, 'failed');
  assert.match(failure, /^seed-0-fold-1: .*; seed-0-fold-2: /);
  const status = await place.ed2lc(['crossval', '--status']);
  assert.is(status.code, 1);
  assert.match(
    status.stdout,
    /^runs\/broken-001: 2 failed of 2\n {2}seed 0, fold 1 {2}failed .*not finite[\s\S]*--resume runs\/broken-001\n$/,
  );
  const runs = await place.ed2lc(['runs']);
  assert.match(
    runs.stdout,
    /runs\/broken-001 {4}failed .*0 of 2 \(2 failed\).*ed2lc crossval --resume runs\/broken-001/,
  );
  const other = await place.ed2lc(['run', '--resume', 'runs/broken-001', ...CPU]);
  assert.is(other.code, 2);
  assert.match(other.stderr, /is a cross-validation: ed2lc crossval --resume runs\/broken-001/);
  const again = await place.ed2lc(['crossval', '--resume', 'runs/broken-001', 'runs/try_tiny-001']);
  assert.is(again.code, 1);
  assert.match(again.stderr, /\[2\/4\] broken, seed 0, fold 2: started/);
  assert.not.match(again.stderr, /\/4\] try_tiny/);
  place.remove();
});

test('asked to end it saves every training and goes on from there; a second signal ends it at once, with all it started', async () => {
  const place = workplace({ 'tiny.ed2l': TINY_SPEC.replace('epochs 2', 'epochs 100000') });
  const args = ['crossval', ...CPU, '--jobs', '2', '--checkpoint-every', '0'];
  const locks = (): string[] => {
    const tasks = join(place.path, 'runs/try_tiny-001/tasks');
    return existsSync(tasks) ? readdirSync(tasks).filter((name) => name.endsWith('.lock')) : [];
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const trains = (name: string): boolean =>
    existsSync(join(place.path, 'runs/try_tiny-001/tasks', name, 'checkpoints'));
  const both = (): boolean => trains('seed-0-fold-1') && trains('seed-0-fold-2') && locks().length === 2;
  const first = place.start(args);
  await until(both);
  const running = await place.ed2lc(['crossval', '--status', '--json']);
  const [{ tasks }] = JSON.parse(running.stdout) as [{ tasks: { state: string }[] }];
  assert.equal(
    tasks.map((t) => t.state),
    ['running', 'running'],
  );
  first.child.kill('SIGUSR1');
  const saved = await first.ended;
  assert.is(saved.code, 75, saved.stderr);
  assert.equal(locks(), []);
  assert.is(json(place, 'runs/try_tiny-001/result.json').ended, 'interrupted');
  assert.match(
    (await place.ed2lc(['crossval', '--status'])).stdout,
    /2 stopped of 2[\s\S]*stopped {2}epoch \d/,
  );

  const second = place.start(args);
  await until(() => locks().length === 2);
  const pids = locks().map((name) => json(place, 'runs/try_tiny-001/tasks', name).pid as number);
  second.child.kill('SIGTERM');
  second.child.kill('SIGINT');
  const ended = await second.ended;
  assert.ok(ended.code === 130 || ended.code === 143, ended.stderr);
  await until(() => pids.every((pid) => !isAlive(pid)));
  place.remove();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

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
  const none = await part('9/9');
  assert.is(none.code, 0, none.stderr);
  const wrong = await part('5/2');
  assert.is(wrong.code, 2);
  place.remove();
});

test.run();
