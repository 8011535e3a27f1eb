/** @file TensorBoard's event files, read back by the published formats: what a training leaves, what resuming adds, and a disk that refuses. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32c } from '../../runtime/training/event-file.js';
import { TensorBoardLog } from '../../runtime/training/tensorboard.js';
import type { IterationProgress } from '../../runtime/training/train.js';
import { bitwiseCrc32c, curves, readEvents } from '../support/event-file.js';

const folder = mkdtempSync(join(tmpdir(), 'ed2lc-events-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const refuse = (message: string): void => assert.unreachable(message);

const progress = (iteration: number, iterations: number, l: number): IterationProgress => ({
  epoch: 0,
  epochs: 1,
  iteration,
  iterations,
  measured: { l },
  imagesPerSecond: 100,
  secondsLeft: 1,
});

test('the checksum has the published check values', () => {
  const published: readonly (readonly [Uint8Array, number])[] = [
    [Buffer.from('123456789'), 0xe3069283],
    // RFC 3720, B.4.
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ];
  for (const [bytes, sum] of published) assert.equal([crc32c(bytes), bitwiseCrc32c(bytes)], [sum, sum]);
});

test('every loss has a point per iteration, epochs and the held-out accuracy have theirs', () => {
  const path = join(folder, 'short');
  const log = new TensorBoardLog(path, refuse);
  const values = [3, 2.5, NaN, 1e-8];
  values.forEach((l, i) => log.iteration(progress(i, 4, l)));
  log.epoch({ epoch: 0, epochs: 1, measured: { l: 2 }, imagesPerSecond: 90, secondsLeft: 0 });
  log.heldOut(4, 0.75);
  log.close();
  const events = readEvents(path);
  assert.is(events[0]!.fileVersion, 'brain.Event:2');
  for (const { wallTime } of events) assert.ok(Math.abs(wallTime - Date.now() / 1000) < 60);
  assert.equal(
    curves(events)['iteration/l'],
    values.map((l, i) => [i + 1, Math.fround(l)]),
  );
  assert.equal(curves(events)['epoch/l'], [[4, 2]]);
  assert.equal(curves(events)['epoch/images_per_second'], [[4, 90]]);
  assert.equal(curves(events)['held_out/accuracy'], [[4, 0.75]]);
});

test('a long training is told in a thousand points, each a mean, and its file stays small', () => {
  const path = join(folder, 'long');
  const log = new TensorBoardLog(path, refuse);
  for (let i = 0; i < 50_000; i++) log.iteration(progress(i, 50_000, i % 50));
  log.close();
  const points = curves(readEvents(path))['iteration/l']!;
  assert.is(points.length, 1000);
  for (const [i, [step, value]] of points.entries()) assert.equal([step, value], [50 * (i + 1), 24.5]);
  assert.ok(statSync(join(path, readdirSync(path)[0]!)).size < 200_000);
});

test('a training taken up again is one line: what did not last is taken back', () => {
  const path = join(folder, 'resumed');
  const killed = new TensorBoardLog(path, refuse);
  for (let i = 0; i < 300; i++) killed.iteration(progress(i, 500, 1));
  killed.close();
  const resumed = new TensorBoardLog(path, refuse);
  for (let i = 200; i < 500; i++) resumed.iteration(progress(i, 500, 2));
  resumed.heldOut(500, 1);
  resumed.close();
  const shown = curves(readEvents(path));
  assert.equal(
    shown['iteration/l'],
    Array.from({ length: 500 }, (_, i) => [i + 1, i < 200 ? 1 : 2]),
  );
  // Killed after the last iteration: only the judging is done again.
  const judged = new TensorBoardLog(path, refuse);
  judged.heldOut(500, 1);
  judged.close();
  assert.equal(curves(readEvents(path))['iteration/l'], shown['iteration/l']);
});

test('a disk that refuses is told once and ends nothing', () => {
  writeFileSync(join(folder, 'file'), '');
  const told: string[] = [];
  const log = new TensorBoardLog(join(folder, 'file', 'sub'), (message) => told.push(message));
  for (let i = 0; i < 3; i++) log.iteration(progress(i, 3, 1));
  log.heldOut(3, 1);
  log.close();
  assert.is(told.length, 1);
  assert.match(told[0]!, /file\/sub could not be written, and TensorBoard's curves end here: ENOTDIR/);
});

test.run();
