/** @file Runs compared as they lie on the disk: equal ones are equal, and what cannot be paired says why. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openEngine } from '../../runtime/engines/engine.js';
import { PairingError } from '../../runtime/evaluation/errors.js';
import { compareRuns } from '../../runtime/experiment/compare-runs.js';
import { runExperiment, type RunOptions } from '../../runtime/experiment/run-experiment.js';
import { Console } from '../../cli/console.js';
import { runCommandLine } from '../../cli/program.js';
import { PHOTO_SPEC, photoRun, photographs } from '../support/photographs.js';

const engine = await openEngine('cpu');
const place = photographs(6);
test.after(() => place.remove());

const run = async (text: string, change: Partial<RunOptions> = {}): Promise<string> => {
  const options = photoRun(text, place, engine);
  return (await runExperiment({ ...options, folds: 'all', seeds: [1, 2], ...change })).directory;
};

const first = await run(PHOTO_SPEC);
const untrained = await run(PHOTO_SPEC.replace('rate = 1e-2', 'rate = 1e-9'));

async function refused(words: RegExp, ...runs: string[]): Promise<void> {
  const error = await compareRuns(runs).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  assert.instance(error, PairingError);
  assert.match(error!.message, words);
}

test('a run differs from itself in nothing, and from an untrained one as their results say', async () => {
  const [self, other] = await compareRuns([first, first, untrained]);
  assert.equal([self!.by, self!.interval], [0, { from: 0, to: 0 }]);
  assert.ok(self!.mcnemar.every(({ onlyFirst, onlySecond, p }) => onlyFirst + onlySecond === 0 && p === 1));
  assert.equal([other!.n, other!.people, other!.folds.length, other!.mcnemar.length], [24, 6, 3, 2]);
  const accuracies = (directory: string): number[] =>
    (
      JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')) as {
        judgements: { judgement: { accuracy: number } }[];
      }
    ).judgements.map((j) => j.judgement.accuracy);
  const mean = ([a, b]: number[]): number => (a! + b!) / 2;
  assert.ok(Math.abs(other!.by - (mean(accuracies(untrained)) - mean(accuracies(first)))) < 1e-12);
  assert.ok(other!.by < -0.1, 'it learns');
});

test('the command prints the same as text and as JSON', async () => {
  const out: string[] = [];
  const stream = { write: (text: string) => out.push(text) > 0 } as unknown as NodeJS.WriteStream;
  await runCommandLine(['compare', first, untrained], new Console(stream, stream));
  const text = out.join('');
  assert.match(
    text,
    /photo-002 \(tiny\) against .*photo-001 \(tiny\)\naccuracy {4}[\d.]+% against [\d.]+%, a difference of −/,
  );
  assert.match(text, /\nfolds {7}1: .*\n {12}better in \d, worse in \d, equal in \d; mean −/);
  assert.match(
    text,
    /\nMcNemar {5}seed 1: \d+ right here alone, \d+ there alone, exact p = [\d.e-]+\n {12}seed 2: /,
  );
  out.length = 0;
  await runCommandLine(['compare', '--json', first, untrained], new Console(stream, stream));
  assert.equal(JSON.parse(out.join('')), JSON.parse(JSON.stringify(await compareRuns([first, untrained]))));
  process.exitCode = 0;
  await runCommandLine(['compare', first], new Console(stream, stream));
  assert.is(process.exitCode as unknown, 2);
  process.exitCode = 0;
});

test('other folds, other images, other classes and what is not judged are refused', async () => {
  await refused(
    /photo-001 and .* have other folds of the same people/,
    first,
    await run(PHOTO_SPEC.replace('blocks(3', 'strided(3')),
  );
  await refused(
    /is judged per image, and .* per crop/,
    first,
    await run(PHOTO_SPEC.replace('  train on photos', '  train on photos\n  score crop()')),
  );
  const night = await run(PHOTO_SPEC.replace('folds  blocks', 'classes night, day\n  folds  blocks'));
  await refused(/has the classes day, night, and .* has night, day/, first, night);
  const result = join(night, 'result.json');
  const stored = JSON.parse(readFileSync(result, 'utf8')) as object;
  writeFileSync(result, JSON.stringify({ ...stored, tasks: [], judgements: [] }));
  await refused(/nothing in .* is judged/, first, night);
  place.addPerson('p7');
  await refused(/decides about day\/p\d_\d.*, and .*does not|is in fold/, first, await run(PHOTO_SPEC));
});

test.run();
