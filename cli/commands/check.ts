/** @file `ed2lc check`: proves names, shapes, routes and experiments of specs before any data is read. */
import type { Command } from 'commander';
import { check, type Checked } from '../../compiler/check/check.js';
import { diagnosticToJson } from '../../compiler/diagnostics/json.js';
import { fileReader } from '../../runtime/artifacts/source-reader.js';
import { hasErrors, printDiagnostics } from '../check-spec.js';
import type { Console } from '../console.js';
import { SpecFailure } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { withSettings, type Settings } from '../options.js';

export function registerCheck(program: Command, console: Console): void {
  const command = program
    .command('check')
    .description('prove the names, shapes and routes of specs')
    .argument('[specs...]', 'files (default: the spec of this directory)')
    .option('--json', 'diagnostics as JSON, one object a line (docs/diagnostics.md)');
  withSettings(command).action((specs: string[], options: { set: Settings; json?: true }) => {
    const checked = (specs.length > 0 ? specs : [undefined]).map((named) => {
      const spec = findSpec(named);
      const result = check(spec, { reader: fileReader(), set: options.set });
      if (options.json) printJson(result, console);
      else printDiagnostics(result, console);
      if (!hasErrors(result)) console.say(`${spec}: ${summary(result)}`);
      return result;
    });
    if (checked.some(hasErrors)) throw new SpecFailure();
  });
}

/** Data, so all of it, quiet or not. */
function printJson({ diagnostics, sources }: Checked, console: Console): void {
  for (const d of diagnostics) console.out(JSON.stringify(diagnosticToJson(d, sources)));
}

function summary({ models, data, experiments, isLibrary }: Checked): string {
  if (isLibrary) return 'sound, a library of blocks';
  const count = (n: number, what: string): string[] => (n === 0 ? [] : [`${n} ${what}${n === 1 ? '' : 's'}`]);
  const parts = [
    ...count(models.size, 'model'),
    ...count(data.size, 'data block'),
    ...count(experiments.length, 'experiment'),
  ];
  return `sound, ${parts.join(', ')}`;
}
