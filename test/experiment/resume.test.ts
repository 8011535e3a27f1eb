/** @file Runs that go on: equal to the run that never stopped, only with the same work, only in one process, and never over what is damaged. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset } from '../../runtime/data/dataset.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { loadCheckpoint } from '../../runtime/experiment/checkpoint.js';
import { ResumeError, RunError, RunRecordError } from '../../runtime/experiment/errors.js';
import { dataHash } from '../../runtime/experiment/identity.js';
import { listRuns, type RunSummary } from '../../runtime/experiment/list-runs.js';
import { takeRunLock } from '../../runtime/experiment/lock.js';
import { runExperiment, type RunOptions, type RunResult } from '../../runtime/experiment/run-experiment.js';
import { ParameterFileError } from '../../runtime/parameters/errors.js';
import { damagedBytes } from '../support/damage.js';
import { PHOTO_SPEC, photoRun, photographs, type Place } from '../support/photographs.js';
import { noise } from '../support/training.js';

const engine = await openEngine('cpu');
const test = suite('resume');
let place: Place;
test.before.each(() => void (place = photographs(6)));
test.after.each(() => place.remove());

/** 16 iterations a task: 8 epochs of two batches. */
const SPEC = PHOTO_SPEC.replace('relu()', 'relu() |> dropout(0.2)').replace(
  'folds  blocks',
  'augment flip()\n  folds  blocks',
);

const optionsOf = (text: string): RunOptions => ({ ...photoRun(text, place, engine), folds: [1, 2] });

const run = (change: Partial<RunOptions> = {}, text = SPEC): Promise<RunResult> =>
  runExperiment({ ...optionsOf(text), ...change });

/** Stops after so many iterations over all tasks. */
function stopped(after: number, change: Partial<RunOptions> = {}, text = SPEC): Promise<RunResult> {
  const stop = new AbortController();
  let count = 0;
  return run(
    { ...change, signal: stop.signal, on: { iteration: () => ++count === after && stop.abort() } },
    text,
  );
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** All that a run leaves, but for what clocks say. */
function left(directory: string): object {
  const withoutTimes = (line: string): unknown => {
    const { images_per_second: _, ...rest } = JSON.parse(line) as Record<string, number>;
    return rest;
  };
  const { tasks, ...result } = readJson(directory, 'result.json');
  const file = (name: string): string => readFileSync(join(directory, name)).toString('hex');
  return {
    metrics: readFileSync(join(directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map(withoutTimes),
    result: { ...result, metrics: undefined },
    tasks: tasks.map((task: object) => ({ ...task, seconds: 0 })),
    parameters: readdirSync(join(directory, 'parameters')).map((name) => [
      name,
      file(join('parameters', name)),
    ]),
    others: readdirSync(directory).sort(),
    inference: file('seed-0-fold-2/inference/weights.bin'),
  };
}

async function refused(
  kind: new (...args: never[]) => Error,
  words: RegExp,
  work: Promise<unknown>,
): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  assert.ok(error, `it must fail: ${words}`);
  assert.instance(error, kind, error!.stack);
  assert.match(error!.message, words);
}

const runDirectories = (): string[] => readdirSync(join(place.path, 'runs')).sort();

test('stopped anywhere, in the first training or the second, a run goes on to what it would have been', async () => {
  const whole = left((await run({ runs: join(place.path, 'whole') })).directory);
  for (const cuts of [[1], [7], [16], [17], [31], [32], [5, 6, 16]]) {
    const runs = join(place.path, `cut-${cuts.join('-')}`);
    let last: RunResult | undefined;
    for (const cut of cuts) {
      last = await stopped(cut, { runs });
      assert.is(last.ended, 'interrupted');
    }
    const result = await run({ runs });
    assert.is(result.directory, last!.directory);
    assert.is(result.ended, 'complete');
    assert.equal(left(result.directory), whole, `cut after ${cuts.join()}`);
  }
  assert.is(engine.memory().tensors, 0);
});

test('what a killed process left goes on too: from its last checkpoint, without the lines that came after it', async () => {
  const copies: string[] = [];
  const keep = (): void => {
    const copy = join(place.path, 'copies', `${copies.length}`, 'photo-001');
    cpSync(join(place.path, 'runs/photo-001'), copy, { recursive: true });
    rmSync(join(copy, 'lock.json'));
    copies.push(copy);
  };
  const whole = left((await run({ checkpointMinutes: 0, on: { iteration: keep, task: keep } })).directory);
  assert.is(copies.length, 34);
  for (const copy of [0, 1, 2, 9, 16, 17, 18, 30, 33].map((i) => copies[i]!)) {
    appendFileSync(join(copy, 'metrics.jsonl'), '{"half": ');
    const { directory } = await run({ runs: join(copy, '..') });
    assert.is(directory, copy);
    assert.equal(left(directory), whole, copy);
  }
});

test('a run of two stages goes on in either, and a later stage starts from what the earlier one left', async () => {
  const text = SPEC.replace(
    '  train on photos',
    '  pretrain on photos\n  train again on photos reset other',
  ).replace(
    '    epochs 8\n  }\n',
    '    epochs 8\n  }\n  train again { minimize l_head + l_other using sgd(0.1) batch 8 epochs 2 }\n',
  );
  const whole = left((await run({ runs: join(place.path, 'whole') }, text)).directory);
  // 16 and 4 iterations a task.
  for (const cut of [3, 16, 18, 20, 37]) {
    const runs = join(place.path, `cut-${cut}`);
    const { ended, directory } = await stopped(cut, { runs }, text);
    assert.is(ended, 'interrupted');
    assert.is((await run({ runs }, text)).directory, directory);
    assert.equal(left(directory), whole, `cut after ${cut}`);
  }
});

test('what was best until a run was cut is still the best after it', async () => {
  // A long step at the end of the training: the best epoch is an early one.
  const text = SPEC.replace('rate = 1e-2', 'rate = exponential(from: 1e-2, factor: 3, every: 1)').replace(
    'train on photos',
    'train on photos\n  select best(l_head, on: inner(0.34))',
  );
  const result = await run({ runs: join(place.path, 'whole') }, text);
  assert.ok(result.tasks[0]!.selected!.epoch < 7, `epoch ${result.tasks[0]!.selected!.epoch}`);
  for (const cut of [result.tasks[0]!.iterations - 1, result.tasks[0]!.iterations]) {
    const runs = join(place.path, `cut-${cut}`);
    const { directory } = await stopped(cut, { runs }, text);
    await run({ runs }, text);
    assert.equal(left(directory), left(result.directory), `cut after ${cut}`);
  }
});

test('every part of a data set is part of what makes it the same', () => {
  const train = noise(4, 3, 3, 2);
  const hash = (change: Partial<Dataset>): string => {
    const dataset = { ...train, ...change };
    return dataHash({ stages: [dataset], train: dataset, test: dataset }, new Map());
  };
  const field = (value: number): Partial<Dataset> => ({
    fields: [{ name: 'age', shape: [], values: Float32Array.of(1, 2, 3, value) }],
  });
  const hashes = [
    hash({}),
    hash({ pixels: train.pixels.map((p, i) => (i === 35 ? p ^ 1 : p)) }),
    hash({ samples: train.samples.map((s, i) => (i === 3 ? { ...s, label: 0 } : s)) }),
    hash({ samples: train.samples.map((s, i) => (i === 3 ? { ...s, subject: 'x' } : s)) }),
    hash({ classes: ['a', 'b'] }),
    hash(field(4)),
    hash(field(5)),
  ];
  assert.is(new Set(hashes).size, hashes.length);
  assert.is(hash({ name: 'other' }), hash({}), 'a name alone changes no number');
});

test('finished trainings are not done again; their decisions are read back', async () => {
  await stopped(20);
  const seen: unknown[] = [];
  const result = await run({ on: { task: ({ fold }) => seen.push(fold), resumed: (n) => seen.push(n) } });
  assert.equal(seen, [2, 4]);
  assert.equal(
    result.tasks.map(({ fold, decisions, parameters }) => [fold, decisions.length, parameters.size]),
    [
      [1, 8, 6],
      [2, 8, 6],
    ],
  );
  assert.is(result.judgements[0]!.judgement.n, 16);
});

test('another request, a fresh one, and one after a complete run get directories of their own', async () => {
  await stopped(3);
  assert.match((await run({ folds: [3] })).directory, /photo-002$/);
  assert.match((await run({ seeds: [4] })).directory, /photo-003$/);
  assert.match((await run({ settings: { rate: '1e-2' } })).directory, /photo-004$/);
  assert.match((await run()).directory, /photo-001$/);
  assert.match((await run()).directory, /photo-005$/);
  await stopped(3);
  assert.match((await stopped(3, { fresh: true })).directory, /photo-007$/);
  assert.match((await run()).directory, /photo-007$/);
  assert.match((await run()).directory, /photo-008$/, 'what was older than --fresh stays as it is');
  const states = (await listRuns(join(place.path, 'runs'))).map(({ state }) => state);
  assert.equal(states.filter((s) => s === 'interrupted').length, 1);
});

test('with another spec or other images a run does not go on, and it is said what differs; --fresh is the way out', async () => {
  const { directory } = await stopped(3);
  const other = (from: string, to: string, words: RegExp): Promise<void> => {
    assert.ok(SPEC.includes(from), from);
    return refused(ResumeError, words, run({}, SPEC.replace(from, to)));
  };
  await other('rate = 1e-2', 'rate = 1e-3', /photo-001 is unfinished.*: the hyper rate.*--fresh/);
  await other('batch 8', 'batch 4', /the train block \(batch 8 there, 4 here\)/);
  await other('adam(rate: rate)', 'sgd(rate: rate)', /the train block \(steps\)/);
  await other('dense(4)', 'dense(5)', /the group body/);
  await other('dropout(0.2)', 'dropout(0.3)', /what its values compute/);
  await other('updates other', 'updates other by 2', /the loss l_other/);
  await other('blocks(3', 'strided(3', /the data block/);
  await other('flip()', 'flip(), shift(1)', /the data block/);
  await other('train on photos', 'train on photos\n  report confusion()', /report of the experiment/);
  const image = join(place.path, 'photos/day/p1_1.pgm');
  const before = readFileSync(image);
  const pixels = Buffer.from(before);
  pixels[pixels.length - 1]! ^= 1;
  writeFileSync(image, pixels);
  await refused(ResumeError, /photos does not hold the images it held.*--fresh/, run());
  writeFileSync(image, before);
  place.addPerson('p0');
  await refused(ResumeError, /photos does not hold the images/, run());
  assert.equal(runDirectories(), ['photo-001'], 'nothing was begun');
  assert.match((await run({ fresh: true })).directory, /photo-002$/);
  for (const name of ['p0'])
    for (const hour of ['day', 'night'])
      for (const shot of [1, 2]) rmSync(join(place.path, 'photos', hour, `${name}_${shot}.pgm`));
  const comment = `# a comment moves every place in the text\n${SPEC}`;
  assert.is((await run({ resume: directory }, comment)).ended, 'complete');
});

test('a run named goes on only if it can: not a complete, a failed, another engine’s, or one with other folds', async () => {
  const { directory } = await stopped(3);
  await refused(ResumeError, /other seeds or folds/, run({ resume: directory, folds: [3] }));
  const wasm = await openEngine('wasm', { threads: 1 });
  await refused(ResumeError, /trained on cpu, and this is wasm/, run({ resume: directory, engine: wasm }));
  const { folds: _, ...plain } = optionsOf(SPEC);
  const result = await runExperiment({ ...plain, resume: directory });
  assert.is(result.tasks.length, 2, 'its own folds');
  await refused(ResumeError, /is complete: ed2lc eval/, run({ resume: directory }));
  await refused(RunRecordError, /there is no run in/, run({ resume: place.path }));
  const broken = SPEC.replace('rate: rate', 'rate: 1e30');
  const failed = await run({}, broken);
  assert.is(failed.ended, 'failed');
  await refused(
    ResumeError,
    /would end as it ended: at iteration/,
    run({ resume: failed.directory }, broken),
  );
  assert.is.not((await run({}, broken)).directory, failed.directory);
});

test('two processes never write one directory: the second begins another, or is refused', async () => {
  const { directory } = await stopped(3);
  const both = await Promise.all([run(), run()]);
  assert.equal(both.map((r) => r.directory.slice(-9)).sort(), ['photo-001', 'photo-002']);
  for (const r of both) assert.is(r.ended, 'complete');
  const other = (await stopped(3, { fresh: true })).directory;
  const lock = (await takeRunLock(other))!;
  await refused(
    ResumeError,
    new RegExp(`is being written by process ${process.pid}`),
    run({ resume: other }),
  );
  await lock.release();
  const holder = (change: object): void =>
    writeFileSync(
      join(other, 'lock.json'),
      JSON.stringify({ pid: process.ppid, host: hostname(), process: '', since: '', ...change }),
    );
  holder({ host: 'elsewhere' });
  await refused(ResumeError, /process \d+ on elsewhere/, run({ resume: other }));
  // A process of that number lives, and is not the one that wrote the lock; or none lives.
  for (const dead of [{ process: 'another boot' }, { pid: 2 ** 22 + 1 }, { pid: process.pid }]) {
    holder(dead);
    const taken = await takeRunLock(other);
    assert.ok(taken, JSON.stringify(dead));
    await taken!.release();
  }
  const takers = await Promise.all([takeRunLock(other), takeRunLock(other), takeRunLock(other)]);
  assert.is(takers.filter(Boolean).length, 1);
  assert.ok(existsSync(directory));
});

test('a checkpoint cut off or with a bit turned, at any of 200 places, is refused by name, and the one before it is used', async () => {
  const { directory } = await stopped(6, { checkpointMinutes: 0 });
  const file = join(directory, 'checkpoints/seed-0-fold-1.safetensors');
  const previous = file.replace('.safetensors', '-previous.safetensors');
  const [whole, before] = [readFileSync(file), readFileSync(previous)];
  rmSync(previous);
  const damages = damagedBytes(whole, 200, 4);
  for (const { how, bytes } of damages) {
    writeFileSync(file, bytes);
    await refused(ParameterFileError, /checkpoints\/seed-0-fold-1\.safetensors/, loadCheckpoint(file));
    if (damages.findIndex((d) => d.how === how) % 20 !== 0) continue;
    writeFileSync(previous, before);
    const found = (await loadCheckpoint(file))!;
    assert.match(found.damage!, /seed-0-fold-1\.safetensors/, how);
    assert.is(found.state.iteration, 6);
    rmSync(previous);
  }
  writeFileSync(previous, damages[0]!.bytes);
  await refused(ParameterFileError, /fold-1\.safetensors.*fold-1-previous\.safetensors/, run());
  writeFileSync(previous, before);
  const notes: string[] = [];
  const result = await run({ on: { note: (text) => notes.push(text) } });
  assert.match(notes.join(), /fold-1\.safetensors .*; the checkpoint before it is used/);
  const whole2 = await run({ runs: join(place.path, 'whole') });
  assert.equal(left(result.directory), left(whole2.directory));
});

test('a full disk ends the run with one message; what was saved before it goes on once there is room', async () => {
  const disk = join(place.path, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=192k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    console.log('    (skipped: only root can mount a small disk)');
    return;
  }
  try {
    const filler = join(disk, 'filler');
    const full = (iteration: number): void => {
      if (iteration !== 9) return;
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(1024));
      } catch {
        // It is full now.
      }
    };
    const work = run({ runs: disk, checkpointMinutes: 0, on: { iteration: (p) => full(p.iteration) } });
    await refused(Error, /could not be written: .*ENOSPC|ENOSPC.*could not be written/, work);
    assert.is(
      (await loadCheckpoint(join(disk, 'photo-001/checkpoints/seed-0-fold-1.safetensors')))!.state.iteration,
      9,
    );
    rmSync(filler);
    const result = await run({ runs: disk, folds: [1, 2] });
    assert.is(result.directory, join(disk, 'photo-001'));
    const whole = await run({ runs: join(place.path, 'whole') });
    assert.equal(left(result.directory), left(whole.directory));
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a data set that vanished stops before anything is changed, and the run goes on when it is back', async () => {
  const { directory } = await stopped(5);
  const photos = join(place.path, 'photos');
  cpSync(photos, `${photos}-away`, { recursive: true, preserveTimestamps: true });
  rmSync(photos, { recursive: true });
  const before = left2(directory);
  await refused(Error, /there is no folder/, run());
  assert.equal(left2(directory), before);
  assert.equal(runDirectories(), ['photo-001']);
  cpSync(`${photos}-away`, photos, { recursive: true, preserveTimestamps: true });
  assert.is((await run()).directory, directory);
});
const left2 = (directory: string): unknown[] =>
  readdirSync(directory, { recursive: true })
    .map(String)
    .sort()
    .map((name) => [name, name.includes('.') ? readFileSync(join(directory, name), 'hex') : '']);

test('a run that goes on now is listed as running, with the epoch it is in and no command', async () => {
  let list: ReturnType<typeof listRuns> | undefined;
  const look = ({ iteration }: { iteration: number }): void => {
    if (iteration === 10) list = listRuns(join(place.path, 'runs'));
  };
  await run({ on: { iteration: look } });
  const [{ state, at, next }] = (await list!) as [RunSummary];
  assert.equal([state, next], ['running', undefined]);
  assert.ok(at!.epoch >= 5, `epoch ${at!.epoch} of ${at!.epochs}`);
});

test('a damaged record is refused by name, and the list of runs says so and goes on', async () => {
  const { directory } = await stopped(5);
  await run({ seeds: [2] });
  mkdirSync(join(place.path, 'runs', 'empty-001'));
  mkdirSync(join(place.path, 'runs', 'notes'));
  const list = await listRuns(join(place.path, 'runs'));
  assert.equal(
    list.map(({ state, next, tasks }) => [state, next?.join(' '), tasks]),
    [
      ['damaged', undefined, undefined],
      ['interrupted', `run --resume ${directory}`, { done: 0, planned: 2 }],
      ['complete', `eval ${directory.replace('001', '002')}`, { done: 2, planned: 2 }],
    ],
  );
  assert.equal([list[1]!.at!.epoch, list[1]!.at!.epochs, list[1]!.at!.task], [2, 8, { seed: 0, fold: 1 }]);
  assert.ok(list[2]!.accuracy! >= 0);
  for (const name of ['run.json', 'result.json', 'model.json', 'experiment.json']) {
    const file = join(directory, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, text.length / 2));
    await refused(
      RunError,
      new RegExp(name.replace('.', '\\.')),
      run({ resume: directory, fresh: false }, other(name)),
    );
    const [, found] = await listRuns(join(place.path, 'runs'));
    if (name === 'run.json' || name === 'result.json') assert.is(found!.state, 'damaged');
    writeFileSync(file, text);
  }
  const model = join(directory, 'model.json');
  writeFileSync(model, readFileSync(model, 'utf8').replace('"epochs":8', '"epochs":9'));
  await refused(RunRecordError, /not what the run began with/, run({}, other('model.json')));
});

/** The models on the disk are looked at only to say what differs. */
const other = (name: string): string =>
  name === 'model.json' || name === 'experiment.json' ? SPEC.replace('batch 8', 'batch 4') : SPEC;

test.run();
