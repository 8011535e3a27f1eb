/** @file Checked specs for tests: the repository's own from `specs/`, or text given inline. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { check, type Checked, type SourceReader } from '../../compiler/check/check.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import type { ModelIR } from '../../compiler/model/ir.js';

/** Reads files under the working directory; `inline` sources by their name come first. */
export function readerOf(inline: Readonly<Record<string, string>> = {}): SourceReader {
  return (path, from) => {
    const source = from === null ? normalize(path) : normalize(join(dirname(from), path));
    if (inline[source] !== undefined) return { source, text: inline[source] };
    return existsSync(source) ? { source, text: readFileSync(source, 'utf8') } : undefined;
  };
}

export function checkSpec(path: string, set: Record<string, string> = {}): Checked {
  return check(path, { reader: readerOf(), set });
}

export function checkText(
  text: string,
  set: Record<string, string> = {},
  others: Record<string, string> = {},
): Checked {
  return check('test.ed2l', { reader: readerOf({ 'test.ed2l': text, ...others }), set });
}

/** The model, or a failure that shows the diagnostics. */
export function modelOf(checked: Checked, name: string): ModelIR {
  const model = checked.models.get(name);
  if (!model) throw new Error(`no model ${name}:\n${checked.diagnostics.map(oneLine).join('\n')}`);
  return model;
}

export function errorsOf(checked: Checked): Diagnostic[] {
  return checked.diagnostics.filter((d) => d.severity === 'error');
}

const oneLine = (d: Diagnostic): string =>
  `${d.code} ${d.severity} ${d.span.source}:${d.span.start} ${d.message}`;
