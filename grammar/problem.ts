/** @file A problem found while reading a text; structurally a Diagnostic of the compiler. */
import type { Span } from './span.js';

export interface SyntaxProblem {
  /** `ED1…`; the codes are explained in compiler/diagnostics/codes/syntax.ts. */
  readonly code: string;
  readonly severity: 'error';
  readonly message: string;
  readonly span: Span;
  readonly label?: string;
  readonly labels?: readonly { readonly span: Span; readonly message: string }[];
  readonly hint?: string;
  /** Edits, in the order of the text, that repair this. */
  readonly fix?: readonly { readonly span: Span; readonly replacement: string }[];
}
