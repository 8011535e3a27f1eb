/** @file Formatting moves white space only: same tree, same comments, same models, and formatting again changes nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { format } from '../../grammar/format/format.js';
import { lex } from '../../grammar/lex.js';
import { parse } from '../../grammar/parse.js';
import { fixtures } from '../grammar/fixtures.js';
import { TINY_SPEC } from '../support/command-line.js';
import { relaid } from '../support/layouts.js';
import { Mutants } from '../support/mutants.js';
import { meaningOf, withoutPlaces } from '../support/places.js';
import { randomSpec } from '../support/random-spec.js';
import { readerOf } from '../support/specs.js';

const own = ['specs', 'examples'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ed2l'))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(`${folder}/${name}`, 'utf8') })),
);

const treeOf = (text: string): string => withoutPlaces(parse(text, 'a').file.items);
const commentsOf = (text: string): string[] => lex(text, 'a').comments.map((c) => c.image.trimEnd());

function formatted(text: string): string {
  const { text: result, problems } = format(text, 'a');
  assert.equal(problems, []);
  return result!;
}

/** Returns the formatted text. */
function holds(text: string): string {
  const once = formatted(text);
  assert.is(treeOf(once), treeOf(text), text);
  assert.equal(commentsOf(once), commentsOf(text), text);
  assert.is(formatted(once), once, text);
  assert.not.match(once, /[^\S\n]\n|\n\n\n|\r|^\n|\n\n$/, text);
  return once;
}

function sameModels(name: string, text: string): boolean {
  const modelsOf = (of: string): string[] =>
    meaningOf(check(name, { reader: readerOf({ [name]: of }) }).models.values());
  const before = modelsOf(text);
  assert.equal(modelsOf(formatted(text)), before, text);
  return before.length > 0;
}

test('other white space, line ends, and comments anywhere', () => {
  for (const [i, { text }] of [...own, ...fixtures].entries()) {
    holds(text);
    for (const [k, chance] of [0, 0.02, 0.2].entries()) holds(relaid(text, 10 * i + k, chance));
  }
});

test('every parsable mutant of a spec keeps its meaning', () => {
  const mutants = new Mutants(20261125, [...own, ...fixtures]);
  let parsed = 0;
  for (let i = 0; i < 150; i++) {
    const { name, text } = i % 3 > 0 ? mutants.confused() : mutants.damaged();
    if (parse(text, name).problems.length > 0) assert.is(format(text, name).text, undefined);
    else {
      parsed++;
      holds(text);
    }
  }
  assert.ok(parsed > 60, `${parsed} parsed`);
  const small = new Mutants(20261126, [{ name: 'small.ed2l', text: TINY_SPEC }]);
  let sound = 0;
  for (let i = 0; i < 60; i++) {
    const { name, text } = small.confused();
    if (parse(text, name).problems.length === 0 && sameModels(name, text)) sound++;
  }
  assert.ok(sound > 5, `${sound} are sound`);
});

test('random specs keep their meaning in any layout', () => {
  for (let seed = 0; seed < 15; seed++) {
    const text = randomSpec(seed);
    holds(text);
    assert.ok(sameModels('random.ed2l', relaid(text, seed)));
  }
});

test('what is deep, long or empty', () => {
  const deep = (n: number, open: string, close: string): string =>
    `model m { x = ${open.repeat(n)}1${close.repeat(n)} }`;
  for (const text of [
    deep(50, '(', ')'),
    deep(50, 'f(a: ', ')'),
    deep(50, '[', ']'),
    deep(50, 'f(g(1) |> ', ')'),
    `model m { x = ${'-'.repeat(500)}2 }`,
    `model m { x = ${'aaaaaaaaaaaa + '.repeat(500)}a }`,
    `model m { x = ${'aaaaaaaaaaaa * b |> '.repeat(300)}a }`,
    `model m { loss l updates ${'some_group, '.repeat(200)}last }`,
    `model m { ${'x = 1 '.repeat(2000)} }`,
    'model m {}',
    'model m {\n\n# nothing yet\n\n}',
    `# ${'long '.repeat(100)}\nmodel m { } # ${'long '.repeat(100)}`,
  ])
    holds(text);
});

test.run();
