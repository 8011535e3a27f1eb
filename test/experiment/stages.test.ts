/** @file Several stages: what one hands to the next, and that nobody who is held out is met in any of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boundExperiment, type BoundStage } from '../../compiler/model/experiment.js';
import { compileExperiment, trainableStages } from '../../compiler/program.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { runExperiment } from '../../runtime/experiment/run-experiment.js';
import type { TaskSplit } from '../../runtime/experiment/tasks.js';
import { loadParameters } from '../../runtime/parameters/safetensors.js';
import { PHOTO_SPEC, photographs, type Place } from '../support/photographs.js';
import { checkText } from '../support/specs.js';

const engine = await openEngine('cpu');
const test = suite('stages');
let place: Place;
test.before.each(() => void (place = photographs(6)));
test.after.each(() => place.remove());

test('a stage begins with the parameters that the one before it ended with, and none of them meets a person held out', async () => {
  const [one] = checkText(PHOTO_SPEC).experiments;
  const [only] = one!.stages as [BoundStage];
  const bound = boundExperiment(one!.experiment, [{ ...only, verb: 'pretrain' }, only], null);
  let split: TaskSplit | undefined;
  const begun: string[] = [];
  const { directory, dataset, tasks } = await runExperiment({
    bound,
    stages: trainableStages(compileExperiment(bound)),
    engine,
    runs: join(place.path, 'runs'),
    cacheDir: null,
    baseDir: place.path,
    on: {
      task: (_, taken) => void (split = taken),
      stage: ({ verb }, index, images) => void begun.push(`${index} ${verb} ${images}`),
    },
  });
  assert.equal(begun, ['0 pretrain 16', '1 train 16']);
  const peopleOf = (indices: Int32Array): Set<string> =>
    new Set(Array.from(indices, (i) => dataset.samples[i]!.subject));
  const held = peopleOf(split!.test);
  assert.is(held.size, 2);
  for (const indices of split!.stages) assert.not.ok([...peopleOf(indices)].some((who) => held.has(who)));
  assert.equal(readdirSync(join(directory, 'parameters')).sort(), [
    'seed-0-fold-1-stage-1.safetensors',
    'seed-0-fold-1.safetensors',
  ]);
  const [before, after] = [
    await loadParameters(join(directory, 'parameters', 'seed-0-fold-1-stage-1.safetensors')),
    tasks[0]!.parameters,
  ];
  assert.equal([...before.keys()], [...after.keys()]);
  assert.is(tasks[0]!.iterations, 2 * 2 * 8);
});

test.run();
