/** @file Every ed2l snippet of the pages means what the page says: it checks clean, or draws exactly the codes it is marked with. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderDiagnostics } from '../../compiler/diagnostics/render.js';
import { check } from '../../compiler/check/check.js';
import { completed, fencesOf, readPage } from '../support/pages.js';
import { readerOf } from '../support/specs.js';

const PAGES = ['README.md', 'docs/language.md', 'docs/architecture.md', 'docs/ir.md'];
/** Snippets import beside the specs of the repository. */
const ENTRY = 'specs/snippet.ed2l';

for (const path of PAGES) {
  const page = readPage(path);
  for (const fence of fencesOf(page, 'ed2l')) {
    const expected = fence.words.includes('wrong') ? fence.words.filter((word) => /^ED\d/.test(word)) : [];
    test(`${path}:${fence.line} ${expected.length > 0 ? `draws ${expected.join(', ')}` : 'checks clean'}`, () => {
      const checked = check(ENTRY, { reader: readerOf({ [ENTRY]: completed(page, fence) }) });
      const found = checked.diagnostics.filter((d) => d.severity !== 'note');
      assert.equal(
        [...new Set(found.map((d) => d.code))].sort(),
        expected.sort(),
        renderDiagnostics(found, checked.sources),
      );
    });
  }
}

test('a snippet marked wrong names a code', () => {
  for (const path of PAGES) {
    for (const { words, line } of fencesOf(readPage(path), 'ed2l'))
      assert.is(
        words.includes('wrong'),
        words.some((word) => /^ED\d{4}$/.test(word)),
        `${path}:${line}`,
      );
  }
});

test.run();
