/** @file Damaged specs never make the checker fail, hang, or say something that cannot be shown. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnosticToJson } from '../../compiler/diagnostics/json.js';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { createLexer } from '../../grammar/lex.js';
import { fixtures } from '../grammar/fixtures.js';
import { randomFrom } from '../support/random-graph.js';
import { checkExample, WRONG } from './examples.js';
import { MISTAKES } from './mistakes.js';

const COUNT = 3000;
/** Longest time one spec may take, in milliseconds, on a busy machine. */
const LIMIT = 5000;
/** Values that stand where nobody expects them. */
const ODD = [
  '0',
  '-1',
  '1e9',
  '0.5',
  'true',
  '"text"',
  '[1, 2]',
  'none',
  'x',
  'relu()',
  'stop(g)',
  'all',
  'epoch',
];

const random = randomFrom(20190826);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const lexer = createLexer({ validate: false });
const byType = new Map<string, string[]>();
const corpus = [
  ...WRONG.filter(({ others }) => !others).flatMap(({ wrong, right }) => [wrong, right ?? wrong]),
  ...Object.values(MISTAKES),
  ...fixtures.map(({ text }) => text),
].map((text) => {
  const tokens = lexer.tokenize(text).tokens.map((token) => {
    const words = byType.get(token.tokenType.name) ?? [];
    byType.set(token.tokenType.name, [...words, token.image]);
    const { image, startOffset, tokenType } = token;
    return { start: startOffset, end: startOffset + image.length, text: image, type: tokenType.name };
  });
  return { text, tokens };
});

/** A token lost, doubled, exchanged for another of its kind, or for something odd. */
const EDITS: readonly ((token: Token & { readonly type: string }) => string)[] = [
  () => '',
  ({ text }) => `${text} ${text}`,
  ({ type }) => pick(byType.get(type)!),
  ({ type }) => pick(byType.get(type)!),
  () => pick(ODD),
];

function mutant(): string {
  const { text, tokens } = pick(corpus);
  if (tokens.length === 0) return text;
  const token = pick(tokens);
  return text.slice(0, token.start) + pick(EDITS)(token) + text.slice(token.end);
}

test(`${COUNT} mutants of specs`, () => {
  const drawn = new Set<string>();
  for (let i = 0; i < COUNT; i++) {
    const text = mutant();
    const started = performance.now();
    const { diagnostics, sources } = checkExample({}, text);
    const took = performance.now() - started;
    assert.ok(took < LIMIT, `mutant ${i} took ${took} ms:\n${text}`);
    const shown = renderDiagnostics(diagnostics, sources);
    assert.not.match(shown, /undefined|NaN|\[object|\n\s+at /, text);
    for (const d of diagnostics) {
      drawn.add(d.code);
      assert.is.not(d.code, 'ED9001', `${d.message}\n${text}`);
      assert.match(d.message, /^[a-z0-9`[].*[^.]$/);
      for (const { source, start, end } of [d.span, ...(d.labels ?? []).map((label) => label.span)]) {
        const own = sources.find(({ name }) => name === source);
        assert.ok(own && 0 <= start && start <= end && end <= own.text.length, `${d.message}\n${text}`);
      }
      assert.is(diagnosticToJson(d, sources).code, d.code);
    }
  }
  assert.ok(drawn.size > 60, `only ${drawn.size} codes were drawn`);
});

test.run();
