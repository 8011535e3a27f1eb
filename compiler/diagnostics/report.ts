/** @file Where the checker puts what it finds; `fail` also leaves the declaration at hand, so that one mistake is told once. */
import type { Span } from '../../grammar/span.js';
import type { Diagnostic, Severity } from './diagnostic.js';

/** What a diagnostic may say beyond its message. */
export type Details = Pick<Diagnostic, 'label' | 'labels' | 'hint' | 'fix'>;

/** Thrown by `fail` after the diagnostic is recorded. Whoever catches it goes on with the next declaration. */
export class Reported extends Error {
  constructor() {
    super('a diagnostic was reported');
  }
}

export class Report {
  readonly #found = new Map<string, Diagnostic>();
  readonly #errors = new Set<string>();

  error(code: string, span: Span, message: string, details: Details = {}): void {
    this.#add('error', code, span, message, details);
  }

  warning(code: string, span: Span, message: string, details: Details = {}): void {
    this.#add('warning', code, span, message, details);
  }

  note(code: string, span: Span, message: string, details: Details = {}): void {
    this.#add('note', code, span, message, details);
  }

  /** Records an error and throws Reported. */
  fail(code: string, span: Span, message: string, details: Details = {}): never {
    this.error(code, span, message, details);
    throw new Reported();
  }

  addAll(diagnostics: Iterable<Diagnostic>): void {
    for (const d of diagnostics) this.#keep(d);
  }

  /** Runs `work`; undefined if it failed with a diagnostic. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof Reported) return undefined;
      throw error;
    }
  }

  /** Runs `work`; undefined if it failed. What is not a diagnostic is a fault of the compiler, and becomes one at `span`. */
  guard<T>(span: Span, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Reported)) this.#fault(span, error);
      return undefined;
    }
  }

  #fault(span: Span, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.error('ED9001', span, `the compiler failed: ${reason}`, {
      hint: 'this is a fault of ed2lc, not of your spec: please report it together with the spec',
    });
  }

  get hasErrors(): boolean {
    return this.errorCount > 0;
  }

  get errorCount(): number {
    return this.#errors.size;
  }

  /** In the order they were found; the same finding at the same place once. */
  get diagnostics(): Diagnostic[] {
    return [...this.#found.values()];
  }

  #add(severity: Severity, code: string, span: Span, message: string, details: Details): void {
    this.#keep({ code, severity, message, span, ...details });
  }

  #keep(diagnostic: Diagnostic): void {
    const key = keyOf(diagnostic);
    this.#found.set(key, diagnostic);
    if (diagnostic.severity === 'error') this.#errors.add(key);
    else this.#errors.delete(key);
  }
}

const keyOf = (d: Diagnostic): string =>
  `${d.code} ${d.span.source} ${d.span.start} ${d.span.end} ${d.message}`;

/** By source (in the order given), then position, errors before warnings at the same place. */
export function sortDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly string[],
): Diagnostic[] {
  const rank = (d: Diagnostic): number =>
    (sources.indexOf(d.span.source) + sources.length + 1) % (sources.length + 1);
  const severities = ['error', 'warning', 'note'];
  return diagnostics.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      a.span.start - b.span.start ||
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      a.code.localeCompare(b.code),
  );
}
