/** @file `ed2lc run`: trains the experiment of a spec, judges it on people it has not seen, and leaves a run directory. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { BoundExperiment } from '../../compiler/index.js';
import type { RunListener, RunResult } from '../../runtime/index.js';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { describeEngine } from '../engine-line.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { complainOf, UsageError } from '../failures.js';
import { listenForInterrupt } from '../interrupt.js';
import { describeTask, formatJudgements } from '../judgement.js';
import {
  readFolds,
  wholeFrom,
  withEngine,
  withSaving,
  withSettings,
  type EngineOptions,
  type Settings,
} from '../options.js';
import { duration, Progress, type ProgressStyle } from '../progress.js';
import { runnable } from '../runnable.js';

interface RunCommandOptions extends EngineOptions {
  readonly experiment?: string;
  readonly fold?: readonly number[] | 'all';
  readonly seed?: number;
  readonly runs: string;
  readonly resume?: string;
  readonly fresh?: true;
  readonly checkpointEvery?: number;
  readonly progress: ProgressStyle;
  readonly set: Settings;
}

export function registerRun(program: Command, console: Console): void {
  const command = program
    .command('run')
    .description('train the experiment of a spec and judge it on held-out people')
    .argument('[spec]', 'a file (default: the spec of this directory)')
    .option('--experiment <name>', 'which one (default: the first of the spec)')
    .option('--fold <n|all>', 'the folds to hold out, such as 2 or 1,3 (default: 1)', readFolds)
    .option('--seed <n>', 'instead of the seeds of the spec', wholeFrom(0))
    .option('--runs <folder>', 'where run directories are made', 'runs')
    .option('--resume <run>', 'go on with this unfinished run (default: the newest that asks for the same)')
    .option('--fresh', 'begin a new run, also if there is an unfinished one');
  withEngine(withSettings(withSaving(command))).action(
    async (named: string | undefined, options: RunCommandOptions) => {
      const exit = await run(named, options, console);
      if (exit !== EXIT.ok) process.exitCode = exit;
    },
  );
}

async function run(
  named: string | undefined,
  options: RunCommandOptions,
  console: Console,
): Promise<ExitCode> {
  const { resume, fresh, runs, fold, seed, checkpointEvery } = options;
  if (resume !== undefined && fresh)
    throw new UsageError('--resume goes on with a run, --fresh begins one: choose');
  const { bound, stages, settings, spec, engine: chosen } = await runnable(named, options, console);
  const { openEngine, runExperiment } = await import('../../runtime/index.js');
  const engine = await openEngine(chosen, options);
  console.say(`experiment ${bound.experiment.name}: ${bound.model.name} on ${describeEngine(engine)}`);
  const progress = new Progress(console, options.progress);
  const interrupt = listenForInterrupt(console, () => progress.clear());
  let directory: string | undefined;
  try {
    const result = await runExperiment({
      bound,
      stages,
      engine,
      runs,
      cacheDir: cacheDirectory(),
      baseDir: '.',
      settings,
      spec,
      ...(fold !== undefined && { folds: fold }),
      ...(seed !== undefined && { seeds: [seed] }),
      ...(resume !== undefined && { resume }),
      ...(fresh && { fresh }),
      ...(checkpointEvery !== undefined && { checkpointMinutes: checkpointEvery }),
      signal: interrupt.signal,
      on: listenerOf(bound, progress, console, (path) => {
        directory = path;
        interrupt.begin();
      }),
    });
    progress.clear();
    report(result, bound, console);
    return interrupt.exitOf(result.ended);
  } catch (error) {
    if (directory === undefined) throw error;
    progress.clear();
    const exit = complainOf(error, console);
    console.say(`to go on once that is mended: ed2lc run --resume ${directory}`);
    return exit;
  } finally {
    progress.clear();
    interrupt.release();
    engine.close();
  }
}

function listenerOf(
  bound: BoundExperiment,
  progress: Progress,
  console: Console,
  begin: (directory: string) => void,
): RunListener {
  return {
    directory: (path, continued) => {
      begin(path);
      console.say(continued ? `continuing ${path} (--fresh begins a new run)` : `writing to ${path}`);
    },
    resumed: (iterations) => console.say(`going on after iteration ${iterations}`),
    preparing: (name, done, total) => progress.preparing(name, done, total),
    note: (text) => {
      progress.clear();
      console.say(`note: ${text}`);
    },
    data: ({ name, samples, classes, dropped }) => {
      progress.clear();
      const people = new Set(samples.map((s) => s.subject)).size;
      console.say(`data ${name}: ${samples.length} images of ${people} people, ${classes.length} classes`);
      for (const { reason, count } of dropped) console.detail(`  left out: ${count} ${reason}`);
    },
    task: (task, split) => {
      const held = split.test.length > 0 ? `, ${split.test.length} held out` : '';
      console.say(`${describeTask(task)}: ${split.train.length} images to train on${held}`);
    },
    stage: ({ verb, data }, index, images) =>
      console.say(`stage ${index + 1} of ${bound.stages.length}: ${verb} on ${data.name}, ${images} images`),
    iteration: (step) => progress.iteration(step),
    epoch: (summary) => progress.epoch(summary),
  };
}

function report(
  { directory, tasks, judgements, ended, failure }: RunResult,
  bound: BoundExperiment,
  console: Console,
): void {
  const seconds = tasks.reduce((sum, t) => sum + t.seconds, 0);
  if (tasks.length > 0) {
    const many = tasks.length === 1 ? '' : `${tasks.length} trainings, `;
    console.say(`${many}trained for ${duration(seconds)}`);
  }
  if (judgements.length > 0) console.out(formatJudgements(judgements, bound.experiment));
  else if (ended === 'complete') console.say(`${bound.model.name} predicts no class: nothing to judge`);
  if (failure) console.complain(`error: ${failure.message}`);
  if (ended === 'failed') console.say(`what was learned before that is in ${join(directory, 'parameters')}`);
  else if (ended === 'interrupted') console.say(`saved; to go on: ed2lc run --resume ${directory}`);
  else console.say(`next: ed2lc eval ${directory}`);
}
