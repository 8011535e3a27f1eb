/** @file Parameter files and checkpoints, damaged. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  loadCheckpoint,
  peekCheckpoint,
  saveCheckpoint,
  type Checkpoint,
} from '../../runtime/experiment/checkpoint.js';
import { loadTensors, saveParameters } from '../../runtime/parameters/safetensors.js';
import { damagedBytes } from './damage-bytes.js';
import type { Kind } from './kind.js';

const stored = (shape: readonly number[], first = 0): { shape: readonly number[]; data: Float32Array } => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => first + i / 7),
});

const PARAMETERS = new Map([
  ['base.kernel', stored([3, 4])],
  ['base.bias', stored([4], -1)],
  ['head.slope', stored([], 0.25)],
]);

export const parameters: Kind = {
  name: 'parameter file',
  async prepare(folder) {
    await saveParameters(join(folder, 'whole.safetensors'), PARAMETERS, { note: 'ünï' });
  },
  async run(seed, keep, folder) {
    const bytes = damagedBytes(await readFile(join(folder, 'whole.safetensors')), seed);
    keep('parameters.safetensors', bytes);
    const path = join(folder, 'damaged.safetensors');
    await writeFile(path, bytes);
    const { tensors, verified } = await loadTensors(path);
    // What still carries its hash is what was written.
    if (verified) assert.equal(tensors, PARAMETERS);
    for (const { shape, data } of tensors.values())
      assert.is(
        data.length,
        shape.reduce((n, d) => n * d, 1),
      );
  },
};

const CHECKPOINT: Checkpoint = {
  about: {
    seed: 1,
    fold: null,
    stage: 0,
    before: { iterations: 0, seconds: 0 },
    program: 'p',
    data: 'd',
    settings: { rate: '0.1' },
    engine: 'cpu',
    version: '0.1.0',
    metrics: 12,
  },
  state: {
    iteration: 12,
    epoch: 1,
    batch: 2,
    images: 100,
    seconds: 1.5,
    sums: { l: { sum: NaN, n: 3 } },
    best: null,
    history: [{ l: 1.25 }],
    parameters: PARAMETERS,
    steps: { main: { count: 12, moments: new Map([['base.kernel/m', stored([3, 4])]]) } },
  },
};

export const checkpoints: Kind = {
  name: 'checkpoint',
  async prepare(folder) {
    await saveCheckpoint(join(folder, 'task.safetensors'), CHECKPOINT);
  },
  async run(seed, keep, folder) {
    const whole = await readFile(join(folder, 'task.safetensors'));
    const bytes = damagedBytes(whole, seed);
    keep('checkpoint.safetensors', bytes);
    const path = join(folder, 'damaged.safetensors');
    const before = join(folder, 'damaged-previous.safetensors');
    await writeFile(path, bytes);
    // Half of the time the one before is there and whole: then it is what is found.
    if (seed % 2 === 0) await writeFile(before, whole);
    else await rm(before, { force: true });
    const peeked = peekCheckpoint(path).catch((error: unknown) => error);
    const found = await loadCheckpoint(path);
    if (found) assert.equal(found.state.parameters, PARAMETERS);
    const peek = await peeked;
    if (peek instanceof Error) throw peek;
  },
};
