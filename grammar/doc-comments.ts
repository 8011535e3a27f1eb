/** @file The comment block directly above a declaration is its documentation. */
import type { IToken } from 'chevrotain';

export class DocComments {
  /** Comments that have their line to themselves, by line (1-based). */
  private readonly byLine = new Map<number, string>();

  constructor(
    private readonly text: string,
    comments: readonly IToken[],
  ) {
    for (const comment of comments) {
      if (this.beginsLine(comment))
        this.byLine.set(comment.startLine ?? 0, comment.image.replace(/^# ?/, '').trimEnd());
    }
  }

  /** The block that ends on the line above `first`, without its `#` signs; `undefined` when there is none, or `first` does not begin its line. */
  above(first: IToken): string | undefined {
    const lines: string[] = [];
    if (!this.beginsLine(first)) return undefined;
    for (let line = (first.startLine ?? 0) - 1; this.byLine.has(line); line--) {
      lines.unshift(this.byLine.get(line)!);
    }
    return lines.length === 0 ? undefined : lines.join('\n');
  }

  private beginsLine(token: IToken): boolean {
    let at = token.startOffset - 1;
    while (at >= 0 && /[ \t\uFEFF]/.test(this.text[at]!)) at--;
    return at < 0 || /[\r\n]/.test(this.text[at]!);
  }
}
