/** @file The pages made from the code are those that are committed. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GENERATED } from '../../docs/generated.js';

for (const [path, text] of Object.entries(GENERATED)) {
  test(`${path} is as \`npm run docs\` writes it`, () => {
    assert.fixture(readFileSync(path, 'utf8').replaceAll('\r\n', '\n'), text());
  });
}

test.run();
