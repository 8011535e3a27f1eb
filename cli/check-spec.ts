/** @file Checking a spec on behalf of a command: diagnostics to the person, and no way on with errors. */
import { check, type Checked } from '../compiler/check/check.js';
import { renderDiagnostics } from '../compiler/diagnostics/render.js';
import { fileReader } from '../runtime/artifacts/source-reader.js';
import type { Console } from './console.js';
import { SpecFailure, UsageError } from './failures.js';
import type { Settings } from './options.js';

/** Checks and prints errors and warnings; notes are for `ed2lc check`. Throws SpecFailure if there are errors. */
export function checkSpec(spec: string, settings: Settings, console: Console): Checked {
  const checked = check(spec, { reader: fileReader(), set: settings });
  printDiagnostics(withoutNotes(checked), console);
  if (hasErrors(checked)) throw new SpecFailure();
  return checked;
}

type Found = Pick<Checked, 'diagnostics' | 'sources'>;

export const hasErrors = ({ diagnostics }: Found): boolean => diagnostics.some((d) => d.severity === 'error');

/** What is amiss, without what is only worth knowing: that belongs to the command that is asked for it. */
export const withoutNotes = ({ diagnostics, sources }: Found): Found => ({
  diagnostics: diagnostics.filter((d) => d.severity !== 'note'),
  sources,
});

export function printDiagnostics({ diagnostics, sources }: Found, console: Console): void {
  const shown = diagnostics.filter((d) => d.severity === 'error' || !console.quiet);
  if (shown.length === 0) return;
  console.complain(renderDiagnostics(shown, sources, { color: console.colored(console.stderr) }));
}

/** The experiment of that name, or the first. Throws UsageError. */
export function chooseExperiment(
  { experiments, models, entry, isLibrary }: Checked,
  name: string | undefined,
): Checked['experiments'][number] {
  const names = experiments.map((e) => e.experiment.name);
  const chosen = name === undefined ? experiments[0] : experiments.find((e) => e.experiment.name === name);
  if (chosen) return chosen;
  if (name !== undefined && names.length > 0)
    throw new UsageError(`${entry} has no experiment ${name}; it has ${names.join(', ')}`);
  const [model = 'my_model'] = models.keys();
  throw new UsageError(
    `${entry} has no experiment${isLibrary ? ': it holds blocks for other specs' : ''}. To run a model, write\n\n` +
      `  data faces {\n    source synthetic_faces(people: 20)\n    folds  blocks(4, by: subject)\n  }\n` +
      `  experiment try_${model} {\n    model ${model}\n    train on faces\n  }`,
  );
}
