/** @file The command line as a whole: its commands, its common options, and one way out for every failure. */
import { Command, Option } from 'commander';
import { COMPILER_VERSION } from '../runtime/version.js';
import type { ColorChoice, Console } from './console.js';
import { complainOf } from './failures.js';

type Register = (program: Command, console: Console) => void;

/** In the order of the help, by its headings. Each is loaded when it is named: `check` does not wait for what `run` needs. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, () => Promise<Register>>>>> = {
  'Specs:': {
    init: async () => (await import('./commands/init.js')).registerInit,
    check: async () => (await import('./commands/check.js')).registerCheck,
    routes: async () => (await import('./commands/routes.js')).registerRoutes,
    explain: async () => (await import('./commands/explain.js')).registerExplain,
    show: async () => (await import('./commands/show.js')).registerShow,
    diff: async () => (await import('./commands/diff.js')).registerDiff,
    fmt: async () => (await import('./commands/fmt.js')).registerFmt,
  },
  'Training:': {
    compile: async () => (await import('./commands/compile.js')).registerCompile,
    run: async () => (await import('./commands/run.js')).registerRun,
    crossval: async () => (await import('./commands/crossval.js')).registerCrossval,
    runs: async () => (await import('./commands/runs.js')).registerRuns,
    compare: async () => (await import('./commands/compare.js')).registerCompare,
    eval: async () => (await import('./commands/eval.js')).registerEval,
    report: async () => (await import('./commands/report.js')).registerReport,
  },
  'Data:': {
    data: async () => (await import('./commands/data.js')).registerData,
    synth: async () => (await import('./commands/synth.js')).registerSynth,
    weights: async () => (await import('./commands/weights.js')).registerWeights,
  },
  'This machine:': {
    doctor: async () => (await import('./commands/doctor.js')).registerDoctor,
    completion: async () => (await import('./commands/completion.js')).registerCompletion,
  },
};

/** Runs one command line (without `node` and script); sets `process.exitCode`, never throws. */
export async function runCommandLine(args: readonly string[], console: Console): Promise<void> {
  try {
    await (await buildProgram(args, console)).parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = complainOf(error, console);
  }
}

/** The command that `args` begin with, or all of them; nothing is parsed yet. */
export async function buildProgram(args: readonly string[], console: Console): Promise<Command> {
  const program = new Command('ed2lc')
    .description('ED²L: who learns from which loss is written down, proved, and fast.')
    .version(COMPILER_VERSION, '-V, --version')
    .addOption(
      new Option('--color <when>', 'colours in messages')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .option('--no-color', 'the same as --color never')
    .option('-q, --quiet', 'errors only')
    .option('-v, --verbose', 'more details')
    .configureOutput({
      writeOut: (text) => console.out(text),
      writeErr: (text) => console.complain(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .hook('preAction', (_, action) => {
      const { color, quiet, verbose } = action.optsWithGlobals<{
        color: ColorChoice | false;
        quiet?: true;
        verbose?: true;
      }>();
      console.color = color === false ? 'never' : color;
      console.quiet = quiet === true;
      console.verbose = verbose === true;
    });
  // Behind anything but a command stands help, or advice: for that all of them are needed.
  const [first = ''] = args;
  const named = Object.values(GROUPS).some((group) => Object.hasOwn(group, first));
  for (const [heading, group] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const [name, load] of Object.entries(group))
      if (!named || name === first) (await load())(program, console);
  }
  program.helpCommand('help [command]', 'the same as COMMAND --help');
  // Commands take part in the way out and the streams.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}
