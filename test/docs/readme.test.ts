/** @file What README.md says of commands, exit codes, scripts and the three-line golden test holds. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT } from '../../cli/exit-codes.js';
import { ED2LC } from '../support/command-line.js';
import { fencesOf, readPage } from '../support/pages.js';

const page = readPage('README.md');
const { scripts, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly version: string;
};

/** First cells of the tables' rows. */
const rows = [...page.text.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => cell!);

test('the commands are those of ed2lc', () => {
  const { stdout } = spawnSync(process.execPath, [ED2LC, '--help'], { encoding: 'utf8' });
  const known = [...stdout.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!);
  const listed = rows.flatMap((cell) => /^`ed2lc (\w+)/.exec(cell)?.[1] ?? []);
  assert.equal(listed.sort(), known.filter((name) => name !== 'help').sort());
});

test('the exit codes are those of ed2lc', () => {
  const [, further] = /^\| 130 \| interrupted \((.+?)\)/m.exec(page.text)!;
  const listed = [
    ...rows.filter((cell) => /^\d+$/.test(cell)),
    ...[...further!.matchAll(/(\d+): /g)].map(([, code]) => code),
  ];
  const ascending = (codes: readonly number[]): number[] => [...codes].sort((a, b) => a - b);
  assert.equal(ascending(listed.map(Number)), ascending(Object.values(EXIT)));
});

test('the two commands are an install and a script that exists', () => {
  const commands = fencesOf(page, 'sh').map(({ body }) => body.trim());
  assert.equal(commands, ['npm ci && npm run demo', 'npm ci && npm test']);
  assert.ok(scripts['demo'] && scripts['test']);
});

test('the three lines pass on what they pinned, and fail when a route changes', () => {
  const [fence] = fencesOf(page, 'js', 'golden');
  const lines = fence!.body.trim().split('\n');
  assert.is(lines.length, 3);
  const folder = mkdtempSync(join(tmpdir(), 'ed2lc-readme-'));
  // Beside the compiled code, where the name ed2lc resolves to it.
  const script = resolve(`dist/golden-${process.pid}.mjs`);
  const spec = readFileSync('examples/two_losses.ed2l', 'utf8');
  const changed = spec.replace('updates painter ', 'updates painter, encoder ');
  writeFileSync(
    script,
    `import assert from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { check, compile, fileReader, printProgram } from 'ed2lc';
const golden = () => {\n${lines.join('\n')}\n};
const pin = () => {\n${lines.slice(0, 2).join('\n')}\nwriteFileSync('model.golden', printed);\n};
writeFileSync('model.ed2l', ${JSON.stringify(spec)});
pin();
golden();
writeFileSync('model.ed2l', ${JSON.stringify(changed)});
assert.throws(golden, assert.AssertionError);
`,
  );
  try {
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' });
    assert.is(status, 0, stderr);
  } finally {
    rmSync(script, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the changelog speaks of this version', () => {
  assert.match(readFileSync('CHANGELOG.md', 'utf8'), `\n## ${version} `);
});

test.run();
