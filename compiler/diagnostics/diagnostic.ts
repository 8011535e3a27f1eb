/** @file A diagnostic as data; its English comes from codes.ts and its rendering from render.ts. */
import type { Span } from '../../grammar/span.js';

export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  /** Stable: `ED1…` syntax, `ED2…` names, imports and extends, `ED3…` shapes and types, `ED4…` routes, `ED5…` training, `ED6…` data and experiments, `ED7…` IR files, `ED8…` not yet supported, `ED9…` internal. */
  readonly code: string;
  readonly severity: Severity;
  /** One line: what was found and what was expected. */
  readonly message: string;
  readonly span: Span;
  /** Other places that belong to the story, each with its own text; the primary span's own label comes first if `label` is set. */
  readonly label?: string;
  readonly labels?: readonly { readonly span: Span; readonly message: string }[];
  /** What to do; must work. */
  readonly hint?: string;
  /** A machine-applicable edit that makes the hint true. */
  readonly fix?: { readonly span: Span; readonly replacement: string };
}
