/** @file Text to tokens, with the problems a single token can have: foreign characters and damaged texts. */
import { Lexer, tokenMatcher, type IToken } from 'chevrotain';
import { endOf, spanOfToken } from './cst.js';
import type { SyntaxProblem } from './problem.js';
import { allTokens, COMMENTS, DamagedString } from './tokens.js';

export interface Lexed {
  readonly tokens: IToken[];
  readonly comments: IToken[];
  readonly problems: SyntaxProblem[];
}

/** What to write instead of characters that other languages use. */
const INSTEAD: Readonly<Record<string, { readonly hint: string; readonly replacement?: string }>> = {
  ';': { hint: 'a statement needs no end mark: leave the `;` out', replacement: '' },
  '&': { hint: 'write `and`', replacement: 'and' },
  '&&': { hint: 'write `and`', replacement: 'and' },
  '||': { hint: 'write `or`', replacement: 'or' },
  '|': { hint: 'a pipe is written `|>`', replacement: '|>' },
  '!': { hint: 'write `not`', replacement: 'not ' },
  "'": { hint: 'a text stands between double quotes' },
  '`': { hint: 'a text stands between double quotes' },
  '\u201c': { hint: 'a text stands between straight double quotes: `"`' },
  '\u201d': { hint: 'a text stands between straight double quotes: `"`' },
  '\u00d7': { hint: 'a product is written `*`', replacement: '*' },
  '\u00b7': { hint: 'a product is written `*`', replacement: '*' },
  '\u2212': { hint: 'the minus sign is `-`', replacement: '-' },
  '\u00a0': { hint: 'this is a no-break space; use a plain space', replacement: ' ' },
};

export function createLexer(options: { validate: boolean }): Lexer {
  return new Lexer([...allTokens], {
    positionTracking: 'full',
    skipValidations: !options.validate,
  });
}

let lexer: Lexer | undefined;

export function lex(text: string, source: string): Lexed {
  lexer ??= createLexer({ validate: false });
  const { tokens, groups, errors } = lexer.tokenize(text);
  const problems = errors.map(({ offset, length }) => foreignCharacters(text, source, offset, length));
  for (const token of tokens) {
    if (tokenMatcher(token, DamagedString)) problems.push(damagedText(token, source));
  }
  return { tokens, comments: groups[COMMENTS] ?? [], problems };
}

function foreignCharacters(text: string, source: string, start: number, length: number): SyntaxProblem {
  const characters = text.slice(start, start + length);
  const span = { source, start, end: start + length };
  const plain = INSTEAD[characters] ?? INSTEAD[characters[0] ?? ''];
  const letters = /^\p{L}/u.test(characters);
  const shown = /^\p{C}/u.test(characters)
    ? `U+${characters.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
    : characters.slice(0, 20);
  const hint = plain?.hint ?? (letters ? 'names use the letters A to Z, digits and `_`' : undefined);
  const replacement = INSTEAD[characters]?.replacement;
  return {
    code: 'ED1008',
    severity: 'error',
    message:
      length === 1 ? `the character \`${shown}\` has no meaning here` : `\`${shown}\` has no meaning here`,
    span,
    ...(hint === undefined ? {} : { hint }),
    ...(replacement === undefined ? {} : { fix: [{ span, replacement }] }),
  };
}

function damagedText(token: IToken, source: string): SyntaxProblem {
  const span = spanOfToken(token, source);
  if (token.image.startsWith("'")) {
    const replacement = `"${token.image.slice(1, -1).replace(/["\\]/g, '\\$&')}"`;
    return {
      code: 'ED1007',
      severity: 'error',
      message: 'a text stands between double quotes',
      span,
      hint: `write \`${replacement}\``,
      fix: [{ span, replacement }],
    };
  }
  if (/^"([^"\\]|\\.)*"$/.test(token.image)) {
    const escape = /\\[^"\\n]/.exec(token.image);
    const start = token.startOffset + (escape?.index ?? 0);
    return {
      code: 'ED1013',
      severity: 'error',
      message: `\`${escape?.[0] ?? ''}\` is not an escape of a text`,
      span: { source, start, end: start + 2 },
      hint: 'the escapes are `\\"`, `\\\\` and `\\n`; a backslash itself is written `\\\\`',
    };
  }
  return {
    code: 'ED1007',
    severity: 'error',
    message: 'this text has no closing `"` on its line',
    span,
    label: 'the text begins here',
    hint: 'close the text with `"`; a line break inside it is written `\\n`',
    fix: [{ span: { source, start: endOf(token), end: endOf(token) }, replacement: '"' }],
  };
}
