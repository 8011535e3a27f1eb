/** @file docs/language.md lists the built-ins, the words and the unsupported parts as the compiler has them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UNSUPPORTED_CALLS } from '../../compiler/check/unsupported.js';
import { builtIn, builtInNames, parseSignature } from '../../compiler/elaborate/builtins.js';
import { allTokens, Name, Word } from '../../grammar/tokens.js';
import { fencesOf, readPage } from '../support/pages.js';

const page = readPage('docs/language.md');

const documented = new Map(
  fencesOf(page, 'text', 'signatures')
    .flatMap(({ body }) => body.trimEnd().split('\n'))
    .map((line) => {
      const [, name, parameters] = /^(\w+)\((.*?)\)(?: +#.*)?$/.exec(line) ?? [];
      assert.ok(name, `not a signature: ${line}`);
      return [name!, parseSignature(parameters!)] as const;
    }),
);

test('every signature is that of the compiler', () => {
  for (const [name, parameters] of documented) {
    assert.ok(builtIn(name), `${name} is no built-in`);
    assert.equal(parameters, builtIn(name)!.parameters, name);
  }
});

test('every built-in is listed, or named among the unsupported', () => {
  const later = page.text.slice(page.text.indexOf('## Not yet supported'));
  const unsupported = [...UNSUPPORTED_CALLS, ...builtInNames('noise')];
  for (const name of builtInNames()) {
    assert.is(documented.has(name), !unsupported.includes(name), name);
    if (unsupported.includes(name))
      assert.ok(later.includes(`\`${name}\``), `${name} is not under Not yet supported`);
  }
});

test('the words are those of the grammar', () => {
  const listed = (kind: string): string[] =>
    fencesOf(page, 'text', kind)
      .flatMap(({ body }) => body.trim().split(/\s+/))
      .sort();
  const words = allTokens.filter((t) => typeof t.PATTERN === 'string' && t.CATEGORIES!.includes(Word));
  const isContextual = (t: (typeof words)[number]): boolean => t.CATEGORIES!.includes(Name);
  const textsOf = (types: typeof words): string[] => types.map((t) => t.PATTERN as string).sort();
  assert.equal(listed('reserved'), textsOf(words.filter((t) => !isContextual(t))));
  assert.equal(listed('contextual'), textsOf(words.filter(isContextual)));
});

test.run();
