/** @file Every repair repairs: with its edits applied, the diagnostic that proposed them is gone. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { checkExample, SPEC, WRONG } from './examples.js';
import { MISTAKES } from './mistakes.js';

type Fix = NonNullable<Diagnostic['fix']>;

/** The text with all edits; throws if they overlap or lie elsewhere. */
function repaired(text: string, fix: Fix): string {
  let result = '';
  let at = 0;
  for (const { span, replacement } of fix) {
    if (span.source !== SPEC || span.start < at || span.end < span.start)
      throw new Error('edits out of order');
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}

const count = ({ diagnostics }: Checked, code: string): number =>
  diagnostics.filter((d) => d.code === code).length;

const cases = [
  ...WRONG.map(({ code, wrong, others }) => ({ name: code, text: wrong, others: others ?? {} })),
  ...Object.entries(MISTAKES).map(([name, text]) => ({ name, text, others: {} })),
];
let repairs = 0;

for (const { name, text, others } of cases) {
  test(`the repairs of ${name}`, () => {
    const before = checkExample({ others }, text);
    for (const d of before.diagnostics) {
      if (!d.fix) continue;
      repairs++;
      const edited = repaired(text, d.fix);
      const after = checkExample({ others }, edited);
      assert.is(count(after, d.code), count(before, d.code) - 1, `${d.message}\n${edited}`);
    }
  });
}

test('many mistakes have a repair', () => {
  assert.ok(repairs >= 20, `only ${repairs} repairs were tried`);
});

test.run();
