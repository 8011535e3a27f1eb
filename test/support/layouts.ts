/** @file The same tokens in other layouts: other white space, line ends, and comments in odd places. Seeded. */
import { createLexer } from '../../grammar/lex.js';
import { randomFrom } from './random-graph.js';

const lexer = createLexer({ validate: false });

const COMMENTS = [' # why', '# ünïcödé 表情 😀', '#', '## doubled   ', '# "quoted', '#\ttab'];

/** `text` with random white space between its tokens and, `chance` of the time, a comment; old comments go. */
export function relaid(text: string, seed: number, chance = 0.02): string {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const newline = pick(['\n', '\n', '\r\n', '\r']);
  const space = (): string => {
    if (random() < chance)
      return `${pick(['', ' ', newline, newline + newline])}${pick(COMMENTS)}${newline}${pick(['', '\t', newline])}`;
    return random() < 0.75 ? pick([' ', '  ', '\t']) : pick([newline, `${newline}  `, newline + newline]);
  };
  const { tokens } = lexer.tokenize(text);
  return `${random() < 0.1 ? '\uFEFF' : ''}${tokens.map((t) => space() + t.image).join('')}${space()}`;
}
