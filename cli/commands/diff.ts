/** @file `ed2lc diff`: what two specs, or two models, differ in; nothing of order or layout. */
import type { Command } from 'commander';
import { check, diff, formatDifferences, type DiffSide } from '../../compiler/index.js';
import { fileReader } from '../../runtime/artifacts/source-reader.js';
import { hasErrors, printDiagnostics, withoutNotes } from '../check-spec.js';
import type { Console } from '../console.js';
import { CheckFailure, SpecFailure, UsageError } from '../failures.js';

interface DiffOptions {
  readonly model?: string;
  readonly json?: true;
}

export function registerDiff(program: Command, console: Console): void {
  program
    .command('diff')
    .description('tell what two specs differ in: groups, losses, routes, training, data, experiments')
    .argument('<first>', 'a file, or FILE:MODEL for one model of it')
    .argument('<second>', 'the same')
    .option('--model <name>', 'this model of each file that none is named for')
    .option('--json', 'as a JSON list of section, name, before, after')
    .action((first: string, second: string, options: DiffOptions) => {
      const sides = [first, second].map((named) => sideOf(named, options.model, console));
      if (sides.some(({ checked }) => hasErrors(checked))) throw new SpecFailure();
      const [a, b] = sides as [DiffSide, DiffSide];
      const differences = diff(a, b);
      if ('unknown' in differences) throw new UsageError(unknown(differences.unknown));
      const { found } = differences;
      if (options.json) console.out(JSON.stringify(found));
      else if (found.length > 0) console.out(formatDifferences(found, { all: console.verbose }));
      else console.say('no differences');
      if (found.length > 0) throw new CheckFailure();
    });
}

function sideOf(named: string, model: string | undefined, console: Console): DiffSide {
  const [, file = named, own = model] = /^(.+):([A-Za-z_]\w*)$/.exec(named) ?? [];
  const options = { reader: fileReader() };
  const checked = check(file, options);
  if (hasErrors(checked)) printDiagnostics(withoutNotes(checked), console);
  return { checked, options, ...(own !== undefined && { model: own }) };
}

function unknown({ checked, model }: DiffSide): string {
  const names = [...checked.models.keys()].join(', ') || 'none';
  return model === undefined
    ? `which model? ${checked.entry} has ${names}: write ${checked.entry}:MODEL`
    : `${checked.entry} has no model ${model}; it has ${names}`;
}
