/** @file The comments between tokens, and the columns in which comments behind lines stand. */
import type { CstNode, IToken } from 'chevrotain';
import { endOf, spanOfNode } from '../cst.js';
import { widthOf, type Doc, type PrintedLine } from './document.js';

export interface OwnComment {
  readonly text: string;
  /** There is an empty line above it. */
  readonly blank: boolean;
}

/** What stands between a token and the one before it. */
export interface Gap {
  /** The comment on the line of the token before. */
  readonly trailing?: string;
  readonly own: readonly OwnComment[];
  /** There is an empty line directly above the token. */
  readonly blank: boolean;
  /** The token begins a line. */
  readonly newline: boolean;
}

/** The gap before each token, and the last one, before the end of the text. */
export function gapsOf(text: string, tokens: readonly IToken[], comments: readonly IToken[]): Gap[] {
  const gaps: Gap[] = [];
  let next = 0;
  let end = 0;
  for (const token of [...tokens, undefined]) {
    const start = token?.startOffset ?? text.length;
    const own: OwnComment[] = [];
    let trailing: string | undefined;
    const first = end;
    for (; next < comments.length && comments[next]!.startOffset < start; next++) {
      const comment = comments[next]!;
      const between = text.slice(end, comment.startOffset);
      if (first > 0 && end === first && !between.includes('\n')) trailing = comment.image.trimEnd();
      else own.push({ text: comment.image.trimEnd(), blank: hasBlank(between) });
      end = endOf(comment);
    }
    const between = text.slice(end, start);
    gaps.push({
      ...(trailing === undefined ? {} : { trailing }),
      own,
      blank: hasBlank(between),
      newline: text.slice(first, start).includes('\n'),
    });
    end = token === undefined ? start : endOf(token);
  }
  return gaps;
}

const hasBlank = (between: string): boolean => /\n[^\S\n]*\n/.test(between);

/** Tokens as documents, with their comments. A statement takes the comment behind its last token, and those above its first, itself. */
export class Comments {
  readonly #gaps: readonly Gap[];
  readonly #index = new Map<IToken, number>();
  readonly #byStart = new Map<number, IToken>();
  readonly #byEnd = new Map<number, IToken>();
  readonly #above = new Set<IToken>();
  readonly #behind = new Set<IToken>();

  constructor(text: string, tokens: readonly IToken[], comments: readonly IToken[]) {
    this.#gaps = gapsOf(text, tokens, comments);
    for (const [i, token] of tokens.entries()) {
      this.#index.set(token, i);
      this.#byStart.set(token.startOffset, token);
      this.#byEnd.set(endOf(token), token);
    }
  }

  /** The first token of a part of the tree. */
  first(cst: CstNode): IToken {
    return this.#byStart.get(spanOfNode(cst, '').start)!;
  }

  last(cst: CstNode): IToken {
    return this.#byEnd.get(spanOfNode(cst, '').end)!;
  }

  /** Before `token`, or before the end of the text. */
  before(token: IToken | undefined): Gap {
    return this.#gaps[token === undefined ? this.#gaps.length - 1 : this.#index.get(token)!]!;
  }

  /** Makes the caller answerable for the comments above `token`. */
  takeAbove(token: IToken): void {
    this.#above.add(token);
  }

  /** Makes the caller answerable for the comment behind `token`, which it gets. */
  takeBehind(token: IToken): Doc {
    this.#behind.add(token);
    return this.#trailing(token);
  }

  token(token: IToken): Doc {
    const above = this.#above.has(token) ? [] : this.before(token).own;
    return [
      ...above.map(({ text }): Doc => ({ kind: 'own', comment: text })),
      token.image,
      this.#behind.has(token) ? '' : this.#trailing(token),
    ];
  }

  #trailing(token: IToken): Doc {
    const comment = this.#gaps[this.#index.get(token)! + 1]!.trailing;
    return comment === undefined ? '' : { kind: 'trailing', comment };
  }
}

/** Where comments behind lines begin (0-based): in the first of these columns that the longest line leaves free. */
const COLUMNS = [52, 74, 96];

/** The text of the lines; comments behind lines that follow each other directly stand in one column. */
export function withComments(lines: readonly PrintedLine[]): string {
  const result: string[] = [];
  let paragraph: PrintedLine[] = [];
  const end = (): void => {
    const widths = paragraph.flatMap((line) => (line.comment === undefined ? [] : [widthOf(line.text)]));
    const longest = Math.max(0, ...widths);
    const column = COLUMNS.find((c) => c > longest) ?? longest + 2;
    for (const { text, comment } of paragraph)
      result.push(comment === undefined ? text : text + ' '.repeat(column - widthOf(text)) + comment);
    paragraph = [];
  };
  for (const line of lines) {
    const own = line.comment !== undefined && line.text.trim() === '';
    if (own || line.text === '') {
      end();
      result.push(line.text + (line.comment ?? ''));
    } else paragraph.push(line);
  }
  end();
  return result.map((line) => `${line}\n`).join('');
}
