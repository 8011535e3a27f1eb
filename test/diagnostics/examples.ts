/** @file The specs of the codes, checked. */
import { check, type Checked } from '../../compiler/check/check.js';
import type { CodeText } from '../../compiler/diagnostics/code-text.js';
import { CODES } from '../../compiler/diagnostics/codes/index.js';
import { readerOf } from '../support/specs.js';

export const SPEC = 'spec.ed2l';

export function checkExample({ others = {} }: Pick<CodeText, 'others'>, text: string): Checked {
  const files = Object.entries(others).map(([path, other]) => [path.replace('./', ''), other] as const);
  return check(SPEC, { reader: readerOf({ ...Object.fromEntries(files), [SPEC]: text }) });
}

/** Every wrong spec with the code it is to draw. */
export const WRONG: readonly (CodeText & { readonly wrong: string })[] = CODES.flatMap((entry) =>
  entry.wrong === undefined ? [] : [{ ...entry, wrong: entry.wrong }],
);
