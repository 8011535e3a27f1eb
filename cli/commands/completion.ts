/** @file `ed2lc completion`: a script for a shell; and, asked by that script, the words that may follow. */
import { Argument, type Command } from 'commander';
import { candidates } from '../completion/candidates.js';
import { SHELLS, type ShellName } from '../completion/scripts.js';
import { specNames } from '../completion/spec-names.js';
import type { Console } from '../console.js';

const NAMES = Object.keys(SHELLS) as ShellName[];

export function registerCompletion(program: Command, console: Console): void {
  program
    .command('completion')
    .description('print a script that teaches a shell to complete ed2lc')
    .addArgument(new Argument('<shell>', 'which one').choices(NAMES))
    .argument('[words...]', 'after --: only what may follow these words')
    .addHelpText(
      'after',
      `\nInstall it once:\n${NAMES.map((name) => `  ${name.padEnd(5)} ${SHELLS[name].install}`).join('\n')}`,
    )
    .action(async (name: ShellName, given: string[]) => {
      const { script, words, answer } = SHELLS[name];
      if (given.length === 0) {
        console.out(script);
        return;
      }
      const line = words(given);
      const { buildProgram } = await import('../program.js');
      // The one that is running knows this command alone.
      const whole = await buildProgram(line.length > 1 ? line : [], console);
      console.out(answer(candidates(whole, line, specNames), line.at(-1)!).join('\n'));
    });
}
