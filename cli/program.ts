/** @file The command line as a whole: its commands, its common options, and one way out for every failure. */
import { Command, CommanderError, Option } from 'commander';
import { COMPILER_VERSION } from '../runtime/artifacts/manifest.js';
import { registerCheck } from './commands/check.js';
import { registerCompile } from './commands/compile.js';
import { registerEval } from './commands/eval.js';
import { registerExplain } from './commands/explain.js';
import { registerInit } from './commands/init.js';
import { registerRoutes } from './commands/routes.js';
import { registerRun } from './commands/run.js';
import { registerSynth } from './commands/synth.js';
import type { ColorChoice, Console } from './console.js';
import { EXIT } from './exit-codes.js';
import { failureOf } from './failures.js';

const COMMANDS = [
  registerInit,
  registerCheck,
  registerCompile,
  registerRun,
  registerEval,
  registerRoutes,
  registerExplain,
  registerSynth,
];

/** Runs one command line (without `node` and script); sets `process.exitCode`, never throws. */
export async function runCommandLine(args: readonly string[], console: Console): Promise<void> {
  try {
    await buildProgram(console).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version have been printed, as have usage errors.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    const { message, exit } = failureOf(error);
    if (message !== null) console.complain(`error: ${message}`);
    if (console.environment['ED2LC_TRACE'] && error instanceof Error) console.complain(error.stack ?? '');
    process.exitCode = exit;
  }
}

function buildProgram(console: Console): Command {
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
  for (const register of COMMANDS) register(program, console);
  // Commands take part in the way out and the streams.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}
