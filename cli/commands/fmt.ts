/** @file `ed2lc fmt`: brings specs into the one layout of the language; what cannot be read stays as it is. */
import type { Command } from 'commander';
import { format, renderDiagnostics } from '../../compiler/index.js';
import type { Console } from '../console.js';
import { CheckFailure, SpecFailure, UsageError } from '../failures.js';
import { readInput, readSpec, replaceFile, specsIn } from '../spec-files.js';

export function registerFmt(program: Command, console: Console): void {
  program
    .command('fmt')
    .description('lay specs out: columns, line breaks, white space; comments stay')
    .argument('[files...]', 'files and folders, or - for standard input (default: this folder)')
    .option('--check', 'change nothing; exit 1 and name the files that would change')
    .action(async (named: string[], { check }: { check?: true }) => {
      if (named.includes('-')) {
        if (named.length > 1) throw new UsageError('- stands alone: standard input goes to standard output');
        return formatInput(check === true, console);
      }
      const files = specsIn(named.length > 0 ? named : ['.']);
      const outcomes = files.map((file) => formatFile(file, check === true, console));
      const count = (outcome: Outcome): number => outcomes.filter((o) => o === outcome).length;
      const [changed, damaged] = [count('changed'), count('damaged')];
      const rest = files.length - changed - damaged;
      console.say(
        [
          `${changed} ${check ? 'would change' : 'changed'}, ${rest} as they should be`,
          ...(damaged > 0 ? [`${damaged} with errors, left alone`] : []),
        ].join(', '),
      );
      if (damaged > 0) throw new SpecFailure();
      if (check && changed > 0) throw new CheckFailure();
    });
}

type Outcome = 'changed' | 'same' | 'damaged';

function formatFile(file: string, check: boolean, console: Console): Outcome {
  const text = readSpec(file);
  const formatted = formatText(text, file, console);
  if (formatted === undefined) return 'damaged';
  if (formatted === text) return 'same';
  if (!check) replaceFile(file, formatted);
  console.out(file);
  return 'changed';
}

async function formatInput(check: boolean, console: Console): Promise<void> {
  const text = await readInput();
  const formatted = formatText(text, 'standard input', console);
  if (formatted === undefined) throw new SpecFailure();
  if (!check) console.out(formatted);
  else if (formatted !== text) {
    console.out('standard input');
    throw new CheckFailure();
  }
}

/** Undefined after telling what is wrong with the text. */
function formatText(text: string, source: string, console: Console): string | undefined {
  const formatted = format(text, source);
  if (formatted.text !== undefined) return formatted.text;
  const sources = [{ name: source, text }];
  console.complain(
    renderDiagnostics(formatted.problems, sources, { color: console.colored(console.stderr) }),
  );
  return undefined;
}
