/** @file Blocks `text output COMMAND` show what the command prints. `UPDATE_GOLDENS=1` rewrites them on their pages. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fencesOf, readPage, rewriteBlocks } from '../support/pages.js';
import { ED2LC } from '../support/command-line.js';

const PAGES = ['README.md', 'examples/README.md', 'docs/language.md'];

/** Standard output of an `ed2lc` command line without quotes. */
function outputOf(command: string): string {
  const [program, ...args] = command.split(' ');
  assert.is(program, 'ed2lc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [ED2LC, ...args], {
    encoding: 'utf8',
  });
  assert.is(status, args[0] === 'diff' ? 1 : 0, stderr);
  return stdout;
}

for (const path of PAGES) {
  rewriteBlocks(path, 'output', outputOf);
  for (const { words, body, line } of fencesOf(readPage(path), 'text', 'output')) {
    const command = words.slice(2).join(' ');
    test(`${path}:${line} is the output of ${command}`, () => assert.fixture(outputOf(command), body));
  }
}

test.run();
