/** @file Formatting moves white space only: same tree, same comments, and formatting again changes nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { format } from '../../grammar/format/format.js';
import { lex } from '../../grammar/lex.js';
import { parse } from '../../grammar/parse.js';
import { fixtures } from '../grammar/fixtures.js';
import { relaid } from '../support/layouts.js';
import { Mutants } from '../support/mutants.js';
import { randomSpec } from '../support/random-spec.js';

const own = ['specs', 'examples']
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
  .filter((path) => path.endsWith('.ed2l'))
  .map((path) => ({ name: path, text: readFileSync(path, 'utf8') }));
const sources = [...own, ...fixtures];

/** The syntax tree as text, without places. */
function treeOf(text: string): string {
  return JSON.stringify(parse(text, 'a').file.items, (key, value: unknown) =>
    key === 'span' || key === 'operatorSpan' ? undefined : value,
  );
}

const commentsOf = (text: string): string[] => lex(text, 'a').comments.map((c) => c.image.trimEnd());

function formatted(text: string): string {
  const { text: result, problems } = format(text, 'a');
  assert.equal(problems, []);
  return result!;
}

function holds(text: string): void {
  const once = formatted(text);
  assert.is(treeOf(once), treeOf(text), text);
  assert.equal(commentsOf(once), commentsOf(text), text);
  assert.is(formatted(once), once, text);
  for (const line of once.split('\n')) assert.not.match(line, /\s$/, text);
}

test('texts as they are', () => {
  for (const { text } of sources) holds(text);
});

test('white space, line ends and comments anywhere', () => {
  for (const [i, { text }] of sources.entries())
    for (let k = 0; k < 12; k++) holds(relaid(text, 1000 * i + k, [0, 0.02, 0.2][k % 3]));
});

test('parsable mutants and random specs', () => {
  const mutants = new Mutants(20261125, sources);
  let parsed = 0;
  for (let i = 0; i < 300; i++) {
    const { text } = i % 2 === 0 ? mutants.confused() : mutants.damaged();
    if (parse(text, 'a').problems.length > 0) continue;
    parsed++;
    holds(text);
    holds(relaid(text, i));
  }
  assert.ok(parsed > 150, `${parsed}`);
  for (let seed = 0; seed < 50; seed++) holds(relaid(randomSpec(seed), seed));
});

test.run();
