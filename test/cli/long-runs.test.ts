/** @file Long runs by the command line: every signal saves and has its code, a killed run goes on, and `runs` says how each stands. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TINY_SPEC, workplace, type Ended, type Workplace } from '../support/command-line.js';
import { leftBy, runWithKills } from '../support/kills.js';
import { randomFrom } from '../support/random-graph.js';

const LONG = TINY_SPEC.replace('epochs 2', 'epochs 100000');

/** Starts a run, waits until it trains, and does something to it. */
async function disturbed(
  place: Workplace,
  args: readonly string[],
  act: (send: (signal: NodeJS.Signals) => void) => Promise<void> | void,
): Promise<Ended> {
  const { child, ended } = place.start(['run', '--engine', 'cpu', ...args]);
  const trains = new Promise<void>((ready) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      if (/epoch \d+\//.test(String(chunk))) ready();
    });
    child.on('close', () => ready());
  });
  await trains;
  await act((signal) => void child.kill(signal));
  return ended;
}

test('each signal saves, prints the command that goes on, and has its own exit code; no debugger is opened', async () => {
  const place = workplace({ 'tiny.ed2l': LONG });
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGUSR1: 75 } as const;
  let before = 0;
  for (const [signal, code] of Object.entries(codes) as [NodeJS.Signals, number][]) {
    const ended = await disturbed(place, [], (send) => send(signal));
    assert.is(ended.code, code, `${signal}: ${ended.stderr}`);
    assert.match(ended.stderr, /saving after this iteration; once more ends at once\n/);
    assert.match(ended.stderr, /saved; to go on: ed2lc run --resume runs\/try_tiny-001\n$/);
    assert.not.match(ended.stderr, /Debugger listening/);
    const from = Number(/going on after iteration (\d+)/.exec(ended.stderr)?.[1] ?? 0);
    assert.ok(signal === 'SIGINT' ? from === 0 : from > before, `${signal}: it goes on where it stood`);
    before = from;
  }
  assert.equal(readdirSync(join(place.path, 'runs')), ['try_tiny-001']);
  const list = await place.ed2lc(['runs']);
  assert.match(
    list.stdout,
    /runs\/try_tiny-001  interrupted  tiny   0 of 1 \(seed 0, fold 1, epoch \d+ of 100000, l \d.*\) .*ed2lc run --resume runs\/try_tiny-001\n/,
  );
  place.remove();
});

test('a second Ctrl-C ends at once, and so does a signal before there is anything to lose', async () => {
  const place = workplace({ 'tiny.ed2l': LONG });
  const twice = await disturbed(place, [], (send) => {
    send('SIGTERM');
    send('SIGINT');
  });
  assert.ok(twice.code === 130 || twice.code === 143, twice.stderr);
  assert.not.match(twice.stderr, /saved;/);
  place.write('many.ed2l', LONG.replace('people: 4', 'people: 400'));
  const { child, ended } = place.start(['run', 'many.ed2l', '--engine', 'cpu', '--fresh']);
  // It says this before it draws all these people.
  child.stderr!.once('data', () => child.kill('SIGUSR1'));
  const early = await ended;
  assert.is(early.code, 75, early.stderr);
  assert.not.match(early.stderr, /Debugger|saving/);
  assert.equal(readdirSync(join(place.path, 'runs')), ['try_tiny-001']);
  place.remove();
});

test('while it judges what it trained, a run is interrupted too, and goes on to judge', async () => {
  const text = TINY_SPEC.replace('people: 4', 'people: 16')
    .replace('blocks(2', 'strided(2')
    .replace('epochs 2', 'epochs 1');
  const place = workplace({ 'tiny.ed2l': text });
  const ended = await disturbed(place, [], (send) => send('SIGINT'));
  assert.is(ended.code, 130, ended.stderr);
  const { tasks } = JSON.parse(readFileSync(join(place.path, 'runs/try_tiny-001/result.json'), 'utf8')) as {
    tasks: unknown[];
  };
  assert.equal(tasks, []);
  const again = await place.ed2lc(['run', '--engine', 'cpu', '--resume', 'runs/try_tiny-001']);
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, /^accuracy/);
  place.remove();
});

test('killed three times at random moments, a run ends with the parameters of the one that was not, bit for bit', async () => {
  const place = workplace({ 'tiny.ed2l': TINY_SPEC.replace('epochs 2', 'epochs 60') });
  const args = ['--engine', 'cpu', '--fold', '1', '--checkpoint-every'];
  const whole = await place.ed2lc(['run', '--runs', 'whole', ...args, '5']);
  assert.is(whole.code, 0, whole.stderr);
  const random = randomFrom(6);
  let left = 3;
  const delays = (): number | null => (left-- > 0 ? Math.floor(300 * random()) : null);
  const killed = await runWithKills(place, [...args, '0'], 'runs/try_tiny-001', delays);
  assert.is(killed.kills, 3);
  assert.equal([...killed.left], [...leftBy(place, 'whole/try_tiny-001')]);
  assert.equal(readdirSync(join(place.path, 'runs')), ['try_tiny-001']);
  place.remove();
});

test('what does not go on is said with the way out: 2 for another spec, 4 for damage, and --fresh', async () => {
  const place = workplace({ 'tiny.ed2l': LONG });
  await disturbed(place, ['--checkpoint-every', '0'], (send) => send('SIGINT'));
  const run = (...args: string[]): Promise<Ended> =>
    place.ed2lc(['run', '--engine', 'cpu', '--progress', 'none', ...args]);
  place.write('tiny.ed2l', TINY_SPEC);
  const changed = await run();
  assert.is(changed.code, 2);
  assert.match(
    changed.stderr,
    /error: runs\/try_tiny-001 is unfinished, .*epochs 100000 there, 2 here.*--fresh/,
  );
  assert.is((await run('--resume', 'runs/try_tiny-001', '--fresh')).code, 2);
  assert.is((await run('--resume', 'nowhere')).code, 4);
  const checkpoints = join(place.path, 'runs/try_tiny-001/checkpoints');
  for (const name of readdirSync(checkpoints)) {
    const bytes = readFileSync(join(checkpoints, name));
    writeFileSync(join(checkpoints, name), bytes.subarray(0, bytes.length - 9));
  }
  const damaged = await run('--resume', 'runs/try_tiny-001');
  assert.is(damaged.code, 4);
  assert.match(
    damaged.stderr,
    /error: runs\/try_tiny-001\/checkpoints\/seed-0-fold-1\.safetensors is not a whole/,
  );
  assert.not.match(damaged.stderr, /\n\s+at /);
  const fresh = await run('--fresh');
  assert.is(fresh.code, 0, fresh.stderr);
  assert.ok(existsSync(join(place.path, 'runs/try_tiny-002/result.json')));
  const json = JSON.parse((await place.ed2lc(['runs', '--json'])).stdout) as {
    state: string;
    next: string[];
  }[];
  const states = json.map(({ state, next }) => [state, next.join(' ')]);
  assert.equal(states[1], ['complete', 'eval runs/try_tiny-002']);
  rmSync(join(place.path, 'runs'), { recursive: true });
  assert.match((await place.ed2lc(['runs'])).stderr, /there are no runs in runs/);
  place.remove();
});

test.run();
