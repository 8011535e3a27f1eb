/**
 * @file `npm run demo [SPEC]`: trains every experiment of a spec (default: baseline and ED²L on synthetic faces), and prints one table of what
 * the networks decide, what a linear classifier reads from pixels, and what fresh linear probes read from the features.
 */
import { Command } from 'commander';
import { compileExperiment, trainableStages, type BoundExperiment } from '../../compiler/index.js';
import { openEngine, runExperiment, type Dataset, type Engine, type RunResult } from '../../runtime/index.js';
import { cacheDirectory } from '../cache-directory.js';
import { checkSpec } from '../check-spec.js';
import { Console } from '../console.js';
import type { ExitCode } from '../exit-codes.js';
import { complainOf, UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { keepDebuggerClosed, listenForInterrupt } from '../interrupt.js';
import { withEngine, type EngineOptions } from '../options.js';
import { duration, Progress } from '../progress.js';
import { measureFeatures, measurePixels, pooledRows, type Row } from './measure.js';
import { comparisons, formatTable, type Choices } from './table.js';

keepDebuggerClosed();
const console = new Console();
const started = performance.now();
const program = withEngine(
  new Command('demo')
    .exitOverride()
    .argument('[spec]')
    .option('--all-folds', 'hold out every fold in turn, not only the first'),
);
program.action(async (named: string | undefined, options: EngineOptions & { allFolds?: true }) => {
  const spec = findSpec(named);
  const { experiments } = checkSpec(spec, {}, new QuietConsole());
  if (experiments.length === 0) throw new UsageError(`${spec} has no experiment to demonstrate`);
  const engine = await openEngine(options.engine, options);
  try {
    await demonstrate(experiments, engine, options.allFolds ? 'all' : [1]);
  } finally {
    engine.close();
  }
});

/** Notes about what `baseline` removes are not what a demo is about. */
class QuietConsole extends Console {
  override readonly quiet = true;
}

async function demonstrate(
  experiments: readonly BoundExperiment[],
  engine: Engine,
  folds: Folds,
): Promise<void> {
  const networks: Row[] = [];
  const pixelRows: Row[] = [];
  const probes: Row[] = [];
  let choices: Choices | undefined;
  for (const [i, bound] of experiments.entries()) {
    const { result, exit } = await trainOne(bound, engine, folds);
    if (result.ended !== 'complete') {
      if (result.failure) console.complain(`error: ${result.failure.message}`);
      else console.say('the same command goes on from here');
      process.exitCode = exit;
      return;
    }
    const { dataset } = result;
    for (const task of result.tasks) {
      const { split } = task;
      const input = { bound, engine, dataset, split };
      networks.push({ name: `network ${bound.model.name}`, class: task.decisions, person: [] });
      if (i === 0) pixelRows.push(measurePixels(input));
      probes.push(...measureFeatures(input, task));
      const people = new Set(Array.from(split.test, (k) => dataset.samples[k]!.subject)).size;
      choices ??= { data: dataset.name, classes: dataset.classes.length, people };
    }
  }
  const [pooledNetworks, [pixels]] = [pooledRows(networks), pooledRows(pixelRows)];
  const rows = [...pooledNetworks, pixels!, ...pooledRows(probes)];
  console.out(`\n${formatTable(rows, choices!)}\n`);
  console.out(comparisons(pooledNetworks, pixels!).join('\n'));
  console.say(`\n${duration((performance.now() - started) / 1000)} in all`);
}

type Folds = readonly number[] | 'all';

async function trainOne(
  bound: BoundExperiment,
  engine: Engine,
  folds: Folds,
): Promise<{ result: RunResult; exit: ExitCode }> {
  const progress = new Progress(console, 'auto');
  const interrupt = listenForInterrupt(console, () => progress.clear());
  console.say(`\ntraining ${bound.model.name}`);
  try {
    const result = await runExperiment({
      bound,
      stages: trainableStages(compileExperiment(bound)),
      engine,
      cacheDir: cacheDirectory(),
      baseDir: '.',
      folds,
      signal: interrupt.signal,
      on: {
        directory: (path, continued) => {
          interrupt.begin();
          if (continued) console.say(`continuing ${path}`);
        },
        preparing: (name, done, total) => progress.preparing(name, done, total),
        note: (text) => console.say(`note: ${text}`),
        data: ({ name, samples }: Dataset) =>
          console.say(
            `data ${name}: ${samples.length} images of ${new Set(samples.map((s) => s.subject)).size} people`,
          ),
        iteration: (step) => progress.iteration(step),
        epoch: (summary) => progress.epoch(summary),
      },
    });
    return { result, exit: interrupt.exitOf(result.ended) };
  } finally {
    progress.clear();
    interrupt.release();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complainOf(error, console);
}
