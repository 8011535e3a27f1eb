/**
 * @file `npm run rehearse [FOLDER]`: the paper's experiments in miniature, from databases as they lie on a disk to the page of results. Each step
 * is a command of `ed2lc`, printed as it can be typed; the same command again goes on where it was ended. Its results are no evidence: the
 * faces are drawn.
 */
import { Command, Option } from 'commander';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { listRuns } from '../../runtime/experiment/list-runs.js';
import { Console } from '../console.js';
import { EXIT } from '../exit-codes.js';
import { complainOf } from '../failures.js';
import { engineOption, wholeFrom, withSettings, type Settings } from '../options.js';
import { packageFile } from '../package-file.js';
import { duration } from '../progress.js';
import { inShell } from '../shell-words.js';
import { runStep } from './step.js';

interface Options {
  readonly people: number;
  readonly only: readonly string[];
  readonly engine: string;
  readonly set: Settings;
}

/** The variables in which the spec looks for the databases, by layout. */
const VARIABLES = {
  ck_plus: 'CK_PLUS',
  mmi: 'MMI',
  bu_3dfe: 'BU_3DFE',
  oulu_casia: 'OULU_CASIA',
  fer2013: 'FER2013',
} as const;

type Layout = keyof typeof VARIABLES;

/** What each experiment reads: CK+ in all four configurations, the others as ED²L from scratch, and faces with what only the one who draws them knows. */
const EXPERIMENTS: Readonly<Record<string, readonly Layout[]>> = {
  ck_plus_ed2l: ['ck_plus'],
  ck_plus_ed2l_finetuned: ['ck_plus', 'fer2013'],
  ck_plus_baseline: ['ck_plus'],
  ck_plus_baseline_finetuned: ['ck_plus', 'fer2013'],
  mmi_ed2l: ['mmi'],
  bu_3dfe_ed2l: ['bu_3dfe'],
  oulu_casia_ed2l: ['oulu_casia'],
  nuisances_ed2l: [],
};

const console = new Console();
const spec = packageFile('specs/rehearsal.ed2l');
const ed2lc = packageFile('dist/bin/ed2lc.cjs');

const program = withSettings(
  new Command('rehearse')
    .argument('[folder]', 'for databases, runs and the page', 'runs/rehearsal')
    .option('--people <n>', 'in each database', wholeFrom(6), 24)
    .addOption(
      new Option('--only <experiments...>', 'some of the experiments')
        .choices(Object.keys(EXPERIMENTS))
        .default(Object.keys(EXPERIMENTS), 'all'),
    )
    .addOption(engineOption()),
)
  .exitOverride()
  .action(rehearse);

async function rehearse(folder: string, { people, only, engine, set }: Options): Promise<void> {
  const started = performance.now();
  const [data, runs, page] = ['data', 'runs', 'report.html'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const experiments = Object.keys(EXPERIMENTS).filter((name) => only.includes(name));
  const layouts = [...new Set(experiments.flatMap((name) => EXPERIMENTS[name]!))];
  const environment = Object.fromEntries(layouts.map((layout) => [VARIABLES[layout], join(data, layout)]));
  const step = async (what: string, ...args: readonly string[]): Promise<void> => {
    console.say(`\n${what}\n$ ed2lc ${args.map(inShell).join(' ')}`);
    const exit = await runStep(ed2lc, args, environment);
    if (exit !== EXIT.ok) throw new StepFailure(exit);
  };
  const settings = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  for (const [name, path] of Object.entries(environment)) console.say(`$ export ${name}=${inShell(path)}`);
  const shown = relative('.', spec);
  await step('The experiments, before anything is drawn', 'check', shown, ...settings);
  mkdirSync(data, { recursive: true });
  for (const layout of layouts) {
    const place = join(data, layout);
    if (existsSync(place)) continue;
    // Renamed when it is whole, so that an interrupted one is never taken for a database.
    const partly = `${place}.part`;
    rmSync(partly, { recursive: true, force: true });
    const size = ['--people', String(people), '--preset', 'easy'];
    await step(`A miniature of ${layout}`, 'synth', partly, '--layout', layout, ...size);
    renameSync(partly, place);
  }
  for (const layout of layouts)
    await step(`What is in ${layout}, and what is not`, 'data', 'inspect', shown, layout);
  const before = await completeRuns(runs);
  const unfinished = experiments.filter((name) => !before.has(name));
  if (unfinished.length > 0)
    await step(
      'Every experiment, cross-validated',
      'crossval',
      ...unfinished.map((name) => `${shown}:${name}`),
      '--runs',
      runs,
      '--engine',
      engine,
      ...settings,
    );
  const done = await completeRuns(runs);
  const directories = experiments.flatMap((name) => done.get(name) ?? []);
  const how = ['--rehearsal', '--engine', engine, '-o', page];
  await step('The page of results', 'report', ...directories, ...how);
  console.out(`\n${page} is ready, after ${duration((performance.now() - started) / 1000)}`);
}

/** The newest complete run of each experiment. */
async function completeRuns(runs: string): Promise<ReadonlyMap<string, string>> {
  return new Map(
    (await listRuns(runs)).flatMap(({ directory, experiment, state }) =>
      state === 'complete' && experiment !== undefined ? [[experiment, directory] as const] : [],
    ),
  );
}

/** A command that has said itself what is wrong. */
class StepFailure extends Error {
  constructor(readonly exit: number) {
    super();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof StepFailure ? error.exit : complainOf(error, console);
}
