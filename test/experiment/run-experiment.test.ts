/** @file Experiments from end to end in miniature: what a run leaves, whatever ends it, and how what is wrong is said. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../runtime/data/errors.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { loadCheckpoint } from '../../runtime/experiment/checkpoint.js';
import { RunError } from '../../runtime/experiment/errors.js';
import { evaluateRun } from '../../runtime/experiment/evaluate-run.js';
import { runExperiment, type RunOptions, type RunResult } from '../../runtime/experiment/run-experiment.js';
import { loadParameters } from '../../runtime/parameters/safetensors.js';
import { curves, readEvents } from '../support/event-file.js';
import { PHOTO_SPEC, photoRun, photographs, type Place } from '../support/photographs.js';

const engine = await openEngine('cpu');
const test = suite('experiments');
let place: Place;
test.before.each(() => void (place = photographs(6)));
test.after.each(() => place.remove());

const optionsOf = (text = PHOTO_SPEC, name = 'photo'): RunOptions => ({
  ...photoRun(text, place, engine, name),
  cacheDir: join(place.path, 'cache'),
});

const run = (change: Partial<RunOptions> = {}, text = PHOTO_SPEC, name?: string): Promise<RunResult> =>
  runExperiment({ ...optionsOf(text, name), ...change });
const again = (directory: string) => evaluateRun(directory, engine, { cacheDir: null, baseDir: place.path });
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const lines = (directory: string): Record<string, number>[] =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  assert.ok(error, 'it must fail');
  assert.not.match(error!.message, /\n\s+at /);
  return error!;
}

const runDirectories = (): string[] =>
  existsSync(join(place.path, 'runs')) ? readdirSync(join(place.path, 'runs')) : [];

async function refused(
  kind: typeof DataError | typeof RunError,
  words: RegExp,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = runDirectories();
  const error = await failure(work());
  assert.instance(error, kind);
  assert.match(error.message, words);
  assert.equal(runDirectories(), before, 'nothing was begun');
}

test('a run leaves model, experiment, metrics, parameters and result; judging it again gives the same', async () => {
  const result = await run();
  const { directory } = result;
  assert.is(directory, join(place.path, 'runs', 'photo-001'));
  assert.equal(readdirSync(directory).sort(), [
    'experiment.json',
    'folds.json',
    'metrics.jsonl',
    'model.json',
    'parameters',
    'result.json',
    'run.json',
    'seed-0-fold-1',
    'tensorboard',
  ]);
  assert.equal(readdirSync(join(directory, 'parameters')), ['seed-0-fold-1.safetensors']);
  // 4 people train with 16 images in batches of 8: two iterations and a summary in each of eight epochs.
  const metrics = lines(directory);
  assert.is(metrics.length, 8 * 3);
  for (const line of metrics.filter((l) => l['iteration'] !== undefined))
    for (const name of ['seed', 'fold', 'epoch', 'iteration', 'l_head', 'l_other', 'images_per_second'])
      assert.type(line[name], 'number');
  const summaries = metrics.filter((l) => l['iteration'] === undefined);
  const first = metrics.filter((l) => l['epoch'] === 1 && l['iteration'] !== undefined);
  const mean = (first[0]!['l_head']! + first[1]!['l_head']!) / 2;
  assert.ok(Math.abs(summaries[0]!['mean_l_head']! - mean) < 1e-6);
  assert.ok(summaries.at(-1)!['mean_l_head']! < summaries[0]!['mean_l_head']!, 'it learns');

  const shown = curves(readEvents(join(directory, 'tensorboard', 'seed-0-fold-1')));
  for (const name of ['l_head', 'l_other'])
    assert.equal(
      shown[`iteration/${name}`],
      metrics.filter((l) => l['iteration'] !== undefined).map((l) => [l['iteration'], l[name]]),
      'TensorBoard shows the same',
    );

  const stored = readJson(directory, 'result.json');
  assert.equal(shown['held_out/accuracy'], [[16, Math.fround(stored.judgements[0].judgement.accuracy)]]);
  assert.equal([stored.ended, stored.model, stored.engine], ['complete', 'tiny', 'cpu']);
  assert.equal(stored.tasks[0].decisions.length, 8, 'two people with four images each');
  assert.equal(new Set(stored.tasks[0].decisions.map((d: { subject: string }) => d.subject)).size, 2);
  const manifest = readFileSync(join(directory, 'folds.json'));
  assert.is(stored.folds.sha256, createHash('sha256').update(manifest).digest('hex'));
  const { folds } = JSON.parse(manifest.toString()) as {
    folds: { fold: number; images: number; subjects: { subject: string; sequences: string[] }[] }[];
  };
  assert.equal(
    folds.map(({ fold, images, subjects }) => [fold, images, ...subjects.map((s) => s.subject)]),
    [
      [1, 8, 'p1', 'p2'],
      [2, 8, 'p3', 'p4'],
      [3, 8, 'p5', 'p6'],
    ],
  );
  assert.equal(
    new Set(folds[0]!.subjects.flatMap((s) => s.sequences)),
    new Set(stored.tasks[0].decisions.map((d: { sample: string }) => d.sample)),
    'a still image is a sequence of its own',
  );
  const { judgements } = await again(directory);
  assert.equal(JSON.parse(JSON.stringify(judgements)), stored.judgements);
  assert.equal(judgements, result.judgements);
  assert.is(engine.memory().tensors, 0, 'the engine is as it was');
});

test('a run whose folds are cut in another way now is not judged again', async () => {
  const { directory } = await run();
  const stored = readJson(directory, 'result.json');
  const folds = { ...stored.folds, sha256: stored.folds.sha256.replace(/^./, 'x') };
  writeFileSync(join(directory, 'result.json'), JSON.stringify({ ...stored, folds }));
  assert.match(
    (await failure(again(directory))).message,
    /folds of photos are not those that .* was trained with/,
  );
});

test('the same seed gives the same parameters bit for bit; another seed gives others', async () => {
  const bytes = async (seed: number): Promise<Buffer> => {
    const { directory } = await run({ seeds: [seed] });
    return readFileSync(join(directory, 'parameters', `seed-${seed}-fold-1.safetensors`));
  };
  const [a, b, c] = [await bytes(1), await bytes(1), await bytes(2)];
  assert.is(Buffer.compare(a, b), 0);
  assert.is.not(Buffer.compare(a, c), 0);
});

test('no run takes the directory of another, also when they begin together', async () => {
  mkdirSync(join(place.path, 'runs', 'photo-007'), { recursive: true });
  mkdirSync(join(place.path, 'runs', 'photo-other-100'));
  const both = await Promise.all([run(), run()]);
  assert.equal(both.map(({ directory }) => directory.slice(-9)).sort(), ['photo-008', 'photo-009']);
  for (const { directory } of both) assert.is(readJson(directory, 'result.json').ended, 'complete');
  assert.equal(readdirSync(join(place.path, 'runs', 'photo-007')), []);
});

test('all folds: everyone is judged once, by a model that has not seen them', async () => {
  const splits: { train: Set<string>; test: Set<string> }[] = [];
  const result = await run({
    folds: 'all',
    seeds: [3, 5],
    on: {
      task: (_, { train, test: held }) => {
        const { samples } = optionsData!;
        const named = (indices: Int32Array): Set<string> =>
          new Set(Array.from(indices, (i) => samples[i]!.subject));
        splits.push({ train: named(train), test: named(held) });
      },
      data: (dataset) => void (optionsData = dataset),
    },
  });
  assert.is(splits.length, 6);
  for (const { train, test: held } of splits) assert.not.ok([...held].some((person) => train.has(person)));
  assert.equal(
    result.judgements.map(({ seed, judgement }) => [seed, judgement.n, judgement.people]),
    [
      [3, 24, 6],
      [5, 24, 6],
    ],
  );
  const judged = result.tasks.filter((t) => t.seed === 3).flatMap((t) => t.decisions.map((d) => d.sample));
  assert.is(new Set(judged).size, 24);
  assert.is(readdirSync(join(result.directory, 'parameters')).length, 6);
  assert.equal((await again(result.directory)).judgements, result.judgements);
});
let optionsData: RunResult['dataset'] | undefined;

test('seeds of the experiment are used; a fold other than the first can be asked for, and is trained once', async () => {
  const { tasks } = await run(
    { folds: [3, 3] },
    PHOTO_SPEC.replace('train on photos', 'train on photos\n  seeds 4, 9'),
  );
  assert.equal(
    tasks.map(({ seed, fold }) => [seed, fold]),
    [
      [4, 3],
      [9, 3],
    ],
  );
});

test('a test set of its own: trained on everybody here, judged on everybody there', async () => {
  const other = photographs(2);
  const text = PHOTO_SPEC.replace('train on photos', 'train on photos\n  test on others').concat(
    `data others { source folder("${other.path}/photos", pattern: "class/subject_*") }\n`,
  );
  const { tasks, judgements, directory } = await run({}, text);
  assert.equal(
    tasks.map(({ fold, decisions }) => [fold, decisions.length]),
    [[null, 8]],
  );
  assert.is(judgements[0]!.judgement.n, 8);
  assert.equal(readdirSync(join(directory, 'parameters')), ['seed-0.safetensors']);
  await refused(RunError, /photo has no folds/, () => run({ folds: [1] }, text));
  other.remove();
});

test('an interrupt ends after the iteration at hand, saves what was learned and says so', async () => {
  const stop = new AbortController();
  const result = await run({
    folds: 'all',
    signal: stop.signal,
    on: {
      iteration: ({ iteration }) => {
        if (iteration === 4) stop.abort();
      },
    },
  });
  assert.is(result.ended, 'interrupted');
  assert.equal([result.tasks.length, result.judgements.length], [0, 0]);
  assert.is(lines(result.directory).filter((l) => l['iteration'] !== undefined).length, 5);
  assert.is(readJson(result.directory, 'result.json').ended, 'interrupted');
  assert.equal(readdirSync(join(result.directory, 'checkpoints')), ['seed-0-fold-1.safetensors']);
  assert.match(
    (await failure(again(result.directory))).message,
    /nothing of .* is finished: ed2lc run --resume/,
  );
});

test('an interrupt at the end of a training keeps it, and neither judges it nor begins another', async () => {
  const stop = new AbortController();
  const result = await run({
    folds: 'all',
    signal: stop.signal,
    on: {
      iteration: ({ iteration, iterations }) => {
        if (iteration === iterations - 1) stop.abort();
      },
    },
  });
  assert.equal([result.ended, result.tasks.length], ['interrupted', 0]);
  const { about, state } = (await loadCheckpoint(
    join(result.directory, 'checkpoints', 'seed-0-fold-1.safetensors'),
  ))!;
  assert.equal([about.fold, state.epoch, state.iteration], [1, 8, 16]);
});

test('a number that is not finite ends the run as failed; what was learned before it is kept and finite', async () => {
  const result = await run({}, PHOTO_SPEC.replace('rate: rate', 'rate: 1e30'));
  assert.is(result.ended, 'failed');
  assert.match(result.failure!.message, /at iteration \d+, the loss l_\w+ is not finite/);
  const stored = readJson(result.directory, 'result.json');
  assert.equal([stored.ended, stored.failure], ['failed', result.failure!.message]);
  const parameters = await loadParameters(join(result.directory, 'parameters', 'seed-0-fold-1.safetensors'));
  for (const { data } of parameters.values()) assert.ok(data.every(Number.isFinite));
});

test('any other failure is told as it is; the directory says why it ended, and holds what was complete', async () => {
  let task = 0;
  const work = run({
    folds: 'all',
    on: {
      task: () => void task++,
      iteration: () => {
        if (task === 2) throw new RangeError('the terminal is gone');
      },
    },
  });
  assert.is((await failure(work)).message, 'the terminal is gone');
  const directory = join(place.path, 'runs', 'photo-001');
  const stored = readJson(directory, 'result.json');
  assert.equal([stored.ended, stored.failure, stored.tasks.length], ['failed', 'the terminal is gone', 1]);
  assert.is((await again(directory)).judgements[0]!.judgement.n, 8);
  assert.is(engine.memory().tensors, 0);
});

test('what is wrong with folder, classes, sizes, folds and people is one clear sentence, before anything is begun', async () => {
  const folder = (path: string): string => PHOTO_SPEC.replace('folder("photos"', `folder("${path}"`);
  await refused(DataError, /ED2L_NO_SUCH.*is not set/, () => run({}, folder('$ED2L_NO_SUCH')));
  await refused(DataError, /there is no folder/, () => run({}, folder('nowhere')));
  await refused(
    DataError,
    /photos has 2 classes \(day, night\), and the label hour of tiny has 3: .*with classes = 2/,
    () => run({}, PHOTO_SPEC.replace('model tiny\n', 'model tiny with classes = 3\n')),
  );
  await refused(
    DataError,
    /photos has the classes day, night, and the label hour of tiny has night, day/,
    () => run({}, PHOTO_SPEC.replace('class[classes]', 'class[classes] of night, day')),
  );
  await refused(DataError, /images of photos are 4 by 4 with 1 channel.*picture of tiny is 8 by 4 by 1/, () =>
    run({}, PHOTO_SPEC.replace('image[4, 4, 1]', 'image[8, 4, 1]')),
  );
  await refused(RunError, /there is no fold 4: photos has 3/, () => run({ folds: [1, 4] }));
  await refused(DataError, /6 people, too few for 7 folds/, () =>
    run({}, PHOTO_SPEC.replace('(3, by', '(7, by')),
  );
});

test('where no directory can be made, that is said', async () => {
  writeFileSync(join(place.path, 'file'), '');
  for (const runs of [join(place.path, 'file'), join(place.path, 'file', 'runs')]) {
    const error = await failure(run({ runs }));
    assert.instance(error, RunError);
    assert.match(error.message, /run directory could not be made/);
  }
});

test('of a run that is cut off, what was finished is judged, on the people it held out and no others; the rest is named', async () => {
  let copied = '';
  const whole = await run({
    folds: [1, 2],
    on: {
      epoch: ({ epoch }) => {
        copied = join(place.path, 'copied');
        if (epoch === 7) cpSync(join(place.path, 'runs/photo-001'), copied, { recursive: true });
      },
    },
  });
  const { judgements, missing } = await again(copied);
  assert.equal(missing, [{ seed: 0, fold: 2 }]);
  const own = whole.tasks.filter((t) => t.fold === 1).flatMap((t) => t.decisions);
  assert.is(judgements[0]!.judgement.n, own.length);
  assert.is(readJson(copied, 'result.json').ended, 'cut off');
  const { directory } = whole;
  cpSync(
    join(directory, 'parameters/seed-0-fold-1.safetensors'),
    join(copied, 'parameters/seed-0-fold-3.safetensors'),
  );
  assert.match((await failure(again(copied))).message, /seed-0-fold-3.* belongs to no training of this run/);
  place.addPerson('p0');
  assert.match((await failure(again(directory))).message, /people that were trained on/);
});

test('judging again refuses what is not a run, is damaged, or has other data by now', async () => {
  const { directory } = await run();
  const wrong = async (words: RegExp, of = directory): Promise<void> => {
    const error = await failure(again(of));
    assert.instance(error, RunError);
    assert.match(error.message, words);
  };
  await wrong(/there is no run in .*: it has no run\.json/, place.path);
  place.addPerson('p0');
  await wrong(/does not hold the images it held.*people that were trained on/);
  const model = readFileSync(join(directory, 'model.json'), 'utf8');
  writeFileSync(join(directory, 'model.json'), model.slice(0, 100));
  await wrong(/model\.json is not a valid model/);
  writeFileSync(join(directory, 'model.json'), model);
});

test.run();
