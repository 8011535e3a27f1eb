/** @file docs/language.md lists the built-ins, the words and the unsupported parts as the compiler has them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UNSUPPORTED_CALLS } from '../../compiler/check/unsupported.js';
import { builtIn, builtInNames, parseSignature } from '../../compiler/elaborate/builtins.js';
import { allTokens, Name, Word } from '../../grammar/tokens.js';
import { fencesOf, readPage } from '../support/pages.js';
import { checkText, errorsOf } from '../support/specs.js';

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

/** The calls that the tables of a section offer for each setting, with examples for the names in them. */
const calls = (title: string): string[] =>
  [
    ...page.text
      .split(`\n## ${title}\n`)[1]!
      .split('\n## ')[0]!
      .matchAll(/^\| `(\w+)` \| (.*) \|$/gm),
  ].flatMap(([, setting, cells]) =>
    [...cells!.matchAll(/`(\w+\([^`]*\))`/g)].map(
      ([, call]) =>
        `${setting} ${call!
          .replace(/\b(height|width)\b/g, '8')
          .replace(/\(n\b/, '(3')
          .replace('(path', '("images"')
          .replace('(mean, by)', '(127.5, 128)')}`,
    ),
  );

test('the calls offered for data are those of the compiler', () => {
  const offered = calls('Data');
  assert.ok(offered.length > 12, offered.join('\n'));
  for (const line of offered) {
    // Frames are those of sequences.
    const usual = line.startsWith('frames') ? 'source manifest("a.csv")' : 'source synthetic_faces()';
    const source = line.startsWith('source') ? '' : usual;
    assert.equal(errorsOf(checkText(`data d { ${source} ${line} }`)), [], line);
  }
});

test('the calls offered for experiments are those of the compiler', () => {
  const offered = calls('Experiments');
  assert.ok(offered.length > 6, offered.join('\n'));
  const spec = `import { quick_ed2l } from "./specs/quick.ed2l"
data faces { source synthetic_faces() resize to(56, 48) folds blocks(4) }\n`;
  for (const line of offered)
    assert.equal(
      errorsOf(checkText(`${spec} experiment e { model quick_ed2l  train on faces  ${line} }`)),
      [],
      line,
    );
});

test.run();
