/** @file Paths of the pieces of a group (`base.stage_3.unit_8.conv`) and the taps that read their outputs (docs/language.md, "Parameters, taps"). */
import type { Span } from '../../grammar/span.js';
import type { TensorValue } from './values.js';

/**
 * Names pieces within one enclosing piece. The k-th sibling of equal segment gets `_k`;
 * `rename` gives the next piece a name (`as`, a binding) or, as the empty text, the path of the scope itself.
 */
export class PieceScope {
  readonly #counts = new Map<string, number>();
  readonly #named = new Map<string, Span>();
  #next: string | undefined;

  constructor(readonly path: string) {}

  /** The path of a new piece written as a call of `callee`. */
  take(callee: string): string {
    const segment = this.#next ?? callee;
    this.#next = undefined;
    return segment === '' ? this.path : this.#join(segment);
  }

  /** A scope around several pieces that share one name. */
  enter(segment: string): PieceScope {
    return new PieceScope(this.#join(segment));
  }

  rename(segment: string): void {
    this.#next = segment;
  }

  /** The span at which `as name` stood before in this scope, if it did. */
  claim(name: string, span: Span): Span | undefined {
    const before = this.#named.get(name);
    this.#named.set(name, span);
    return before;
  }

  #join(segment: string): string {
    const count = (this.#counts.get(segment) ?? 0) + 1;
    this.#counts.set(segment, count);
    return `${this.path}.${count === 1 ? segment : `${segment}_${count}`}`;
  }
}

/** The outputs of the pieces of one application, by path. */
export class Taps {
  readonly #outputs = new Map<string, TensorValue>();
  readonly #several = new Set<string>();

  record(path: string, output: TensorValue): void {
    const before = this.#outputs.get(path);
    if (before && before.id !== output.id) this.#several.add(path);
    this.#outputs.set(path, output);
  }

  /** Paths below `root` that equal `path` or end in it, each with its output; outputs of a piece applied twice are left out. */
  find(root: string, path: string): readonly { readonly path: string; readonly output: TensorValue }[] {
    return [...this.#outputs]
      .filter(([full]) => full !== root && !this.#several.has(full) && full.startsWith(`${root}.`))
      .map(([full, output]) => ({ path: full.slice(root.length + 1), output }))
      .filter(({ path: below }) => below === path || below.endsWith(`.${path}`));
  }

  paths(root: string): string[] {
    return [...this.#outputs.keys()]
      .filter((p) => p.startsWith(`${root}.`))
      .map((p) => p.slice(root.length + 1));
  }
}
