/** @file The results on pages are those of the committed files. `UPDATE_GOLDENS=1` rewrites them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGES, withResults } from '../../bench/pages.js';

for (const path of PAGES) {
  test(`${path} shows what is in the file that it names`, () => {
    const page = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
    assert.match(page, /^<!-- made from bench\/results\/\w+\.json -->\n(?:[\s\S]*?\n)?<!-- until here -->$/m);
    const made = withResults(path, page);
    if (process.env['UPDATE_GOLDENS'] && !process.env['CI']) writeFileSync(path, made);
    else assert.fixture(page, made);
  });
}

test.run();
