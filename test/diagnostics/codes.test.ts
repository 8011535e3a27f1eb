/** @file The codes and their texts: complete, unique, and true of the compiler. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CODES } from '../../compiler/diagnostics/codes/index.js';
import { explain } from '../../compiler/diagnostics/explain.js';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { check } from '../../compiler/check/check.js';
import { readerOf } from '../support/specs.js';
import { checkExample, WRONG } from './examples.js';

/** What no spec can draw: a value of the command line, and a fault of the compiler. */
const WITHOUT_SPEC = ['ED1017', 'ED9001'];

/** Messages that already say what is possible here. */
const SAY_IT_ALL = ['ED3009'];

const raised = new Set(
  ['grammar', 'compiler'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.startsWith(join('diagnostics', 'codes')))
      .flatMap((path) => readFileSync(join(folder, path), 'utf8').match(/(?<=')ED\d{4}(?=')/g) ?? []),
  ),
);

test('every code that is raised has a text, and every text a code that is raised', () => {
  assert.equal(
    [...raised].sort(),
    CODES.map(({ code }) => code),
  );
});

test('codes are unique, in order, and have titles of their own', () => {
  const codes = CODES.map(({ code }) => code);
  assert.equal(codes, [...new Set(codes)].sort());
  assert.is(new Set(CODES.map(({ title }) => title)).size, CODES.length);
  for (const { code, title, explanation } of CODES) {
    assert.match(title, /^[a-z`].*[^.]$/, code);
    assert.match(explanation, /^[A-Z`].*\.$/, code);
  }
});

test('only what no spec can draw has no spec', () => {
  const without = CODES.filter(({ wrong }) => wrong === undefined).map(({ code }) => code);
  assert.equal(without, WITHOUT_SPEC);
});

for (const entry of WRONG) {
  test(`${entry.code}: the wrong spec draws it and nothing else, the right one is clean`, () => {
    const { diagnostics, sources } = checkExample(entry, entry.wrong);
    assert.equal(
      [...new Set(diagnostics.map((d) => d.code))],
      [entry.code],
      renderDiagnostics(diagnostics, sources),
    );
    const isNote = diagnostics.every((d) => d.severity === 'note');
    assert.is(entry.right === undefined, isNote);
    if (entry.right === undefined) return;
    const repaired = checkExample(entry, entry.right);
    const left = repaired.diagnostics.filter((d) => d.severity !== 'note');
    assert.equal(left, [], renderDiagnostics(left, repaired.sources));
  });

  test(`${entry.code}: its messages are sentences of one style, with a way out`, () => {
    for (const d of checkExample(entry, entry.wrong).diagnostics) {
      for (const text of [d.message, d.label, d.hint, ...(d.labels ?? []).map((l) => l.message)]) {
        if (text === undefined) continue;
        assert.match(text, /^[a-z0-9`[]/, text);
        assert.not.match(text, /\.$|\n|undefined|NaN|\[object/, text);
        assert.is((text.match(/`/g) ?? []).length % 2, 0, text);
      }
      if (d.severity !== 'note' && !SAY_IT_ALL.includes(d.code))
        assert.ok(d.hint, `${d.code} proposes nothing: ${d.message}`);
    }
  });
}

test('a value of --set ends where its expression ends', () => {
  const { diagnostics } = check('specs/ed2l.ed2l', { reader: readerOf(), set: { rate: '1e-3 2' } });
  assert.equal(
    diagnostics.map(({ code, span }) => [code, span.source, span.start, span.end]),
    [['ED1017', '--set rate', 5, 6]],
  );
});

test('explain knows every code, in any case, and only those', () => {
  for (const { code, title, wrong } of CODES) {
    const text = explain(code.toLowerCase());
    assert.ok(text?.startsWith(`${code}: ${title}\n`));
    assert.is(text!.includes('Wrong:'), wrong !== undefined);
  }
  assert.is(explain('ED2008'), undefined);
  assert.is(explain(''), undefined);
});

test('explanations fit into 80 columns', () => {
  for (const { code } of CODES) {
    const prose = explain(code)!
      .split('\n')
      .slice(1)
      .filter((line) => !line.startsWith('    '));
    assert.ok(
      prose.every((line) => line.length <= 80),
      code,
    );
  }
});

test.run();
