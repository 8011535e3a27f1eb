/** @file Paths of the pieces of a group (`base.stage_3.unit_8.conv`) and the taps that read their outputs (docs/language.md, "Parameters, taps"). */
import type { Span } from '../../grammar/span.js';
import type { TensorValue } from './values.js';

/**
 * Names pieces within one enclosing piece. The k-th sibling of equal segment gets `_k`.
 * `sole` is the scope of an expression with one piece, which takes the name that `as` or a binding gives the expression.
 */
export class PieceScope {
  readonly #counts = new Map<string, number>();
  readonly #named: Map<string, Span>;
  readonly #sole: { readonly within: PieceScope; readonly segment: string } | undefined;

  private constructor(
    readonly path: string,
    named: Map<string, Span>,
    sole?: { readonly within: PieceScope; readonly segment: string },
  ) {
    this.#named = named;
    this.#sole = sole;
  }

  /** The body of a group or of a piece at `path`. */
  static of(path: string): PieceScope {
    return new PieceScope(path, new Map());
  }

  /** The path of a new piece written as a call of `callee`. */
  take(callee: string): string {
    if (!this.#sole) return this.#join(callee);
    const { within, segment } = this.#sole;
    return segment === '' ? within.path : within.#join(segment);
  }

  /** A scope around several pieces that share one name. */
  enter(segment: string): PieceScope {
    return new PieceScope(this.take(segment), this.#named);
  }

  /** `segment` for the only piece to come, or with the empty text the path of this scope itself. */
  sole(segment: string): PieceScope {
    const within = this.#sole?.within ?? this;
    return new PieceScope(within.path, this.#named, { within, segment });
  }

  /** The other place at which `as name` stands in this body, if there is one; a repeated one is no other. */
  claim(name: string, span: Span): Span | undefined {
    const before = this.#named.get(name);
    this.#named.set(name, span);
    return before?.start === span.start ? undefined : before;
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
