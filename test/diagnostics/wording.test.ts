/** @file Whatever is said of a damaged spec is a sentence of the house style and can be shown, as text and as JSON. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnosticToJson } from '../../compiler/diagnostics/json.js';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { Mutants } from '../support/mutants.js';
import { checkExample, SPEC, WRONG } from './examples.js';
import { MISTAKES } from './mistakes.js';

const COUNT = 1200;
/** A text without anything to damage, and one that takes long. */
const UNFIT = ['ED1011', 'ED3027'];

const corpus = [
  ...WRONG.filter(({ code, others }) => !others && !UNFIT.includes(code)).flatMap(({ wrong, right }) => [
    wrong,
    right ?? wrong,
  ]),
  ...Object.values(MISTAKES),
].map((text) => ({ name: SPEC, text }));

test(`what is said of ${COUNT} damaged specs`, () => {
  const mutants = new Mutants(20190826, corpus);
  const drawn = new Set<string>();
  for (let i = 0; i < COUNT; i++) {
    const { text } = i % 3 === 0 ? mutants.damaged() : mutants.confused();
    const { diagnostics, sources } = checkExample({}, text);
    assert.not.match(renderDiagnostics(diagnostics, sources), /undefined|NaN|\[object|\n\s+at /, text);
    for (const d of diagnostics) {
      drawn.add(d.code);
      for (const said of [d.message, d.hint, d.label, ...(d.labels ?? []).map((label) => label.message)]) {
        if (said !== undefined) assert.match(said, /^[^A-Z\s].*[^.\s]$/s, `${said}\n${text}`);
      }
      assert.is(diagnosticToJson(d, sources).message, d.message);
    }
  }
  assert.ok(drawn.size > 60, `only ${drawn.size} codes were drawn`);
});

test.run();
