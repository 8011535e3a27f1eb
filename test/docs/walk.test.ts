/** @file The printed stages in docs/architecture.md are what the compiler prints today. `UPDATE_GOLDENS=1` rewrites them on the page. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fencesOf, readPage, rewriteBlocks } from '../support/pages.js';
import { walk } from '../support/walk.js';

const PATH = 'docs/architecture.md';
const stages = walk();
rewriteBlocks(PATH, 'walk', (name) => stages[name]);
const shown = new Map(fencesOf(readPage(PATH), 'text', 'walk').map(({ words, body }) => [words[2]!, body]));

for (const [name, text] of Object.entries(stages)) {
  test(`the page shows the stage ${name} as it is`, () => {
    assert.ok(shown.has(name), `${PATH} has no block \`text walk ${name}\``);
    assert.fixture(`${text.trimEnd()}\n`, shown.get(name)!);
  });
}

test('the page shows no stage that is not there', () => {
  assert.equal(
    [...shown.keys()].filter((name) => stages[name] === undefined),
    [],
  );
});

test.run();
