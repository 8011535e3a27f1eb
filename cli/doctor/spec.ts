/** @file The spec that commands take here, if there is one. */
import { check } from '../../compiler/index.js';
import { fileReader } from '../../runtime/artifacts/source-reader.js';
import { hasErrors } from '../check-spec.js';
import { UsageError } from '../failures.js';
import { findSpec } from '../find-spec.js';
import { inShell } from '../shell-words.js';
import { ok, problem, warning, type Finding } from './finding.js';

export function spec(): Finding {
  const about = 'spec';
  let file: string;
  try {
    file = findSpec(undefined);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return warning(about, 'none here that is meant when none is named', 'name one, or: ed2lc init FOLDER');
  }
  try {
    const checked = check(file, { reader: fileReader() });
    if (!hasErrors(checked)) return ok(about, `${file} is sound`);
    const errors = checked.diagnostics.filter(({ severity }) => severity === 'error').length;
    return problem(
      about,
      `${file} has ${errors} error${errors === 1 ? '' : 's'}`,
      `ed2lc check ${inShell(file)}`,
    );
  } catch (error) {
    return problem(about, (error as Error).message, `ed2lc check ${inShell(file)}`);
  }
}
