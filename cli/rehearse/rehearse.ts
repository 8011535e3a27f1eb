/**
 * @file `npm run rehearse [FOLDER]`: the paper's experiments in miniature, from databases as they lie on a disk to the page of results. Each step
 * is a command of `ed2lc`, printed as it can be typed; the same command again goes on where it was ended. Its results are no evidence: the
 * faces are drawn.
 */
import { Command } from 'commander';
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
  readonly engine: string;
  readonly set: Settings;
}

/** By layout: the variable that the spec reads, and what is trained on it. CK+ in all four configurations, the others as ED²L from scratch. */
const DATABASES = {
  ck_plus: {
    variable: 'CK_PLUS',
    experiments: ['ck_plus_ed2l', 'ck_plus_ed2l_finetuned', 'ck_plus_baseline', 'ck_plus_baseline_finetuned'],
  },
  mmi: { variable: 'MMI', experiments: ['mmi_ed2l'] },
  bu_3dfe: { variable: 'BU_3DFE', experiments: ['bu_3dfe_ed2l'] },
  oulu_casia: { variable: 'OULU_CASIA', experiments: ['oulu_casia_ed2l'] },
  fer2013: { variable: 'FER2013', experiments: [] },
};
/** On faces that are drawn for it, with what only the one who draws knows of them. */
const DRAWN = 'nuisances_ed2l';

const console = new Console();
const spec = packageFile('specs/rehearsal.ed2l');
const ed2lc = packageFile('dist/bin/ed2lc.cjs');

const program = withSettings(
  new Command('rehearse')
    .argument('[folder]', 'for databases, runs and the page', 'runs/rehearsal')
    .option('--people <n>', 'in each database', wholeFrom(6), 48)
    .addOption(engineOption()),
)
  .exitOverride()
  .action(rehearse);

async function rehearse(folder: string, { people, engine, set }: Options): Promise<void> {
  const started = performance.now();
  const [data, runs, page] = ['data', 'runs', 'report.html'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const environment = Object.fromEntries(
    Object.entries(DATABASES).map(([layout, { variable }]) => [variable, join(data, layout)]),
  );
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
  for (const layout of Object.keys(DATABASES)) {
    const place = join(data, layout);
    if (existsSync(place)) continue;
    // Renamed when it is whole, so that an interrupted one is never taken for a database.
    const partly = `${place}.part`;
    rmSync(partly, { recursive: true, force: true });
    const size = ['--people', String(people), '--preset', 'easy'];
    await step(`A miniature of ${layout}`, 'synth', partly, '--layout', layout, ...size);
    renameSync(partly, place);
  }
  await step('What is there, and what is not', 'data', 'inspect', shown);
  const experiments = [...Object.values(DATABASES).flatMap((database) => database.experiments), DRAWN];
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
