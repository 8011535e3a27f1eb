/** @file `ed2lc crossval`: folds × specs × seeds, each training a process, each experiment one run directory in the end. */
import { InvalidArgumentError, type Command } from 'commander';
import { existsSync } from 'node:fs';
import type { BoundExperiment, TrainableStage } from '../../compiler/index.js';
import type { Engine, Opened } from '../../runtime/index.js';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { trainOnly } from '../crossval/only.js';
import { showStatus } from '../crossval/status.js';
import { watch } from '../crossval/watch.js';
import { describeEngine } from '../engine-line.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import { listenForInterrupt, type Interrupt } from '../interrupt.js';
import { formatJudgements } from '../judgement.js';
import {
  readFolds,
  readList,
  wholeFrom,
  withEngine,
  withSaving,
  withSettings,
  type EngineOptions,
  type Settings,
} from '../options.js';
import { Progress, type ProgressStyle } from '../progress.js';
import { runnable, type Runnable } from '../runnable.js';
import { inShell } from '../shell-words.js';

interface CrossvalOptions extends EngineOptions {
  readonly folds?: readonly number[] | 'all';
  readonly seeds?: readonly number[];
  readonly jobs?: number;
  readonly share?: { readonly part: number; readonly of: number };
  readonly runs: string;
  readonly resume?: readonly string[];
  readonly fresh?: true;
  readonly status?: readonly string[] | true;
  readonly only?: string;
  readonly json?: true;
  readonly checkpointEvery?: number;
  readonly progress: ProgressStyle;
  readonly set: Settings;
}

export function registerCrossval(program: Command, console: Console): void {
  const command = program
    .command('crossval')
    .description('train all folds, of several specs and seeds, as processes side by side')
    .argument('[specs...]', 'files, or FILE:EXPERIMENT (default: the spec of this directory)')
    .option('--folds <n|all>', 'the folds to hold out, such as 1,3 (default: all)', readFolds)
    .option('--seeds <n>', 'instead of the seeds of the specs, such as 0,1,2', readList)
    .option('--jobs <n>', 'trainings at once (default: what cores and memory take)', wholeFrom(1))
    .option('--share <k/n>', 'only every n-th training, from the k-th on: for job arrays', readShare)
    .option('--runs <folder>', 'where run directories are made', 'runs')
    .option('--resume <run...>', 'go on with these (default: the newest that ask for the same)')
    .option('--fresh', 'begin new runs, also if there are some that ask for the same')
    .option('--status [run...]', 'only say what is done, at work, failed and missing')
    .option('--only <task>', 'with --resume: only this training, such as seed-0-fold-1, in this process')
    .option('--json', 'with --status: as JSON');
  const memory = 'what all trainings together may take (default: what is free)';
  withEngine(withSettings(withSaving(command)), memory).action(
    async (specs: string[], options: CrossvalOptions) => {
      const exit = await crossval(specs, options, console);
      if (exit !== EXIT.ok) process.exitCode = exit;
    },
  );
}

function readShare(text: string): { part: number; of: number } {
  const [, part, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (part === undefined || of === undefined || part < 1 || part > of)
    throw new InvalidArgumentError('Write part/parts, such as 3/30.');
  return { part, of };
}

async function crossval(
  specs: readonly string[],
  options: CrossvalOptions,
  console: Console,
): Promise<ExitCode> {
  const { resume, status, only, fresh, folds, seeds } = options;
  if (status !== undefined)
    return showStatus(status === true ? [] : status, options.runs, options.json === true, console);
  if (options.json) throw new UsageError('--json goes with --status');
  if (only !== undefined) {
    if (resume?.length !== 1) throw new UsageError('--only goes with --resume and one run directory');
    return trainOnly(resume[0]!, only, options, console);
  }
  if (resume !== undefined && (fresh || specs.length > 0 || folds !== undefined || seeds !== undefined))
    throw new UsageError(
      '--resume goes on with runs as they began: leave specs, folds, seeds and --fresh out',
    );
  const experiments = await runnables(specs, options, console);
  const { openEngine } = await import('../../runtime/index.js');
  // Only to know which one, and what it needs: this process trains nothing.
  const engine = await openEngine(experiments[0]!.engine, { threads: 1 });
  const progress = new Progress(console, options.progress);
  const interrupt = listenForInterrupt(console, () => progress.clear());
  try {
    return await trainAll(experiments, engine, options, progress, interrupt, console);
  } finally {
    progress.clear();
    interrupt.release();
    engine.close();
  }
}

interface Experiment extends Runnable {
  /** To go on with. */
  readonly directory?: string;
}

/** Throws UsageError for one that is named twice, and for runs of several engines. */
async function runnables(
  specs: readonly string[],
  { resume, set, engine }: CrossvalOptions,
  console: Console,
): Promise<Experiment[]> {
  const found: Experiment[] = [];
  if (resume)
    for (const directory of new Set(resume))
      found.push({ ...(await runnable(undefined, { set, engine, resume: directory }, console)), directory });
  else
    for (const named of specs.length > 0 ? specs : [undefined]) {
      const { spec, experiment } = parted(named);
      const toChoose = (file: string): string => `${inShell(file)}:NAME`;
      found.push(await runnable(spec, { set, engine, toChoose, ...(experiment && { experiment }) }, console));
    }
  const names = found.map(({ bound, directory }) => directory ?? bound.experiment.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new UsageError(`two experiments are called ${twice}: cross-validate one after the other`);
  const engines = new Set(found.map((e) => e.engine));
  if (engines.size > 1)
    throw new UsageError(
      `these runs were begun on ${[...engines].join(' and ')}: go on with one engine at a time`,
    );
  return found;
}

/** `FILE:EXPERIMENT`, unless a file is called so. */
function parted(named: string | undefined): { spec: string | undefined; experiment?: string } {
  const [, spec, experiment] = /^(.+):([A-Za-z_]\w*)$/.exec(named ?? '') ?? [];
  if (named === undefined || spec === undefined || experiment === undefined || existsSync(named))
    return { spec: named };
  return { spec, experiment };
}

interface Trained extends Opened {
  readonly bound: BoundExperiment;
  readonly stages: readonly TrainableStage[];
}

async function trainAll(
  experiments: readonly Experiment[],
  engine: Engine,
  options: CrossvalOptions,
  progress: Progress,
  interrupt: Interrupt,
  console: Console,
): Promise<ExitCode> {
  const { coordinate } = await import('../../runtime/index.js');
  const opened: Trained[] = [];
  for (const experiment of experiments)
    opened.push({ ...(await open(experiment, engine, options, progress, console)), ...experiment });
  const total = opened.reduce((sum, { record }) => sum + record.tasks.length, 0);
  const missing = opened.flatMap(({ record, result }) => record.tasks.length - result.tasks.length);
  const left = missing.reduce((a, b) => a + b, 0);
  const { jobs, threads, memory } = await capacity(opened, engine, left, options, console);
  interrupt.begin();
  const names = new Map(opened.map(({ directory, record }) => [directory, record.experiment]));
  const { failures, left: unfinished } = await coordinate({
    runs: opened.map(({ directory, record }) => ({ directory, tasks: record.tasks })),
    jobs,
    program: { script: process.argv[1]!, execArgv: process.execArgv },
    argsOf: (directory, task) => [
      'crossval',
      '--resume',
      directory,
      '--only',
      task,
      '--progress',
      'plain',
      '--engine',
      engine.name,
      '--threads',
      String(threads),
      ...(memory === undefined ? [] : ['--memory', memory.toFixed(3)]),
      ...(options.checkpointEvery === undefined
        ? []
        : ['--checkpoint-every', String(options.checkpointEvery)]),
    ],
    ...(options.share && { share: options.share }),
    signal: interrupt.signal,
    on: watch(console, progress, (directory) => names.get(directory)!, total),
  });
  progress.clear();
  await report(opened, console);
  if (unfinished > 0 && interrupt.signal.aborted) return interrupt.exitOf('interrupted');
  return failures.length > 0 ? EXIT.failed : EXIT.ok;
}

/** Prepares the data, and says what of it a run would say. */
async function open(
  experiment: Experiment,
  engine: Engine,
  options: CrossvalOptions,
  progress: Progress,
  console: Console,
): Promise<Opened> {
  const { openCrossValidation, reopenCrossValidation } = await import('../../runtime/index.js');
  const { bound, stages, settings, spec, directory } = experiment;
  const { runs, folds, seeds, fresh } = options;
  const shared = {
    bound,
    stages,
    engine,
    cacheDir: cacheDirectory(),
    baseDir: '.',
    on: {
      preparing: (name: string, done: number, all: number) => progress.preparing(name, done, all),
      note: (text: string) => {
        progress.clear();
        console.say(`note: ${text}`);
      },
    },
  };
  const found =
    directory === undefined
      ? await openCrossValidation({
          ...shared,
          runs,
          settings,
          spec,
          ...(folds !== undefined && { folds }),
          ...(seeds !== undefined && { seeds }),
          ...(fresh && { fresh }),
        })
      : await reopenCrossValidation(directory, shared);
  const { record, result, continued } = found;
  progress.clear();
  const how = result.ended === 'complete' ? 'is complete already' : `${result.tasks.length} done before`;
  const fresher = directory === undefined ? ' (--fresh begins a new run)' : '';
  console.say(
    continued
      ? `${record.experiment}: ${record.tasks.length} trainings in ${found.directory}, ${how}${fresher}`
      : `${record.experiment}: ${record.tasks.length} trainings, writing to ${found.directory}`,
  );
  return found;
}

/** `memory`: GiB that tensors of each may take, where somebody said how much. */
async function capacity(
  opened: readonly Trained[],
  engine: Engine,
  tasks: number,
  options: CrossvalOptions,
  console: Console,
): Promise<{ jobs: number; threads: number; memory?: number }> {
  const { bytesOfTraining, capacityOf, freeMemory, physicalCores } = await import('../../runtime/index.js');
  const bytes = Math.max(
    ...opened.map(({ stages, dataBytes }) => bytesOfTraining(stages, engine.target, dataBytes)),
  );
  const memory = options.memory ?? freeMemory();
  const { jobs, threads, limitedBy, tight } = capacityOf({
    tasks,
    bytes,
    memory,
    cores: physicalCores(),
    threaded: engine.name !== 'cpu',
    ...(options.jobs !== undefined && { jobs: options.jobs }),
    ...(options.threads !== undefined && { threads: options.threads }),
  });
  const gib = (n: number): string => (n / 2 ** 30).toFixed(1);
  if (tasks > 0) {
    const why = limitedBy === 'memory' ? `, as memory allows (${gib(bytes)} GiB each of ${gib(memory)})` : '';
    const many = engine.name === 'cpu' ? '' : ` with ${threads} thread${threads === 1 ? '' : 's'} each`;
    console.say(`${jobs} at once${many}${why}, on ${describeEngine(engine)}`);
    if (tight)
      console.say(
        `note: a training needs about ${gib(bytes)} GiB, and ${gib(memory)} are free: it may not fit`,
      );
  }
  return { jobs, threads, ...(options.memory !== undefined && { memory: options.memory / jobs / 2 ** 30 }) };
}

async function report(opened: readonly Trained[], console: Console): Promise<void> {
  const { readResult } = await import('../../runtime/index.js');
  const parts: string[] = [];
  let complete = true;
  for (const { directory, record, bound } of opened) {
    const { judgements, tasks, ended } = await readResult(directory);
    complete &&= ended === 'complete';
    const heading = opened.length > 1 ? `${record.experiment} (${directory})\n` : '';
    if (judgements.length > 0) parts.push(heading + formatJudgements(judgements, bound.experiment));
    console.say(
      ended === 'complete'
        ? `${directory} is complete`
        : `${directory}: ${tasks.length} of ${record.tasks.length} done; ed2lc crossval --status ${directory} shows the rest, --resume ${directory} goes on`,
    );
  }
  if (parts.length > 0) console.out(parts.join('\n\n'));
  if (complete) console.say(`next: ed2lc report ${opened.map((run) => inShell(run.directory)).join(' ')}`);
}
