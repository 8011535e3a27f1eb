/**
 * @file How a folder's layout names the class and the person of an image.
 *
 * A pattern is a path of parts separated by `/`. In a part, `class` and `subject` stand for the name wanted and
 * `*` for anything; the rest is literal. Every part names a folder, except a last one with `*`, which names the file:
 *
 *   class              happy/any.png               each image its own person
 *   subject/class      S005/happy/any.png
 *   class/subject      happy/S005/any.png
 *   class/subject_*    happy/S005_03.png           the person is what stands before the first `_`
 */
import { DataError } from './errors.js';

export interface Match {
  readonly class: string;
  /** null: the pattern does not name people. */
  readonly subject: string | null;
}

export interface Pattern {
  /** How many folders an image lies deep. */
  readonly depth: number;
  /** What a path relative to the folder says, or null if it does not fit. `path` is split at the separators. */
  match(path: readonly string[]): Match | null;
}

/** @throws DataError for a pattern without `class`, with a placeholder twice, with nothing between two of them, or with empty parts. */
export function readPattern(text: string): Pattern {
  const parts = text.split('/');
  const count = (word: string): number => text.split(word).length - 1;
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new DataError(`the folder pattern "${text}" has an empty part`);
  if (count('class') !== 1 || count('subject') > 1)
    throw new DataError(
      `the folder pattern "${text}" must name class once and subject at most once, as in "subject/class" or "class/subject_*"`,
    );
  if (/(class|subject|\*)(class|subject|\*)/.test(text))
    throw new DataError(
      `the folder pattern "${text}" does not say where a name ends: write what stands between, as in "class/subject_*"`,
    );
  const namesFile = parts.at(-1)!.includes('*');
  const depth = namesFile ? parts.length - 1 : parts.length;
  const expressions = parts.map(toExpression);
  return {
    depth,
    match(path) {
      if (path.length !== depth + 1) return null;
      let found: Match = { class: '', subject: null };
      for (const [i, expression] of expressions.entries()) {
        const groups = expression.exec(path[i]!);
        if (!groups) return null;
        found = { ...found, ...groups.groups };
      }
      return found;
    },
  };
}

function toExpression(part: string): RegExp {
  const pieces = part.split(/(class|subject|\*)/).map((piece) => {
    if (piece === 'class' || piece === 'subject') return `(?<${piece}>.+?)`;
    return piece === '*' ? '.*' : piece.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${pieces.join('')}$`, 'su');
}
