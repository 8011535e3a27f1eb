/** @file Several stages: what one hands to the next, what `start` takes, and that nobody who is held out is met in any of them. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BoundStage } from '../../compiler/model/experiment.js';
import { compileExperiment, trainableStages } from '../../compiler/program.js';
import { load, writeArtifact } from '../../runtime/artifacts/artifact.js';
import { DataError } from '../../runtime/data/errors.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { evaluateRun } from '../../runtime/experiment/evaluate-run.js';
import { runExperiment, type RunOptions, type RunResult } from '../../runtime/experiment/run-experiment.js';
import type { TaskSplit } from '../../runtime/experiment/tasks.js';
import { initialise, type Parameters } from '../../runtime/parameters/initialise.js';
import { ParameterFileError } from '../../runtime/parameters/errors.js';
import { loadParameters, saveParameters } from '../../runtime/parameters/safetensors.js';
import { parametersOfStart } from '../../runtime/parameters/stage-start.js';
import { PHOTO_SPEC, photoRun, photographs, type Place } from '../support/photographs.js';
import { checkText, errorsOf } from '../support/specs.js';

const engine = await openEngine('cpu');
const test = suite('stages');
let place: Place;
test.before.each(() => void (place = photographs(6)));
test.after.each(() => place.remove());

/** The photographs' model with a second `train` that moves nothing, and these lines for the experiment and the model. */
const spec = (lines: string, members = ''): string =>
  PHOTO_SPEC.replace('  train on photos\n', `${lines}\n`)
    .replace('  train {\n', `  ${members}\n  train {\n`)
    .replace(
      '    epochs 8\n  }\n',
      '    epochs 8\n  }\n  train still { minimize l_head + l_other using sgd(0) batch 8 epochs 1 }\n',
    );

const optionsOf = (text: string): RunOptions => photoRun(text, place, engine);

const run = (text: string, on: RunOptions['on'] = {}): Promise<RunResult> =>
  runExperiment({ ...optionsOf(text), on });

const bitsOf = (parameters: Parameters): [string, string][] =>
  [...parameters].map(([path, { data }]) => [path, Buffer.from(data.slice().buffer).toString('hex')]);

test('a stage begins with the parameters that the one before it ended with, bit for bit', async () => {
  const { directory, tasks } = await run(spec('  pretrain on photos\n  train still on photos'));
  const file = join(directory, 'parameters', 'seed-0-fold-1-stage-1.safetensors');
  const before = await loadParameters(file);
  assert.equal(bitsOf(tasks[0]!.parameters), bitsOf(before));
  assert.is.not(
    before.get('head.kernel')!.data[0],
    initialise(optionsOf(PHOTO_SPEC).bound.model, 0).get('head.kernel')!.data[0],
  );
  assert.is(tasks[0]!.iterations, 8 * 2 + 2);
  assert.equal(readdirSync(join(directory, 'stage-1')), ['model.json']);
  const { judgements } = await evaluateRun(directory, engine, { cacheDir: null, baseDir: place.path });
  assert.is(judgements[0]!.judgement.n, 8);
  assert.is(engine.memory().tensors, 0);
});

test('no stage meets a person who is held out, whatever the block is called', async () => {
  const same = 'data same { source folder("photos", pattern: "class/subject_*") }\n';
  const seen: { split?: TaskSplit; begun: string[] } = { begun: [] };
  const { dataset } = await run(spec('  pretrain on same\n  train still on photos').concat(same), {
    task: (_, taken) => void (seen.split = taken),
    stage: ({ verb, data }, index, images) => void seen.begun.push(`${index} ${verb} ${data.name} ${images}`),
  });
  assert.equal(seen.begun, ['0 pretrain same 16', '1 train photos 16']);
  const peopleOf = (indices: Int32Array): string[] => [
    ...new Set(Array.from(indices, (i) => dataset.samples[i]!.subject)),
  ];
  const held = peopleOf(seen.split!.test);
  assert.is(held.length, 2);
  for (const indices of seen.split!.stages)
    assert.equal(
      peopleOf(indices).filter((who) => held.includes(who)),
      [],
    );
});

test('a stage of other data meets all of it, and draws other numbers than the stage before it', async () => {
  const other = photographs(3);
  const text = spec('  pretrain on others\n  train on photos').concat(
    `data others { source folder("${other.path}/photos", pattern: "class/subject_*") }\n`,
  );
  const images: number[] = [];
  await run(text, { stage: (_, __, n) => void images.push(n) });
  assert.equal(images, [12, 16]);
  other.remove();
});

test('what a compiled experiment of two stages leaves can be loaded and is the same', async () => {
  const { bound } = optionsOf(spec('  pretrain on photos\n  train still on photos reset head'));
  const programs = compileExperiment(bound);
  const root = join(place.path, 'compiled');
  mkdirSync(root);
  const source = { spec: 's', position: 0, settings: {}, sources: [], programs, bound };
  const { path } = await writeArtifact(root, source);
  const loaded = await load(path);
  assert.equal(loaded.bound, bound);
  assert.equal(
    loaded.stages.map((s) => s.stage),
    trainableStages(programs).map((s) => s.stage),
  );
  assert.ok(existsSync(join(path, 'stage-1', 'graph.txt')));
});

/** Two stages of one model: `a` is read with the classes x, y, z, then with those of `second`. */
function twoStages(second: string, clause: string): readonly BoundStage[] {
  const count = second.split(',').length;
  const checked = checkText(`model m {
    hyper n = 3
    input p : image[1, 2, 1]
    label a : class[n]
    group body = flatten() |> dense(2) |> batch_norm()
    group head = dense(5) |> dense(n) |> batch_norm()
    out = head(body(p))
    loss l = cross_entropy(out, a) updates body, head
    predict a = softmax(out)
    train { minimize l using adam() }
  }
  data first { source folder("f") classes x, y, z resize to(1, 2) }
  data second { source folder("s") classes ${second} resize to(1, 2) folds blocks(2) }
  experiment e { model m  pretrain on first  train on second with n = ${count} ${clause} }`);
  assert.equal(errorsOf(checked), []);
  return checked.experiments[0]!.stages;
}

/** Before the second stage, every number the first one left being 1000 plus its place in its tensor. */
function startOf(
  second: string,
  clause: string,
): { before: Parameters; fresh: Parameters; start: Parameters } {
  const stages = twoStages(second, clause);
  const fresh = initialise(stages[1]!.model, 7);
  const before: Parameters = new Map(
    [...initialise(stages[0]!.model, 7)].map(([path, { shape, data }]) => [
      path,
      { shape, data: data.map((_, i) => 1000 + i) },
    ]),
  );
  const earlier = [{ parameters: before, classes: ['x', 'y', 'z'] }];
  const classes = second.split(', ');
  return { before, fresh, start: parametersOfStart({ stages, earlier, classes, seed: 7, files: new Map() }) };
}

test('reset: these groups start as they would without a stage before, all others as it left them', () => {
  const { before, fresh, start } = startOf('x, y, z', 'reset head');
  for (const [path, { data }] of start)
    assert.equal(data, (path.startsWith('head.') ? fresh : before).get(path)!.data, path);
});

test('reset statistics: parameters are taken over, running means are 0 again and variances 1', () => {
  const { before, start } = startOf('x, y, z', 'reset statistics body');
  assert.equal([...start.get('body.batch_norm.mean')!.data], [0, 0]);
  assert.equal([...start.get('body.batch_norm.variance')!.data], [1, 1]);
  for (const path of ['body.dense.kernel', 'body.batch_norm.gamma', 'head.batch_norm.mean'])
    assert.equal(start.get(path)!.data, before.get(path)!.data, path);
});

test('reset none: everything is taken over, also under other names', () => {
  const { before, start } = startOf('z, y, x', 'reset none');
  for (const [path, { data }] of start) assert.equal(data, before.get(path)!.data, path);
});

test('remap: a class of both lists keeps its column wherever it now stands, a new one starts anew', () => {
  const { before, fresh, start } = startOf('new, z, x, other', 'remap head');
  // The classes x, y, z stood at 0, 1, 2; the kernel is [5, 3] and now [5, 4].
  const of = (table: Parameters, path: string): number[] => [...table.get(path)!.data];
  const initial = of(fresh, 'head.dense_2.kernel');
  assert.equal(
    of(start, 'head.dense_2.kernel'),
    [0, 1, 2, 3, 4].flatMap((row) => [
      initial[4 * row]!,
      1000 + 3 * row + 2,
      1000 + 3 * row,
      initial[4 * row + 3]!,
    ]),
  );
  assert.equal(of(start, 'head.dense_2.bias'), [0, 1002, 1000, 0]);
  assert.equal(of(start, 'head.batch_norm.mean'), [0, 1002, 1000, 0]);
  assert.equal(of(start, 'head.batch_norm.variance'), [1, 1002, 1000, 1]);
  for (const path of ['head.dense.kernel', 'head.dense.bias', 'body.dense.kernel', 'body.batch_norm.mean'])
    assert.equal(of(start, path), of(before, path), path);
});

const TWIN = 'group twin = dense(classes)\n  loss l_twin = cross_entropy(twin(f), hour) updates twin';

test('start: a group begins as another one stands by then, before the first iteration of its stage', async () => {
  const text = spec('  pretrain on photos\n  train still on photos', TWIN)
    .replaceAll('minimize l_head + l_other', 'minimize l_head + l_other + l_twin')
    .replace('train still {', 'train still { start twin, other from head');
  const { tasks } = await run(text);
  const { parameters } = tasks[0]!;
  for (const tensor of ['kernel', 'bias'])
    for (const group of ['twin', 'other'])
      assert.equal(parameters.get(`${group}.${tensor}`)!.data, parameters.get(`head.${tensor}`)!.data);
});

test('start from a stage: as that one left it, not the one between', async () => {
  const text = spec('  pretrain first on photos\n  pretrain on photos\n  train still on photos')
    .replace(
      '  train still {',
      '  train first { minimize l_head + l_other using adam() batch 8 epochs 1 }\n  train still {',
    )
    .replace('train still {', 'train still { start body from first');
  const { tasks, directory } = await run(text);
  const stored = (stage: number): Promise<Parameters> =>
    loadParameters(join(directory, 'parameters', `seed-0-fold-1-stage-${stage}.safetensors`));
  const [first, second] = [await stored(1), await stored(2)];
  const { parameters } = tasks[0]!;
  assert.equal(parameters.get('body.dense.kernel'), first.get('body.dense.kernel'));
  assert.equal(parameters.get('head.kernel'), second.get('head.kernel'));
  assert.not.equal(first.get('body.dense.kernel'), second.get('body.dense.kernel'));
});

test('start from a file: by group, path and shape; what else it holds is told; it may be the first stage', async () => {
  const weights = initialise(optionsOf(PHOTO_SPEC).bound.model, 99);
  await saveParameters(join(place.path, 'weights.safetensors'), weights);
  const notes: string[] = [];
  const text = spec('  train still on photos').replace(
    'train still {',
    'train still { start body, other from "weights.safetensors"',
  );
  const { tasks } = await run(text, { note: (note) => void notes.push(note) });
  const { parameters } = tasks[0]!;
  for (const path of ['body.dense.kernel', 'other.kernel'])
    assert.equal(parameters.get(path)!.data, weights.get(path)!.data, path);
  assert.not.equal(parameters.get('head.kernel')!.data, weights.get('head.kernel')!.data);
  assert.equal(notes, ['of weights.safetensors, head is not used']);
});

test('a file that does not fit is refused before anything is begun, also for the last stage', async () => {
  const refused = async (words: RegExp, file: string): Promise<void> => {
    const text = spec('  pretrain on photos\n  train still on photos').replace(
      'train still {',
      `train still { start head from "${file}"`,
    );
    let begun = false;
    const error = await run(text, { stage: () => void (begun = true) }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    assert.ok(error instanceof ParameterFileError || error instanceof DataError, String(error));
    assert.match(error!.message, words);
    assert.not.ok(begun || existsSync(join(place.path, 'runs')), file);
  };
  const weights = initialise(optionsOf(PHOTO_SPEC).bound.model, 1);
  const save = (
    name: string,
    change: (w: Map<string, Parameters extends ReadonlyMap<string, infer T> ? T : never>) => void,
  ): Promise<void> => {
    const changed = new Map(weights);
    change(changed);
    return saveParameters(join(place.path, name), changed);
  };
  await save('no_head.safetensors', (w) =>
    [...w.keys()].filter((p) => p.startsWith('head.')).forEach((p) => w.delete(p)),
  );
  await save('no_bias.safetensors', (w) => w.delete('head.bias'));
  await save('other_shape.safetensors', (w) => w.set('head.bias', { shape: [3], data: new Float32Array(3) }));
  await refused(/there is no file .*nowhere\.safetensors/, 'nowhere.safetensors');
  await refused(/needs the environment variable ED2L_NO_SUCH/, '$ED2L_NO_SUCH/w.safetensors');
  await refused(/has no group head to start from; it has body, other/, 'no_head.safetensors');
  await refused(/head cannot start from .*no_bias.*: head\.bias is not there/, 'no_bias.safetensors');
  await refused(/head\.bias is \[2\] here and \[3\] there/, 'other_shape.safetensors');
});

test('classes that only a folder knows are compared when it is listed', async () => {
  const other = photographs(3);
  const others = `data others { source folder("${other.path}/photos", pattern: "class/subject_*") classes night, day }\n`;
  const text = (clause: string): string =>
    spec(`  pretrain on others\n  train still on photos ${clause}`).concat(others);
  const error = await run(text('')).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  assert.instance(error, DataError);
  assert.match(
    error!.message,
    /photos has the classes day, night, and others of the stage before it has night, day: .*reset group/,
  );
  assert.not.ok(existsSync(join(place.path, 'runs')));
  for (const clause of ['reset none', 'remap head, other'])
    assert.is((await run(text(clause))).ended, 'complete');
  other.remove();
});

test.run();
