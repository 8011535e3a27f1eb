/** @file Merging a training into its run, cut off at each of its steps and done again: the same in the end, and nothing twice. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeTask, settle } from '../../runtime/crossval/merge.js';
import { openCrossValidation, reopenCrossValidation } from '../../runtime/crossval/open.js';
import { standingOf } from '../../runtime/crossval/standing.js';
import { readyTask, takeTask, taskDirectory } from '../../runtime/crossval/task-directory.js';
import { trainTask } from '../../runtime/crossval/train-task.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { ResumeError } from '../../runtime/experiment/errors.js';
import { runExperiment } from '../../runtime/experiment/run-experiment.js';
import { PHOTO_SPEC, photoRun, photographs } from '../support/photographs.js';

const engine = await openEngine('cpu');
const place = photographs(6);
test.after(() => place.remove());
const options = { ...photoRun(PHOTO_SPEC, place, engine), cacheDir: null };
const { baseDir, bound } = options;

const opened = await openCrossValidation(options);
const { directory, record } = opened;
const train = (name: string) => trainTask({ directory, name, engine, cacheDir: null, baseDir });
const states = async (): Promise<string> =>
  (await standingOf(directory)).tasks.map(({ state }) => state).join();

test('opening again finds the same run; `run` leaves it alone', async () => {
  const again = await openCrossValidation(options);
  assert.equal([again.directory, again.continued], [directory, true]);
  const other = await openCrossValidation({ ...options, folds: [1] });
  assert.is.not(other.directory, directory);
  const plain = await runExperiment({ ...options, folds: 'all' });
  assert.is.not(plain.directory, directory);
  const error = await reopenCrossValidation(directory.replace('001', '001/nothing'), options).catch(
    (thrown: Error) => thrown,
  );
  assert.match((error as Error).message, /there is no run in/);
  assert.is(await states(), 'missing,missing,missing');
});

test('whatever step a merge is cut off at, doing it again ends in the same', async () => {
  const task = record.tasks[0]!;
  const own = taskDirectory(directory, task);
  // Trained, and not merged yet.
  await readyTask(directory, record, bound, task);
  await runExperiment({ ...options, settings: record.settings, resume: own });
  assert.is(await states(), 'stopped,missing,missing');
  const saved = join(place.path, 'saved');
  cpSync(own, saved, { recursive: true });
  const before = readFileSync(join(directory, 'result.json'), 'utf8');

  // Cut off after some files were moved and half of the metrics appended.
  renameSync(
    join(own, 'parameters/seed-0-fold-1.safetensors'),
    join(directory, 'parameters/seed-0-fold-1.safetensors'),
  );
  writeFileSync(join(directory, 'metrics.jsonl'), '{"seed":0,"fo');
  await mergeTask(directory, task);
  const merged = readFileSync(join(directory, 'result.json'), 'utf8');
  assert.is.not(merged, before);
  assert.not(existsSync(own));
  const metrics = readFileSync(join(saved, 'metrics.jsonl'), 'utf8');
  assert.is(readFileSync(join(directory, 'metrics.jsonl'), 'utf8'), metrics);

  // Cut off after it counted, before its directory went.
  cpSync(saved, own, { recursive: true });
  assert.is((await train('seed-0-fold-1')).kind, 'done');
  assert.is(readFileSync(join(directory, 'result.json'), 'utf8'), merged);
  assert.is(readFileSync(join(directory, 'metrics.jsonl'), 'utf8'), metrics);
  assert.is(await states(), 'done,missing,missing');
});

test('a task that another is at is left to it; a directory that was killed while it was made is made again', async () => {
  const task = record.tasks[1]!;
  const lock = await takeTask(directory, task);
  assert.is((await train('seed-0-fold-2')).kind, 'taken');
  await lock!.release();
  cpSync(join(directory, 'experiment.json'), join(taskDirectory(directory, task), 'experiment.json'));
  assert.is(await states(), 'done,missing,missing');
  assert.is((await train('seed-0-fold-2')).kind, 'done');
});

test('the last one makes it complete: an ordinary run, whose tasks are in order', async () => {
  assert.is((await train('seed-0-fold-3')).kind, 'done');
  const { ended, tasks } = await settle(directory, { ended: 'failed' });
  assert.is(ended, 'complete');
  assert.equal(
    tasks.map(({ fold }) => fold),
    [1, 2, 3],
  );
  assert.equal(
    readdirSync(directory).filter((name) => /tasks|\.part$|lock/.test(name)),
    [],
  );
  const again = await openCrossValidation(options);
  assert.is.not(again.directory, directory, 'the newest that asks for the same: the plain run of before');
  assert.is(again.result.ended, 'complete');
  const other = await run1();
  const error = await reopenCrossValidation(other, options).catch((thrown: Error) => thrown);
  assert.instance(error, ResumeError);
  assert.match((error as Error).message, /is no cross-validation: ed2lc run --resume/);
});

/** An unfinished plain run. */
async function run1(): Promise<string> {
  const controller = new AbortController();
  const { directory: made } = await runExperiment({
    ...options,
    fresh: true,
    signal: controller.signal,
    on: { iteration: () => controller.abort() },
  });
  return made;
}

test.run();
