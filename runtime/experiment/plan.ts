/** @file What a run is asked to do: its tasks, its data, and what is to be said of its folds. */
import { withItems } from '../data/errors.js';
import { readFoldFile } from '../data/fold-file.js';
import { foldCount, foldOf, foldWarnings } from '../data/folds.js';
import { FoldError } from './errors.js';
import type { RunOptions } from './run-experiment.js';
import type { Datasets, PrepareAllOptions, Task } from './tasks.js';

export function prepareOptions({
  cacheDir,
  baseDir,
  engine,
  on,
}: Pick<RunOptions, 'cacheDir' | 'baseDir' | 'on'> & Partial<Pick<RunOptions, 'engine'>>): PrepareAllOptions {
  return {
    cacheDir,
    baseDir,
    ...(engine && { engine }),
    ...(on?.preparing && { onPreparing: on.preparing }),
    ...(on?.note && { onNote: on.note }),
  };
}

/** Read from their file where they are in one, before any image is. */
async function countFolds({ bound, baseDir }: Pick<RunOptions, 'bound' | 'baseDir'>): Promise<number> {
  const { folds } = bound.data;
  if (bound.testData || !folds) return 0;
  return folds.kind === 'file' ? (await readFoldFile(folds, baseDir)).names.length : folds.count;
}

/** What folds lack is no error, and must not go unnoticed. */
export function noteFolds(
  { bound, on }: Pick<RunOptions, 'bound' | 'on'>,
  { train: dataset }: Datasets,
): void {
  const { folds } = bound.data;
  if (bound.testData || !folds) return;
  const warnings = foldWarnings(dataset, foldOf(dataset, folds), foldCount(dataset, folds));
  if (warnings.length > 0) on?.note?.(withItems(`folds of ${dataset.name}:`, warnings));
}

/** One per seed and held-out fold. Throws FoldError and DataError. */
export async function tasksOf(
  options: Pick<RunOptions, 'bound' | 'baseDir' | 'folds' | 'seeds' | 'stages'>,
): Promise<Task[]> {
  const { bound, folds, seeds, stages } = options;
  const { experiment, data, testData } = bound;
  const count = await countFolds(options);
  const chosenSeeds = seeds ?? (experiment.seeds.length > 0 ? experiment.seeds : [stages.at(-1)!.stage.seed]);
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const chosen = folds === 'all' ? all : (folds ?? all.slice(0, 1));
  const wrong = chosen.find((fold) => !all.includes(fold));
  if (wrong !== undefined)
    throw new FoldError(
      count === 0
        ? `${experiment.name} has no folds${testData ? ': it tests on data of its own' : ''}`
        : `there is no fold ${wrong}: ${data.name} has ${count}`,
    );
  // A task named twice is done once: its decisions are no second evidence.
  const held = count === 0 ? [null] : [...new Set(chosen)];
  return [...new Set(chosenSeeds)].flatMap((seed) => held.map((fold) => ({ seed, fold })));
}
