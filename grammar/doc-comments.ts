/** @file The comment block directly above a declaration is its documentation. */
import type { IToken } from 'chevrotain';

export class DocComments {
  /** Comments that have their line to themselves, by line (1-based). */
  private readonly byLine = new Map<number, string>();

  constructor(text: string, comments: readonly IToken[]) {
    for (const comment of comments) {
      const lineStart = text.lastIndexOf('\n', comment.startOffset - 1) + 1;
      const alone = text.slice(lineStart, comment.startOffset).trim() === '';
      if (alone) this.byLine.set(comment.startLine ?? 0, comment.image.replace(/^# ?/, '').trimEnd());
    }
  }

  /** The block that ends on the line above `first`, without its `#` signs; `undefined` when there is none. */
  above(first: IToken): string | undefined {
    const lines: string[] = [];
    for (let line = (first.startLine ?? 0) - 1; this.byLine.has(line); line--) {
      lines.unshift(this.byLine.get(line)!);
    }
    return lines.length === 0 ? undefined : lines.join('\n');
  }
}
