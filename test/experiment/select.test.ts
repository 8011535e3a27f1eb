/** @file `select`: the epoch that a recount of all epochs finds, on people that no stage learns from, also through a checkpoint. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../runtime/data/errors.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { accuracyOf, decisions } from '../../runtime/evaluation/evaluate.js';
import type { EvaluationInput } from '../../runtime/evaluation/predict.js';
import { checkpointFile, loadCheckpoint, saveCheckpoint } from '../../runtime/experiment/checkpoint.js';
import { runExperiment, type RunOptions, type RunResult } from '../../runtime/experiment/run-experiment.js';
import { innerPart, selectionOf } from '../../runtime/experiment/select.js';
import { prepareAll, splitOf, type TaskSplit } from '../../runtime/experiment/tasks.js';
import type { Parameters } from '../../runtime/parameters/initialise.js';
import { Selection } from '../../runtime/training/selection.js';
import { train, type Pause } from '../../runtime/training/train.js';
import { PHOTO_SPEC, photoRun, photographs, type Place } from '../support/photographs.js';
import { found } from '../support/small.js';
import { checkText } from '../support/specs.js';

const engine = await openEngine('cpu');
const test = suite('select');
let place: Place;
test.before.each(() => void (place = photographs(9)));
test.after.each(() => place.remove());

/** A rate at which accuracy goes up and down, and a head that starts at the wrong classes. */
const spec = (select: string, lines = '  train on photos'): string =>
  PHOTO_SPEC.replace('  train on photos\n', `${lines}\n  select ${select}\n`)
    .replace('hyper rate = 1e-2', 'hyper rate = 2e-2')
    .replace('rate: rate', 'rate: rate, beta1: 0.99');

const optionsOf = (text: string): RunOptions => ({ ...photoRun(text, place, engine), seeds: [5] });

const run = (text: string, on: RunOptions['on'] = {}): Promise<RunResult> =>
  runExperiment({ ...optionsOf(text), on });

/** The parameters after each number of epochs, each trained on its own, on the people left for learning. */
async function recount(text: string): Promise<{ each: Parameters[]; split: TaskSplit; input: RecountInput }> {
  const { bound, stages } = optionsOf(text);
  const datasets = await prepareAll(bound, { cacheDir: null, baseDir: place.path });
  const split = splitOf(bound, datasets, { seed: 5, fold: 1 });
  const each: Parameters[] = [];
  const { model, data } = bound;
  for (let epochs = 1; epochs <= 8; epochs++) {
    const stage = { ...stages[0]!, stage: { ...stages[0]!.stage, epochs } };
    const dataset = datasets.train;
    const trained = await train({ engine, model, stage, dataset, indices: split.train, data, seed: 5 });
    each.push(trained.parameters);
  }
  return { each, split, input: { engine, model, data, dataset: datasets.train } };
}

type RecountInput = Omit<EvaluationInput, 'parameters' | 'indices'>;

test('best(accuracy): the first epoch that is best on the inner people, and its parameters', async () => {
  const text = spec('best(accuracy, on: inner(0.34))');
  const { tasks, directory } = await run(text);
  const { each, split, input } = await recount(text);
  const values: number[] = [];
  for (const parameters of each) {
    const score = { kind: 'image', crops: 'mean', frames: 'mean' } as const;
    const made = await decisions({ ...input, parameters, indices: split.inner }, 'hour', score);
    values.push(accuracyOf(made).accuracy);
  }
  const best = values.indexOf(Math.max(...values));
  assert.ok(new Set(values).size > 1, `a choice to make: ${values.join(', ')}`);
  assert.equal(tasks[0]!.selected, { epoch: best + 1, value: values[best] });
  assert.equal(tasks[0]!.parameters, each[best]);
  const stored = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'));
  assert.equal(stored.select, {
    kind: 'best',
    metric: 'accuracy',
    on: { kind: 'inner', share: 0.34 },
    leaks: false,
  });
  assert.equal(stored.tasks[0].selected, { epoch: best + 1, value: values[best] });
  const written = readFileSync(join(directory, 'metrics.jsonl'), 'utf8').trim().split('\n');
  assert.equal(
    written.map((line) => JSON.parse(line).selected).filter((value) => value !== undefined),
    values,
  );
  assert.is(engine.memory().tensors, 0);
});

test('best(loss): the epoch in which it is lowest, as cross-entropy counted by hand', async () => {
  const text = spec('best(l_head, on: inner(0.34))');
  const { tasks } = await run(text);
  const { each, split, input } = await recount(text);
  const { dataset, data } = input;
  const values = each.map((parameters) => {
    const of = (path: string): Float32Array => parameters.get(path)!.data;
    const dense = (x: number[], path: string): number[] => {
      const [kernel, bias] = [of(`${path}.kernel`), of(`${path}.bias`)];
      return Array.from(bias, (b, j) => x.reduce((sum, v, i) => sum + v * kernel[i * bias.length + j]!, b));
    };
    const { mean, by } = data.pixels as { mean: number; by: number };
    const losses = Array.from(split.inner, (i) => {
      const image = Array.from(dataset.pixels.subarray(16 * i, 16 * (i + 1)), (p) => (p - mean) / by);
      const z = dense(
        dense(image, 'body.dense').map((v) => Math.max(0, v)),
        'head',
      );
      return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[dataset.samples[i]!.label]!;
    });
    return losses.reduce((a, b) => a + b, 0) / losses.length;
  });
  const best = values.indexOf(Math.min(...values));
  assert.is(tasks[0]!.selected!.epoch, best + 1);
  assert.ok(Math.abs(tasks[0]!.selected!.value - values[best]!) < 1e-5);
  assert.equal(tasks[0]!.parameters, each[best]);
});

test('nobody of the inner part or held out is learned from, in any stage', async () => {
  let split: TaskSplit | undefined;
  const { dataset } = await run(spec('best(accuracy)', '  pretrain on photos\n  train on photos'), {
    task: (_, taken) => void (split = taken),
  });
  const peopleOf = (indices: Int32Array): Set<string> =>
    new Set(Array.from(indices, (i) => dataset.samples[i]!.subject));
  const [inner, held] = [peopleOf(split!.inner), peopleOf(split!.test)];
  assert.equal([inner.size, held.size], [1, 3]);
  assert.not.ok([...inner].some((who) => held.has(who)));
  for (const indices of split!.stages) {
    assert.is(peopleOf(indices).size, 5);
    assert.not.ok([...peopleOf(indices)].some((who) => inner.has(who) || held.has(who)));
  }
});

test('the inner people: a share of them, at least one, never all, the same for the same seed', () => {
  const samples = Array.from({ length: 40 }, (_, i) => {
    return { id: `${i}`, label: 0, subject: `p${i % 10}`, sequence: `${i}` };
  });
  const all = Int32Array.from(samples.keys());
  const people = (share: number, seed: number, of = all): string[] => [
    ...new Set(Array.from(innerPart({ name: 'd', samples }, of, share, seed), (i) => samples[i]!.subject)),
  ];
  assert.equal(
    [0.01, 0.1, 0.3, 0.99].map((share) => people(share, 1).length),
    [1, 1, 3, 9],
  );
  assert.equal(people(0.3, 1), people(0.3, 1));
  assert.ok(new Set(Array.from({ length: 10 }, (_, seed) => people(0.3, seed).join())).size > 5);
  assert.is(innerPart({ name: 'd', samples }, all, 0.3, 1).length, 12, 'with all their images');
  assert.throws(
    () =>
      people(
        0.5,
        1,
        all.filter((i) => i % 10 === 0),
      ),
    (error: Error) => error instanceof DataError && /1 person to train on.*select last/.test(error.message),
  );
});

test('on: test is allowed, and said to leak, by the checker, by the run and in its result', async () => {
  const text = spec('best(macro_f1, on: test)');
  assert.equal(found(checkText(text)), ['ED6024 best(macro_f1, on: test)']);
  const notes: string[] = [];
  const { directory, tasks, judgements } = await run(text, { note: (note) => void notes.push(note) });
  assert.is(notes.length, 1);
  assert.match(
    notes[0]!,
    /^the parameters of epoch \d+ are kept: macro_f1 .* so what is reported of them is too good$/,
  );
  assert.is(JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')).select.leaks, true);
  assert.is(judgements[0]!.judgement.macroF1, tasks[0]!.selected!.value);
  assert.equal(found(checkText(spec('best(macro_f1, on: inner(0.2))'))), []);
});

test('what cannot be selected by, or on', () => {
  for (const [select, wrong] of [
    ['best(acuracy)', 'ED6003 best(acuracy)'],
    ['best(body)', 'ED6003 best(body)'],
    ['best(3)', 'ED6003 3'],
    ['best()', 'ED3006 best()'],
    ['best(accuracy, on: outer(0.1))', 'ED6003 outer'],
    ['best(accuracy, on: inner(1))', 'ED3009 1'],
    ['best(accuracy, on: inner(0))', 'ED3009 0'],
    ['first()', 'ED6003 first'],
  ] as const)
    assert.equal(found(checkText(spec(select))), [wrong], select);
});

test('of equal epochs the first is kept, and one without a number never', async () => {
  const chosen = async (values: number[], better: 'higher' | 'lower'): Promise<number | undefined> => {
    let k = 0;
    const selection = new Selection(() => values[k++]!, better);
    for (const epoch of values.keys()) await selection.consider(epoch, new Map());
    return selection.best?.epoch;
  };
  assert.is(await chosen([0.5, 0.7, 0.7, 0.6], 'higher'), 1);
  assert.is(await chosen([0.5, 0.4, 0.4, 0.6], 'lower'), 1);
  assert.is(await chosen([NaN, 0.4, NaN], 'higher'), 1);
  assert.is(await chosen([NaN], 'lower'), undefined);
});

test('a training that goes on from a checkpoint remembers the best epoch before it', async () => {
  const { bound, stages } = optionsOf(spec('best(accuracy, on: inner(0.34))'));
  const datasets = await prepareAll(bound, { cacheDir: null, baseDir: place.path });
  const split = splitOf(bound, datasets, { seed: 5, fold: 1 });
  const { model, data } = bound;
  const common = {
    engine,
    model,
    stage: stages[0]!,
    dataset: datasets.train,
    indices: split.train,
    data,
    seed: 5,
  };
  const states: ReturnType<Pause['state']>[] = [];
  const whole = await train({
    ...common,
    selection: selectionOf(bound, engine, datasets, split)!,
    onPause: async ({ state }) => void states.push(state()),
  });
  const about = {
    seed: 5,
    fold: 1,
    stage: 0,
    before: { iterations: 0, seconds: 0 },
    program: '',
    data: '',
    settings: {},
    engine: 'cpu',
    version: '0',
    metrics: 0,
  };
  const file = checkpointFile(place.path, { seed: 5, fold: 1 });
  for (const state of [states[3]!, states.at(-2)!]) {
    await saveCheckpoint(file, { about, state });
    const { state: from } = (await loadCheckpoint(file))!;
    assert.equal(from.best, state.best);
    const rest = await train({ ...common, from, selection: selectionOf(bound, engine, datasets, split)! });
    assert.equal(rest.state.best, whole.state.best);
    assert.equal(rest.parameters, whole.parameters);
  }
});

test.run();
