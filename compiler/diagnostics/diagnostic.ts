/** @file A diagnostic as data; what a code means stands in codes/, its rendering in render.ts and json.ts. */
import type { Span } from '../../grammar/span.js';

export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  /** Stable: `ED1…` syntax, `ED2…` names, imports and extends, `ED3…` shapes and types, `ED4…` routes, `ED5…` training, `ED6…` data and experiments, `ED7…` IR files, `ED8…` not yet supported, `ED9…` internal. */
  readonly code: string;
  readonly severity: Severity;
  /** One line, without a capital or a full stop: what was found and what was expected. Words of a spec stand in backticks. */
  readonly message: string;
  readonly span: Span;
  /** Other places that belong to the story, each with its own text; the primary span's own label comes first if `label` is set. */
  readonly label?: string;
  readonly labels?: readonly { readonly span: Span; readonly message: string }[];
  /** What to do; must work. */
  readonly hint?: string;
  /** Edits, in the order of the text, that do what the hint says and make this diagnostic go away. */
  readonly fix?: readonly { readonly span: Span; readonly replacement: string }[];
}
