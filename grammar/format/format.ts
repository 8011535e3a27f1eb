/** @file The canonical layout of a text (docs/language.md, "Layout"): the same tokens and comments, other white space. */
import { parseConcrete } from '../parse.js';
import type { SyntaxProblem } from '../problem.js';
import { align } from './align.js';
import { Comments, withComments } from './comments.js';
import { print } from './document.js';
import { StatementLayout } from './statements.js';

export interface Formatted {
  /** Absent when the text has problems. */
  readonly text?: string;
  readonly problems: readonly SyntaxProblem[];
}

/** Lays `text` out; `source` names it in problems. Formatting the result changes nothing. */
export function format(text: string, source: string): Formatted {
  text = text.replace(/\r\n?/g, '\n');
  const concrete = parseConcrete(text, source);
  if ('problems' in concrete) return concrete;
  const { cst, tokens, comments } = concrete;
  const { doc, statements } = new StatementLayout(new Comments(text, tokens, comments)).file(cst);
  align(statements, 0);
  return { text: withComments(print(doc)), problems: [] };
}
