/** @file Every spec of the repository, and every snippet that is a whole text, stands in the layout of the formatter. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { format } from '../../grammar/format/format.js';
import { fencesOf, readPage } from '../support/pages.js';

const SKIPPED = ['node_modules', 'dist'];

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name.startsWith('.') || SKIPPED.includes(entry.name) ? [] : filesBelow(path, ending);
    return path.endsWith(ending) ? [path] : [];
  });
}

test('specs are left as they are', () => {
  const files = filesBelow('.', '.ed2l');
  assert.ok(files.length > 20);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    assert.is(format(text, file).text, text, file);
  }
});

test('so are the snippets of the pages', () => {
  let whole = 0;
  for (const path of ['README.md', ...filesBelow('docs', '.md')]) {
    for (const { body, line } of fencesOf(readPage(path), 'ed2l')) {
      const { text } = format(body, path);
      if (text === undefined) continue;
      whole++;
      assert.is(text, body, `${path}:${line}`);
    }
  }
  assert.ok(whole > 100, `${whole}`);
});

test.run();
