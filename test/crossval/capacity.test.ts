/** @file How many trainings run at once: never more than tasks, cores and memory take, never none. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesOfTraining, capacityOf, type CapacityOptions } from '../../runtime/crossval/capacity.js';
import { cpu } from '../../compiler/targets/cpu.js';
import { compileExperiment, trainableStages, makePlan, predictPeak } from '../../compiler/index.js';
import { checkText } from '../support/specs.js';
import { TINY_SPEC } from '../support/command-line.js';

const MACHINE: CapacityOptions = { tasks: 40, bytes: 1e9, cores: 8, memory: 32e9, threaded: true };

test('as many as cores, memory, tasks and somebody allow, whichever is fewest', () => {
  for (const [change, jobs, threads, limitedBy] of [
    [{}, 8, 1, 'cores'],
    [{ memory: 3.5e9 }, 3, 2, 'memory'],
    [{ tasks: 2 }, 2, 4, 'tasks'],
    [{ threads: 4 }, 2, 4, 'cores'],
    [{ threads: 16 }, 1, 16, 'cores'],
    [{ jobs: 12 }, 12, 1, 'jobs'],
    [{ jobs: 12, memory: 5e9 }, 5, 1, 'memory'],
    [{ threaded: false, threads: 4 }, 8, 1, 'cores'],
    [{ tasks: 0 }, 1, 8, 'tasks'],
  ] as const) {
    const found = capacityOf({ ...MACHINE, ...change });
    assert.equal(
      [found.jobs, found.threads, found.limitedBy],
      [jobs, threads, limitedBy],
      JSON.stringify(change),
    );
    assert.not(found.tight);
  }
  const tight = capacityOf({ ...MACHINE, memory: 0.5e9 });
  assert.equal([tight.jobs, tight.tight], [1, true]);
});

test('a training needs what its plan predicts, the images, and its state twice more for a checkpoint', () => {
  const stages = trainableStages(compileExperiment(checkText(TINY_SPEC).experiments[0]!));
  const larger = trainableStages(
    compileExperiment(checkText(TINY_SPEC.replace('batch 32', 'batch 3200')).experiments[0]!),
  );
  const peak = predictPeak(makePlan(stages[0]!.steps[0]!.graph, cpu), 32);
  const bytes = bytesOfTraining(stages, cpu, 0);
  assert.is(bytesOfTraining(stages, cpu, 12345) - bytes, 12345);
  assert.ok(bytes > peak.bytes + 2 * peak.state);
  assert.ok(bytesOfTraining(larger, cpu, 0) - bytes > 3168 * 144 * 4, 'the batch counts');
});

test.run();
