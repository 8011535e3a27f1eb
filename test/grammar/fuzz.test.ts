/** @file Damaged specs never make the parser throw, hang or speak nonsense. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLexer } from '../../grammar/lex.js';
import { parse, parseExpression } from '../../grammar/parse.js';
import type { SyntaxProblem } from '../../grammar/problem.js';
import { Mutants } from '../support/mutants.js';
import { fixtures } from './fixtures.js';
import { processorTime } from '../support/processor-time.js';

const COUNT = 1000;
/** Longest time one text of a few kilobytes may take, in milliseconds of the processor. */
const LIMIT = 2000;

const mutants = new Mutants(20190301, fixtures);
const lexer = createLexer({ validate: false });
const corpus = fixtures.map(({ text }) => ({
  text,
  places: lexer.tokenize(text).tokens.map((t) => [t.startOffset, t.endOffset! + 1] as const),
}));

function soundProblem(problem: SyntaxProblem, text: string, source: string): void {
  assert.match(problem.code, /^ED1\d{3}$/, problem.message);
  assert.is(problem.severity, 'error');
  assert.match(problem.message, /^[a-z`].*[^.]$/s);
  // Words of Chevrotain's own messages, and names of its rules and tokens.
  assert.not.match(
    problem.message,
    /Token Type|-->|but found|undefined|NaN|\[object|Literal|LeftParen|Ident\b/,
  );
  const places = [problem.span, ...(problem.labels ?? []), ...(problem.fix ?? [])];
  for (const place of places) {
    const { start, end, source: own } = 'span' in place ? place.span : place;
    assert.is(own, source);
    assert.ok(0 <= start && start <= end && end <= text.length, `${start}…${end} of ${text.length}`);
  }
}

test(`${COUNT} mutants of the fixtures`, () => {
  const all = processorTime();
  let damaged = 0;
  for (let i = 0; i < COUNT; i++) {
    const { name, text } = mutants.damaged();
    const one = processorTime();
    const { problems, file } = parse(text, name);
    const took = one();
    assert.ok(took < LIMIT, `mutant ${i} of ${name} took ${took} ms:\n${text}`);
    assert.ok(file.items.every((item) => item.span.start >= 0 && item.span.end <= text.length));
    for (const problem of problems) soundProblem(problem, text, name);
    const starts = problems.map((problem) => problem.span.start);
    assert.equal(
      starts,
      starts.toSorted((a, b) => a - b),
    );
    if (problems.length > 0) damaged++;
  }
  assert.ok(damaged > COUNT / 2, `only ${damaged} mutants were damaged`);
  assert.ok(all() < 60_000);
});

test('pieces of the fixtures as expressions', () => {
  for (let i = 0; i < 500; i++) {
    const { text, places } = mutants.pick(corpus);
    const from = mutants.below(places.length);
    const to = Math.min(places.length - 1, from + mutants.below(12));
    const piece = text.slice(places[from]![0], places[to]![1]);
    const { expr, problems } = parseExpression(piece, 'piece');
    assert.is(expr === undefined, problems.length > 0, piece);
    for (const problem of problems) soundProblem(problem, piece, 'piece');
  }
});

test('one damage in one declaration leaves the others readable', () => {
  const { text } = fixtures.find(({ name }) => name === 'gan.ed2l')!;
  const sound = parse(text, 'gan.ed2l').file.items.length;
  const broken = text.replace('minimize', 'minimize minimize');
  assert.is.not(broken, text);
  const { file, problems } = parse(broken, 'gan.ed2l');
  assert.is(problems.length, 1, JSON.stringify(problems));
  assert.is(file.items.length, sound);
});

test('deep nesting and long chains end with a message, not with an overflow', () => {
  const deep = [
    `model m { x = ${'('.repeat(5000)}1${')'.repeat(5000)} }`,
    `model m { x = ${'f('.repeat(5000)}`,
    `model m { x = ${'2^'.repeat(5000)}2 }`,
    `model m { x = ${'-'.repeat(5000)}2 }`,
    `model m { x = ${'not '.repeat(5000)}a }`,
    `model m { x = ${'a + '.repeat(5000)}a }`,
    `model m { x = a${'.b'.repeat(5000)} }`,
    `model m ${'{'.repeat(5000)}`,
  ];
  for (const text of deep) {
    const { problems } = parse(text, 'deep');
    assert.ok(problems.length > 0, text.slice(0, 30));
    for (const problem of problems) soundProblem(problem, text, 'deep');
    assert.ok(
      problems.some((problem) => problem.code === 'ED1012'),
      text.slice(0, 30),
    );
  }
});

test.run();
