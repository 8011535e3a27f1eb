/** @file The tokens of `.ed2l`: words (reserved and contextual), names, numbers, texts, operators. */
import { createToken, Lexer, type TokenType } from 'chevrotain';

/** What a user may call something: a plain identifier or a contextual word. */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA, label: 'a name' });
/** What may stand before the colon of an argument or after a dot: any word at all. */
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, label: 'a name' });
export const Ident = createToken({
  name: 'Ident',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  label: 'a name',
  categories: [Name, Word],
});

/** `hyper`, `noise`, `group`, `predict`: what may stand before `name = value`. */
export const ValueKeyword = createToken({ name: 'ValueKeyword', pattern: Lexer.NA, label: '`hyper`' });
export const SumOperator = createToken({ name: 'SumOperator', pattern: Lexer.NA, label: '`+`' });
export const ProductOperator = createToken({ name: 'ProductOperator', pattern: Lexer.NA, label: '`*`' });
export const ComparisonOperator = createToken({
  name: 'ComparisonOperator',
  pattern: Lexer.NA,
  label: '`==`',
});

const words: TokenType[] = [];

function keyword(text: string, categories: TokenType[]): TokenType {
  const name = text[0]!.toUpperCase() + text.slice(1);
  const type = createToken({ name, pattern: text, longer_alt: Ident, label: `\`${text}\``, categories });
  words.push(type);
  return type;
}

const reserved = (text: string, ...more: TokenType[]): TokenType => keyword(text, [Word, ...more]);
const contextual = (text: string): TokenType => keyword(text, [Name, Word]);

export const Import = reserved('import');
export const Block = reserved('block');
export const Model = reserved('model');
export const Data = reserved('data');
export const Experiment = reserved('experiment');
export const Hyper = reserved('hyper', ValueKeyword);
export const Input = reserved('input');
export const Label = reserved('label');
export const Noise = reserved('noise', ValueKeyword);
export const Group = reserved('group', ValueKeyword);
export const Loss = reserved('loss');
export const Predict = reserved('predict', ValueKeyword);
export const Remove = reserved('remove');
export const Train = reserved('train');
export const Return = reserved('return');
export const Updates = reserved('updates');
export const By = reserved('by');
export const Where = reserved('where');
export const Avoiding = reserved('avoiding');
export const From = reserved('from');
export const As = reserved('as');
export const Of = reserved('of');
export const And = reserved('and');
export const Or = reserved('or');
export const Not = reserved('not');
export const Is = reserved('is');
export const In = reserved('in');
export const True = reserved('true');
export const False = reserved('false');

export const Extends = contextual('extends');
export const On = contextual('on');
export const With = contextual('with');
export const Reset = contextual('reset');
export const Remap = contextual('remap');
export const Using = contextual('using');
export const For = contextual('for');
export const Minimize = contextual('minimize');
export const Step = contextual('step');
export const Repeat = contextual('repeat');
export const Every = contextual('every');
export const Start = contextual('start');
export const Freeze = contextual('freeze');
export const Statistics = contextual('statistics');
export const Pretrain = contextual('pretrain');
export const Test = contextual('test');
export const All = contextual('all');

export const NumberLiteral = createToken({
  name: 'NumberLiteral',
  pattern: /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/,
  label: 'a number',
});
export const StringLiteral = createToken({
  name: 'StringLiteral',
  pattern: /"([^"\\\r\n]|\\["\\n])*"/,
  label: 'a text in double quotes',
});
/** A text in the wrong quotes, without its closing one, or with an unknown escape: the lexer reports it, the parser takes it as a text. */
export const DamagedString = createToken({
  name: 'DamagedString',
  pattern: /"([^"\\\r\n]|\\[^\r\n])*"?|'[^'\r\n]*'/,
  label: 'a text in double quotes',
  categories: [StringLiteral],
});

function symbol(name: string, text: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\``, categories });
}

export const Pipe = symbol('Pipe', '|>');
export const EqualEqual = symbol('EqualEqual', '==', ComparisonOperator);
export const NotEqual = symbol('NotEqual', '!=', ComparisonOperator);
export const LessEqual = symbol('LessEqual', '<=', ComparisonOperator);
export const GreaterEqual = symbol('GreaterEqual', '>=', ComparisonOperator);
export const Less = symbol('Less', '<', ComparisonOperator);
export const Greater = symbol('Greater', '>', ComparisonOperator);
export const Equals = symbol('Equals', '=');
const Plus = symbol('Plus', '+', SumOperator);
export const Minus = symbol('Minus', '-', SumOperator);
export const Star = symbol('Star', '*', ProductOperator);
export const Slash = symbol('Slash', '/', ProductOperator);
export const Caret = symbol('Caret', '^');
export const LeftParen = symbol('LeftParen', '(');
export const RightParen = symbol('RightParen', ')');
export const LeftBracket = symbol('LeftBracket', '[');
export const RightBracket = symbol('RightBracket', ']');
export const LeftBrace = symbol('LeftBrace', '{');
export const RightBrace = symbol('RightBrace', '}');
export const Comma = symbol('Comma', ',');
export const Colon = symbol('Colon', ':');
export const Dot = symbol('Dot', '.');

/** A byte order mark at the start of a file is white space too. */
const Space = createToken({
  name: 'Space',
  pattern: /[ \t\r\n\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
  label: 'white space',
});
export const COMMENTS = 'comments';
const Comment = createToken({ name: 'Comment', pattern: /#[^\r\n]*/, group: COMMENTS, label: 'a comment' });

/** In the order the lexer tries them: longer symbols and all words before what they begin with. */
export const allTokens: readonly TokenType[] = [
  Space,
  Comment,
  ...words,
  Ident,
  NumberLiteral,
  StringLiteral,
  DamagedString,
  Pipe,
  EqualEqual,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Equals,
  Plus,
  Minus,
  Star,
  Slash,
  Caret,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  Comma,
  Colon,
  Dot,
  Name,
  Word,
  ValueKeyword,
  SumOperator,
  ProductOperator,
  ComparisonOperator,
];

const byName = new Map(allTokens.map((type) => [type.name, type]));
const byWord = new Map(words.map((type) => [type.PATTERN as string, type]));

/** The token type called `name` in the grammar. */
export const tokenTypeNamed = (name: string): TokenType | undefined => byName.get(name);

/** The token type of a reserved or contextual word. */
export const keywordType = (word: string): TokenType | undefined => byWord.get(word);
