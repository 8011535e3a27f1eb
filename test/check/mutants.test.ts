/** @file Damaged specs never make the checker throw, hang, or point outside the text; what it still accepts compiles. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check } from '../../compiler/check/check.js';
import { compileModel } from '../../compiler/program.js';
import { judged, much, own, published, SMALL } from '../support/mutant-specs.js';
import { Mutants, type Source } from '../support/mutants.js';
import { readerOf } from '../support/specs.js';
import { processorTime } from '../support/processor-time.js';

const COUNT = 5000;
/** Longest time one text of a few kilobytes may take, in milliseconds of the processor. */
const LIMIT = 5000;

/** Checks a text and everything said about it; true if it is still a sound spec. */
function isSound(source: Source): boolean {
  const spent = processorTime();
  const { diagnostics } = judged(source);
  const took = spent();
  assert.ok(took < LIMIT, `took ${took} ms:\n${source.text}`);
  return diagnostics.every((d) => d.severity !== 'error');
}

test('the undamaged texts are sound, or not yet supported', () => {
  assert.ok(isSound(much));
  for (const source of own) assert.ok(isSound(source), source.name);
});

test(`${COUNT} mutants`, () => {
  const mutants = new Mutants(20260101, [...published, ...own, ...Array.from({ length: 6 }, () => much)]);
  let sound = 0;
  for (let i = 0; i < COUNT; i++) if (isSound(i % 2 === 0 ? mutants.confused() : mutants.damaged())) sound++;
  // Some changes are harmless; if most were, the mutants would test little.
  assert.ok(sound > COUNT / 100 && sound < COUNT / 3, `${sound} are sound`);
});

test('mutants that are still sound compile', () => {
  const mutants = new Mutants(20260102, [much]);
  let compiled = 0;
  for (let i = 0; i < 150; i++) {
    const { name, text } = mutants.confused();
    const { models } = check(name, { reader: readerOf({ ...SMALL, [name]: text }) });
    for (const model of models.values()) {
      compileModel(model, { verify: true });
      compiled++;
    }
  }
  assert.ok(compiled > 10, `${compiled} compiled`);
});

test.run();
