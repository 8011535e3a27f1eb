/** @file `npm run rehearse` in miniature: every step to the page, on which no figure and no table stands without its stamp; and what it refuses. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elementsOf } from '../support/report.js';

/** Of these tables there are only the paper's own numbers, with no run beside them. */
const PUBLISHED = /paper-[345]/;

const folder = mkdtempSync(join(tmpdir(), 'ed2lc-rehearsal-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function rehearse(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['dist/cli/rehearse/rehearse.js', ...args], {
    env: { ...process.env, ED2LC_CACHE: join(folder, 'cache') },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

test('words that mean nothing are refused before anything is drawn', async () => {
  const place = join(folder, 'refused');
  for (const [code, text, ...args] of [
    [2, /unknown option '--peeple'/, '--peeple', '3'],
    [2, /--people/, '--people', '3'],
    [2, /Allowed choices are auto/, '--engine', 'abacus'],
    [2, /Allowed choices are ck_plus_ed2l/, '--only', 'paper'],
    [2, /Write name=value/, '--set', 'passes'],
    [3, /ED\d{4}[^]*`passess`/, '--set', 'passess=1'],
  ] as const) {
    const ended = await rehearse(place, ...args);
    assert.is(ended.code, code, ended.output);
    assert.match(ended.output, text);
    assert.not.match(ended.output, /\n +at /, 'a stack trace');
  }
  assert.not.ok(existsSync(join(place, 'data', 'ck_plus')));
});

test('from drawn databases to the page', async () => {
  const place = join(folder, 'whole');
  const small = ['passes=1', 'filters=2', 'features=8'].flatMap((setting) => ['--set', setting]);
  // With pretraining, and with every kind of figure.
  const whole = await rehearse(place, '--people', '6', '--only', 'ck_plus_ed2l_finetuned', ...small);
  assert.is(whole.code, 0, whole.output);
  const html = readFileSync(join(place, 'report.html'), 'utf8');
  const elements = elementsOf(html.replace('<!doctype html>\n', ''));
  const stamped = (name: string): number => {
    const own = elements.filter((e) => e.name === name && !PUBLISHED.test(e.attributes.get('id') ?? ''));
    for (const { attributes, inside } of own)
      assert.match(inside, />rehearsal, not evidence[ <]/, `${name} ${attributes.get('id')}`);
    return own.length;
  };
  const [figures, tables] = [stamped('figure'), stamped('table')];
  assert.ok(figures > 8 && tables > figures, `${figures} figures, ${tables} tables`);
  for (const text of [/Table 2 of the paper/, /Fresh classifiers|fresh classifiers/, /one hidden layer/])
    assert.match(html, text);
  assert.not.match(html, /Left out:/);
  const tablesAlone = readdirSync(join(place, 'report-data', 'tables'));
  for (const table of tablesAlone.filter((name) => !PUBLISHED.test(name)))
    for (const line of readFileSync(join(place, 'report-data', 'tables', table), 'utf8')
      .trim()
      .split('\r\n')
      .slice(1))
      assert.match(line, /rehearsal, not evidence/, table);
});

test.run();
