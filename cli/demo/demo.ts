/**
 * @file `npm run demo [SPEC]`: trains every experiment of a spec (default: baseline and ED²L on synthetic faces), and prints one table of what
 * the networks decide, what a linear classifier reads from pixels, and what fresh linear probes read from the features.
 */
import { Command } from 'commander';
import { compile, type BoundExperiment } from '../../compiler/index.js';
import { openEngine, runExperiment, type Dataset, type Engine, type RunResult } from '../../runtime/index.js';
import { splitOf } from '../../runtime/experiment/tasks.js';
import { cacheDirectory } from '../cache-directory.js';
import { checkSpec } from '../check-spec.js';
import { Console } from '../console.js';
import { EXIT } from '../exit-codes.js';
import { failureOf, UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { listenForInterrupt } from '../interrupt.js';
import { withEngine, type EngineOptions } from '../options.js';
import { duration, Progress } from '../progress.js';
import { measurePixels, measureFeatures, type Row } from './measure.js';
import { comparisons, formatTable } from './table.js';

const console = new Console();
const started = performance.now();
const program = withEngine(new Command('demo').argument('[spec]'));
program.action(async (named: string | undefined, options: EngineOptions) => {
  const spec = findSpec(named);
  const { experiments } = checkSpec(spec, {}, new QuietConsole());
  if (experiments.length === 0) throw new UsageError(`${spec} has no experiment to demonstrate`);
  const engine = await openEngine(options.engine, options);
  try {
    await demonstrate(experiments, engine);
  } finally {
    engine.close();
  }
});

/** Notes about what `baseline` removes are not what a demo is about. */
class QuietConsole extends Console {
  override readonly quiet = true;
}

async function demonstrate(experiments: readonly BoundExperiment[], engine: Engine): Promise<void> {
  const networks: Row[] = [];
  const probes: Row[] = [];
  let pixelRows: readonly Row[] = [];
  for (const bound of experiments) {
    const result = await trainOne(bound, engine);
    if (result.ended !== 'complete') {
      if (result.failure) console.complain(`error: ${result.failure.message}`);
      process.exitCode = result.ended === 'failed' ? EXIT.failed : EXIT.interrupted;
      return;
    }
    const [task] = result.tasks;
    const split = splitOf(bound, { train: result.dataset, test: result.dataset }, task!.fold);
    const input = { bound, engine, dataset: result.dataset, split };
    networks.push({ name: `network ${bound.model.name}`, class: result.judgements[0]!.judgement });
    if (pixelRows.length === 0) pixelRows = [measurePixels(input)];
    probes.push(...measureFeatures(input, task!));
  }
  const rows = [...networks, ...pixelRows, ...probes];
  console.out(`\n${formatTable(rows, experiments[0]!.data.name)}\n`);
  console.out(comparisons(networks, pixelRows[0]!).join('\n'));
  console.say(`\n${duration((performance.now() - started) / 1000)} in all`);
}

async function trainOne(bound: BoundExperiment, engine: Engine): Promise<RunResult> {
  const progress = new Progress(console, 'auto');
  const interrupt = listenForInterrupt(() => {
    progress.clear();
    console.complain('ending after this iteration; once more ends at once');
  });
  console.say(`\ntraining ${bound.model.name}`);
  try {
    return await runExperiment({
      bound,
      stages: compile(bound.model).stages,
      engine,
      cacheDir: cacheDirectory(),
      baseDir: '.',
      signal: interrupt.signal,
      on: {
        directory: interrupt.begin,
        preparing: (done, total) => progress.preparing(bound.data.name, done, total),
        note: (text) => console.say(`note: ${text}`),
        data: ({ name, samples }: Dataset) =>
          console.say(
            `data ${name}: ${samples.length} images of ${new Set(samples.map((s) => s.subject)).size} people`,
          ),
        iteration: (step) => progress.iteration(step),
        epoch: (summary) => progress.epoch(summary),
      },
    });
  } finally {
    progress.clear();
    interrupt.release();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  const { message, exit } = failureOf(error);
  if (message !== null) console.complain(`error: ${message}`);
  process.exitCode = exit;
}
