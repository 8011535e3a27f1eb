/** @file `ed2lc run`: trains the experiment of a spec, judges it on people it has not seen, and leaves a run directory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import {
  compileExperiment,
  trainableStages,
  type BoundExperiment,
  type TrainableStage,
} from '../../compiler/index.js';
import { load, staleness, writeArtifact } from '../../runtime/artifacts/artifact.js';
import { ArtifactError } from '../../runtime/artifacts/errors.js';
import { findArtifact } from '../../runtime/artifacts/find.js';
import type { RunListener, RunResult, Task } from '../../runtime/index.js';
import { cacheDirectory } from '../cache-directory.js';
import { checkSpec, chooseExperiment } from '../check-spec.js';
import type { Console } from '../console.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findSpec } from '../find-spec.js';
import { listenForInterrupt } from '../interrupt.js';
import { formatJudgements } from '../judgement.js';
import { wholeFrom, withEngine, withSettings, type EngineOptions, type Settings } from '../options.js';
import { duration, Progress, type ProgressStyle } from '../progress.js';
import { ARTIFACTS } from './compile.js';

interface RunCommandOptions extends EngineOptions {
  readonly experiment?: string;
  readonly fold?: readonly number[] | 'all';
  readonly seed?: number;
  readonly runs: string;
  readonly progress: ProgressStyle;
  readonly set: Settings;
}

interface Runnable {
  readonly bound: BoundExperiment;
  readonly stages: readonly TrainableStage[];
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
    .addOption(
      new Option('--progress <style>', 'how progress is shown')
        .choices(['auto', 'bar', 'plain', 'none'])
        .default('auto'),
    );
  withEngine(withSettings(command)).action(async (named: string | undefined, options: RunCommandOptions) => {
    const exit = await run(findSpec(named), options, console);
    if (exit !== EXIT.ok) process.exitCode = exit;
  });
}

function readFolds(text: string): readonly number[] | 'all' {
  return text === 'all' ? text : [...new Set(text.split(',').map(wholeFrom(1)))];
}

async function run(spec: string, options: RunCommandOptions, console: Console): Promise<ExitCode> {
  const { bound, stages } = await runnable(spec, options, console);
  const { openEngine, runExperiment } = await import('../../runtime/index.js');
  const engine = await openEngine(options.engine, options);
  const threads = engine.threads > 1 ? ` with ${engine.threads} threads` : '';
  console.say(`experiment ${bound.experiment.name}: ${bound.model.name} on ${engine.name}${threads}`);
  const progress = new Progress(console, options.progress);
  const interrupt = listenForInterrupt(() => {
    progress.clear();
    console.complain('ending after this iteration; once more ends at once');
  });
  try {
    const result = await runExperiment({
      bound,
      stages,
      engine,
      runs: options.runs,
      cacheDir: cacheDirectory(),
      baseDir: '.',
      ...(options.fold !== undefined && { folds: options.fold }),
      ...(options.seed !== undefined && { seeds: [options.seed] }),
      signal: interrupt.signal,
      on: listenerOf(bound, progress, console, interrupt.begin),
    });
    progress.clear();
    report(result, bound, console);
    if (result.ended === 'complete') return EXIT.ok;
    return result.ended === 'failed' ? EXIT.failed : (interrupt.exit ?? EXIT.interrupted);
  } finally {
    progress.clear();
    interrupt.release();
    engine.close();
  }
}

/** What was compiled if it is current, else compiled now. Throws SpecFailure, UsageError and ArtifactError. */
async function runnable(
  spec: string,
  { experiment, set }: RunCommandOptions,
  console: Console,
): Promise<Runnable> {
  const found = await findArtifact(ARTIFACTS, spec, experiment);
  const given = Object.keys(set).length > 0;
  if (found) {
    const reason = staleness(found.manifest, given ? set : undefined, readIfThere);
    if (reason === undefined) {
      try {
        const loaded = await load(found.path);
        saySettings(found.manifest.settings, console);
        return loaded;
      } catch (error) {
        if (!(error instanceof ArtifactError)) throw error;
        console.say(`note: ${error.message}`);
      }
    }
    console.say(`compiling again: ${reason ?? 'what was compiled is damaged'}`);
  }
  // What was compiled with --set is compiled again with the same, unless told otherwise.
  const settings = given ? set : (found?.manifest.settings ?? {});
  if (!given) saySettings(settings, console);
  const checked = checkSpec(spec, settings, console);
  const bound = chooseExperiment(checked, experiment);
  const others = checked.experiments.map((e) => e.experiment.name).filter((n) => n !== bound.experiment.name);
  if (experiment === undefined && others.length > 0)
    console.say(
      `running ${bound.experiment.name}; also in ${spec}: ${others.join(', ')} (--experiment NAME)`,
    );
  const programs = compileExperiment(bound);
  const stages = trainableStages(programs);
  // The settings of one run are not those of the next.
  if (given) return { bound, stages };
  const position = checked.experiments.indexOf(bound);
  try {
    const source = { spec, position, settings, sources: checked.sources, programs, bound };
    const { path } = await writeArtifact(ARTIFACTS, source);
    console.detail(`compiled to ${path}`);
  } catch (error) {
    // The run has what it needs; only the next one will have to compile again.
    if (!(error instanceof ArtifactError)) throw error;
    console.say(`note: ${error.message}`);
  }
  return { bound, stages };
}

/** Values that this command line does not name must not act in silence. */
function saySettings(settings: Settings, console: Console): void {
  const all = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  if (all.length > 0) console.say(`compiled with ${all.join(', ')}`);
}

const readIfThere = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

function listenerOf(
  bound: BoundExperiment,
  progress: Progress,
  console: Console,
  begin: () => void,
): RunListener {
  return {
    directory: (path) => {
      begin();
      console.say(`writing to ${path}`);
    },
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

const describeTask = ({ seed, fold }: Task): string => `seed ${seed}${fold === null ? '' : `, fold ${fold}`}`;

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
  if (ended !== 'complete') {
    const why = ended === 'failed' ? 'before that' : 'until then';
    console.say(`what was learned ${why} is in ${join(directory, 'parameters')}`);
    return;
  }
  console.say(`next: ed2lc eval ${directory}`);
}
