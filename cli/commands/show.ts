/** @file `ed2lc show`: a model as one text after `extends`, `remove` and imports. */
import type { Command } from 'commander';
import { show, type Checked } from '../../compiler/index.js';
import { fileReader } from '../../runtime/artifacts/source-reader.js';
import { hasErrors, printDiagnostics, withoutNotes } from '../check-spec.js';
import type { Console } from '../console.js';
import { SpecFailure, UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { withSettings, type Settings } from '../options.js';

interface ShowCommandOptions {
  readonly model?: string;
  readonly experiment?: string;
  readonly set: Settings;
}

export function registerShow(program: Command, console: Console): void {
  const command = program
    .command('show')
    .description('print a model as one text: extends, remove and imports resolved')
    .argument('[spec]', 'a file (default: the spec of this directory)')
    .option('--model <name>', 'this model, of the file or imported by it')
    .option('--experiment <name>', 'the model of this experiment, with its values');
  withSettings(command).action((named: string | undefined, options: ShowCommandOptions) => {
    if (options.model !== undefined && options.experiment !== undefined)
      throw new UsageError('--model and --experiment exclude each other');
    const spec = findSpec(named);
    const asked = options.model ?? options.experiment;
    const of =
      options.experiment !== undefined ? { experiment: options.experiment } : { model: options.model ?? '' };
    const reading = { reader: fileReader(), set: options.set };
    const first = show(spec, { ...reading, of });
    printDiagnostics(withoutNotes(first.checked), console);
    if (hasErrors(first.checked)) throw new SpecFailure();
    const found = asked === undefined ? show(spec, { ...reading, of: onlyOf(first.checked) }) : first;
    if (found.text === undefined) throw new UsageError(unknown(asked!, options, first.checked));
    console.out(found.text);
  });
}

/** What is meant when nothing is named. Throws UsageError. */
function onlyOf({ entry, models, experiments }: Checked): { model: string } | { experiment: string } {
  const names = [...models.keys()];
  if (names.length === 1) return { model: names[0]! };
  const [only] = experiments;
  if (names.length === 0 && only && experiments.length === 1) return { experiment: only.experiment.name };
  const all = experiments.map((e) => e.experiment.name);
  if (names.length + all.length === 0) throw new UsageError(`${entry} has no model`);
  throw new UsageError(
    names.length > 0
      ? `which model? ${entry} has ${names.join(', ')}: name one with --model`
      : `which experiment? ${entry} has ${all.join(', ')}: name one with --experiment`,
  );
}

function unknown(
  name: string,
  { model }: ShowCommandOptions,
  { entry, models, experiments }: Checked,
): string {
  const [kind, names] =
    model === undefined
      ? ['experiment', experiments.map((e) => e.experiment.name)]
      : ['model', [...models.keys()]];
  return `${entry} has no ${kind} ${name}; it has ${names.join(', ') || 'none'}`;
}
