/** @file Edits that repair a spec without knowing its text. */
import type { Span } from '../../grammar/span.js';
import type { Diagnostic } from './diagnostic.js';

type Fix = NonNullable<Diagnostic['fix']>;

/** `x` becomes `callee(x)`. */
export const around = (callee: string, span: Span): Fix => [
  { span: { ...span, end: span.start }, replacement: `${callee}(` },
  { span: { ...span, start: span.end }, replacement: ')' },
];

/** `f` becomes `f()`. */
export const called = (span: Span): Fix => [{ span: { ...span, start: span.end }, replacement: '()' }];
