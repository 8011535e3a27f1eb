/** @file `ed2lc explain`: why a diagnostic is one, with a spec that draws it and the same one repaired. */
import type { Command } from 'commander';
import { CODES, explain, nearest } from '../../compiler/index.js';
import type { Console } from '../console.js';
import { UsageError } from '../failures.js';

export function registerExplain(program: Command, console: Console): void {
  program
    .command('explain')
    .description('explain a diagnostic, such as ED4004')
    .argument('[code]', 'as it stands in brackets in the message (default: list all codes)')
    .action((code: string | undefined) => {
      if (code === undefined) {
        console.out(CODES.map((entry) => `${entry.code}  ${entry.title}`).join('\n'));
        return;
      }
      const text = explain(code);
      if (text === undefined) throw new UsageError(`there is no code ${code}${didYouMean(code)}`);
      console.out(text.trimEnd());
    });
}

function didYouMean(code: string): string {
  const close = nearest(
    code,
    CODES.map((entry) => entry.code),
  );
  return close === undefined ? '; `ed2lc explain` lists all of them' : `; did you mean ${close}?`;
}
