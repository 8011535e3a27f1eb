/** @file Diagnostics for programs: one JSON object a line, with places as lines and columns. */
import type { Span } from '../../grammar/span.js';
import type { Diagnostic } from './diagnostic.js';
import { positionOf, type SourceText } from './render.js';

/** Of the form below; grows with every change that a reader must know of. */
const DIAGNOSTIC_VERSION = 1;

/** Lines and columns count from 1, columns in UTF-16 units; the end is just behind the last character. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface DiagnosticJson extends Place {
  readonly version: typeof DIAGNOSTIC_VERSION;
  readonly code: string;
  readonly severity: Diagnostic['severity'];
  readonly message: string;
  /** What the message says of the place itself, if anything. */
  readonly label: string | null;
  readonly labels: readonly (Place & { readonly message: string })[];
  readonly hint: string | null;
  /** Edits in the order of the text, all to be applied together; empty: no repair is known. */
  readonly fix: readonly (Place & { readonly replacement: string })[];
}

/** A place in a file that is not among `sources` (one that could not be read) is its beginning. */
export function diagnosticToJson(d: Diagnostic, sources: readonly SourceText[]): DiagnosticJson {
  const placeOf = ({ source, start, end }: Span): Place => {
    const text = sources.find(({ name }) => name === source)?.text ?? '';
    const [from, to] = [start, end].map((at) => positionOf(text, Math.min(at, text.length)));
    return { file: source, line: from!.line, column: from!.column, endLine: to!.line, endColumn: to!.column };
  };
  return {
    version: DIAGNOSTIC_VERSION,
    code: d.code,
    severity: d.severity,
    message: d.message,
    ...placeOf(d.span),
    label: d.label ?? null,
    labels: (d.labels ?? []).map(({ span, message }) => ({ ...placeOf(span), message })),
    hint: d.hint ?? null,
    fix: (d.fix ?? []).map(({ span, replacement }) => ({ ...placeOf(span), replacement })),
  };
}
