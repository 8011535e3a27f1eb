/** @file Damaged texts: tokens deleted, doubled, swapped and replaced, stray characters, cut ends. Seeded. */
import { tokenMatcher, type IToken } from 'chevrotain';
import { createLexer } from '../../grammar/lex.js';
import * as t from '../../grammar/tokens.js';
import { randomFrom } from './random-graph.js';

export interface Source {
  readonly name: string;
  readonly text: string;
}

interface Sample extends Source {
  /** Start and end of each token. */
  readonly places: readonly (readonly [start: number, end: number])[];
  /** Indices into `places`. */
  readonly operands: readonly number[];
}

const STRAY = [
  ...'(){}[],=:.|>-+*/^"\'#;&! \n09aZ_é',
  '\u0000',
  '😀',
  ' updates ',
  ' model m { ',
  ' train ',
  ' as ',
];

const NUMBERS = ['0', '1', '2', '0.5', '3.7', '6.4e1', '1e-30', '1e9', '9007199254740993', '-1', '(1 / 3)'];

export class Mutants {
  readonly #random: () => number;
  readonly #lexer = createLexer({ validate: false });
  readonly #corpus: readonly Sample[];

  constructor(seed: number, sources: readonly Source[]) {
    this.#random = randomFrom(seed);
    this.#corpus = sources.map(({ name, text }) => {
      const { tokens } = this.#lexer.tokenize(text);
      return {
        name,
        text,
        places: tokens.map((token) => [token.startOffset, token.endOffset! + 1] as const),
        operands: tokens.flatMap((token, i) => (isOperand(token) ? [i] : [])),
      };
    });
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Anything may be damaged: most of these do not parse. */
  damaged(): Source {
    const sample = this.pick(this.#corpus);
    let text = this.pick(this.#edits)(sample);
    // Later edits of the same text are of single characters: the places of its tokens have moved.
    for (let more = this.below(3); more > 0; more--) {
      const at = this.below(text.length + 1);
      text = text.slice(0, at) + this.pick(STRAY) + text.slice(at + this.below(3));
    }
    return { name: sample.name, text };
  }

  /** One or two names or numbers become others: nearly all of these parse, and mean something else or nothing. */
  confused(): Source {
    const { name, text, places, operands } = this.pick(this.#corpus);
    const chosen = [this.pick(operands), ...(this.below(2) === 0 ? [this.pick(operands)] : [])];
    let result = text;
    for (const i of [...new Set(chosen)].sort((a, b) => b - a)) {
      const [start, end] = places[i]!;
      const [from, to] = places[this.pick(operands)]!;
      const other = this.below(3) === 0 ? this.pick(NUMBERS) : text.slice(from, to);
      result = result.slice(0, start) + other + result.slice(end);
    }
    return { name, text: result };
  }

  readonly #edits: readonly ((sample: Sample) => string)[] = [
    ({ text, places }) => {
      const [start, end] = this.pick(places);
      return text.slice(0, start) + text.slice(end);
    },
    ({ text, places }) => {
      const [start, end] = this.pick(places);
      return `${text.slice(0, end)} ${text.slice(start, end)}${text.slice(end)}`;
    },
    ({ text, places }) => {
      const i = this.below(places.length - 1);
      const [[a, b], [c, d]] = [places[i]!, places[i + 1]!];
      return text.slice(0, a) + text.slice(c, d) + text.slice(b, c) + text.slice(a, b) + text.slice(d);
    },
    ({ text, places }) => {
      const [start, end] = this.pick(places);
      const [from, to] = this.pick(places);
      return text.slice(0, start) + text.slice(from, to) + text.slice(end);
    },
    ({ text }) => {
      const at = this.below(text.length);
      return text.slice(0, at) + this.pick(STRAY) + text.slice(at + this.below(2));
    },
    ({ text }) => text.slice(0, this.below(text.length)),
    ({ text }) => text.slice(this.below(text.length)),
  ];
}

const isOperand = (token: IToken): boolean =>
  tokenMatcher(token, t.NumberLiteral) || tokenMatcher(token, t.Name);
