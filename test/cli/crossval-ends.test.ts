/** @file Cross-validations by the command line that do not come to their end: trainings that fail, and signals. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace, type Workplace } from '../support/command-line.js';

const json = (place: Workplace, ...path: string[]) =>
  JSON.parse(readFileSync(join(place.path, ...path), 'utf8'));
const CPU = ['--engine', 'cpu'];

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
  assert.not.match(both.stderr, /next: /);
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
  const pids: number[] = [];
  await until(() => {
    pids.splice(0, Infinity, ...locks().flatMap((name) => holder(place, name)));
    return pids.length === 2;
  });
  second.child.kill('SIGTERM');
  second.child.kill('SIGINT');
  const ended = await second.ended;
  assert.ok(ended.code === 130 || ended.code === 143, ended.stderr);
  await until(() => pids.every((pid) => !isAlive(pid)));
  place.remove();
});

/** The process a lock names; none while the lock is still being written. */
function holder(place: Workplace, lock: string): number[] {
  const text = readFileSync(join(place.path, 'runs/try_tiny-001/tasks', lock), 'utf8');
  return text.endsWith('}') ? [JSON.parse(text).pid] : [];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('of several experiments in a spec the others are named as this command names them', async () => {
  const place = workplace({
    'two.ed2l': `${TINY_SPEC}experiment other { model tiny train on faces }\n`,
  });
  const first = await place.ed2lc(['crossval', 'two.ed2l', '--folds', '1', ...CPU]);
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stderr, /running try_tiny; also in two\.ed2l: other \(two\.ed2l:NAME\)/);
  const other = await place.ed2lc(['crossval', 'two.ed2l:other', '--folds', '1', ...CPU]);
  assert.is(other.code, 0, other.stderr);
  assert.match(other.stderr, /next: ed2lc report runs\/other-001/);
  place.remove();
});

test.run();
