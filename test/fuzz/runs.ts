/** @file Run directories and prepared data, damaged: through `runs`, `eval` and the cache. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { compileExperiment, trainableStages } from '../../compiler/program.js';
import { prepare } from '../../runtime/data/prepare.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { evaluateRun } from '../../runtime/experiment/evaluate-run.js';
import { listRuns } from '../../runtime/experiment/list-runs.js';
import { runExperiment } from '../../runtime/experiment/run-experiment.js';
import { TINY_SPEC } from '../support/command-line.js';
import { damaged } from '../support/damage.js';
import { damagedBytes } from './damage-bytes.js';
import { BLOCK } from './images.js';
import type { Kind } from './kind.js';

const engine = await openEngine('cpu');

export const runDirectories: Kind = {
  name: 'run directory',
  async prepare(folder) {
    const bound = check('tiny.ed2l', { reader: () => ({ source: 'tiny.ed2l', text: TINY_SPEC }) })
      .experiments[0]!;
    await runExperiment({
      bound,
      stages: trainableStages(compileExperiment(bound)),
      engine,
      runs: join(folder, 'whole'),
      cacheDir: join(folder, 'cache'),
      baseDir: folder,
    });
  },
  async run(seed, keep, folder) {
    const [name] = await readdir(join(folder, 'whole'));
    const runs = join(folder, 'runs');
    const copy = join(runs, name!);
    await rm(runs, { recursive: true, force: true });
    await mkdir(runs, { recursive: true });
    await cp(join(folder, 'whole', name!), copy, { recursive: true });
    const files = (await readdir(copy, { recursive: true })).filter((f) =>
      /\.(json|jsonl|safetensors)$/.test(f),
    );
    const file = files[seed % files.length]!;
    const whole = await readFile(join(copy, file));
    const cases = file.endsWith('.json') ? damaged(whole.toString(), 1, seed) : [];
    const bytes =
      seed % 2 === 0 || cases.length === 0
        ? damagedBytes(whole, seed)
        : Buffer.from(cases[seed % cases.length]!.text);
    keep(file.replaceAll('/', '-'), bytes);
    await writeFile(join(copy, file), bytes);
    for (const { state, problem } of await listRuns(runs)) {
      assert.not.match(problem ?? '', /undefined|\[object|\n\s+at |is not a function|Cannot read/);
      assert.is(state === 'damaged', problem !== undefined);
    }
    await evaluateRun(copy, engine, { cacheDir: join(folder, 'cache'), baseDir: folder });
  },
};

export const caches: Kind = {
  name: 'prepared data',
  async prepare(folder) {
    await mkdir(join(folder, 'photos', 'one'), { recursive: true });
    for (const name of ['a', 'b'])
      await writeFile(
        join(folder, 'photos', 'one', `${name}.pgm`),
        `P2 2 2 9 1 2 3 ${name === 'a' ? 4 : 5}\n`,
      );
  },
  async run(seed, keep, folder) {
    const cacheDir = join(folder, 'cache');
    const made = (): ReturnType<typeof prepare> => prepare(BLOCK, { cacheDir, baseDir: folder });
    const before = await made();
    const [name] = (await readdir(join(cacheDir, 'data'))).filter((file) => file.endsWith('.data'));
    const file = join(cacheDir, 'data', name!);
    const bytes = damagedBytes(await readFile(file), seed);
    keep('prepared.data', bytes);
    await writeFile(file, bytes);
    assert.equal(await made(), before, 'damaged data was taken for the data');
  },
};
