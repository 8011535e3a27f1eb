/** @file Diagnostics as text: where the marks stand, whatever the source line is made of. */
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { positionOf, renderDiagnostic, renderDiagnostics } from '../../compiler/diagnostics/render.js';

const at = (text: string, word: string, source = 'a.ed2l'): Diagnostic['span'] => {
  const start = text.indexOf(word);
  return { source, start, end: start + word.length };
};

function rendered(text: string, word: string, more: Partial<Diagnostic> = {}): string[] {
  const d: Diagnostic = { code: 'ED2001', severity: 'error', message: 'no', span: at(text, word), ...more };
  return renderDiagnostic(d, [{ name: 'a.ed2l', text }]).split('\n');
}

/** The part of the source line above the carets, both as printed; for lines of narrow characters. */
function marked(lines: readonly string[]): string {
  const i = lines.findIndex((line) => line.includes('^'));
  const from = lines[i]!.indexOf('^');
  return lines[i - 1]!.slice(from, lines[i]!.lastIndexOf('^') + 1);
}

test('title, place, line, marks and help', () => {
  const text = 'model m {\n  x = yy\n}\n';
  assert.is(
    rendered(text, 'yy', { label: 'here', hint: 'did you mean `y`?' }).join('\n'),
    [
      'error[ED2001]: no',
      ' --> a.ed2l:2:7',
      '2 |   x = yy',
      '  |       ^^ here',
      '  = help: did you mean `y`?',
    ].join('\n'),
  );
});

test('marks stand under their word behind tabs, and with line ends of Windows', () => {
  assert.is(marked(rendered('\tx =\tyy', 'yy')), 'yy');
  const windows = rendered('model m {\r\n  x = yy\r\n}\r\n', 'yy');
  assert.is(marked(windows), 'yy');
  assert.ok(windows.every((line) => !line.includes('\r')));
  assert.is(windows[1], ' --> a.ed2l:2:7');
});

test('wide characters take two columns, combining marks none', () => {
  // 日本 is four columns wide; e and its accent one.
  assert.is(rendered('# 日本 yy', 'yy')[3], '  |        ^^');
  assert.is(rendered('# e\u0301 yy', 'yy')[3], '  |     ^^');
  assert.is(rendered('# 😀 yy', 'yy')[3], '  |      ^^');
});

test('a control character of the source does not reach the terminal', () => {
  const lines = rendered('x \u001b[31m yy', 'yy');
  assert.ok(lines.every((line) => !/\p{Cc}/u.test(line)));
  assert.is(marked(lines), 'yy');
});

test('the end of the text, an empty text and an empty place have one mark', () => {
  const end = (text: string): string[] =>
    renderDiagnostic(
      {
        code: 'ED1001',
        severity: 'error',
        message: 'no',
        span: { source: 'a', start: text.length, end: text.length },
      },
      [{ name: 'a', text }],
    ).split('\n');
  assert.equal(end('model m').slice(1), [' --> a:1:8', '1 | model m', '  |        ^']);
  assert.equal(end('').slice(1), [' --> a:1:1', '1 | ', '  | ^']);
  assert.equal(end('x\n').slice(1), [' --> a:2:1', '2 | ', '  | ^']);
});

test('a place over several lines is marked to the end of its first line', () => {
  const text = 'x = f(\n  a)';
  const lines = rendered(text, 'f(\n  a)');
  assert.is(marked(lines), 'f(');
});

test('several places in one file: lines in order, distance shown, the primary one distinguished', () => {
  const text = Array.from({ length: 12 }, (_, i) => `line${i + 1}`).join('\n');
  const lines = rendered(text, 'line10', {
    labels: [
      { span: at(text, 'line2'), message: 'one' },
      { span: at(text, 'line9'), message: 'two' },
    ],
  });
  assert.equal(lines.slice(1), [
    '  --> a.ed2l:10:1',
    ' 2 | line2',
    '   | ----- one',
    '...',
    ' 9 | line9',
    '   | ----- two',
    '10 | line10',
    '   | ^^^^^^',
  ]);
});

test('places in several files: each with its own excerpt, the primary file first', () => {
  const sources = [
    { name: 'a.ed2l', text: 'x' },
    { name: 'b.ed2l', text: 'y y' },
  ];
  const d: Diagnostic = {
    code: 'ED2002',
    severity: 'warning',
    message: 'twice',
    span: { source: 'b.ed2l', start: 2, end: 3 },
    labels: [{ span: { source: 'a.ed2l', start: 0, end: 1 }, message: 'first' }],
  };
  assert.is(
    renderDiagnostic(d, sources),
    'warning[ED2002]: twice\n --> b.ed2l:1:3\n1 | y y\n  |   ^\n --> a.ed2l:1:1\n1 | x\n  | - first',
  );
});

test('a file that could not be read is only named', () => {
  const d: Diagnostic = {
    code: 'ED2005',
    severity: 'error',
    message: 'no',
    span: { source: 'gone', start: 0, end: 0 },
  };
  assert.is(renderDiagnostic(d, []), 'error[ED2005]: no\n  --> gone');
});

test('colour adds escapes and nothing else; without it there are none', () => {
  const text = 'x = yy';
  const d: Diagnostic = {
    code: 'ED2001',
    severity: 'error',
    message: 'no',
    span: at(text, 'yy'),
    label: 'here',
    labels: [{ span: at(text, 'x'), message: 'there' }],
    hint: 'help',
  };
  const sources = [{ name: 'a.ed2l', text }];
  const plain = renderDiagnostics([d], sources);
  const colored = renderDiagnostics([d], sources, { color: true });
  assert.not.ok(plain.includes('\u001b'));
  assert.ok(colored.includes('\u001b['));
  assert.is(stripVTControlCharacters(colored), plain);
});

test('the count at the end names each severity once', () => {
  const of = (severity: Diagnostic['severity'], start: number): Diagnostic => ({
    code: 'ED2001',
    severity,
    message: 'no',
    span: { source: 'a', start, end: start + 1 },
  });
  const sources = [{ name: 'a', text: 'abcd' }];
  const last = (...ds: Diagnostic[]): string => renderDiagnostics(ds, sources).trimEnd().split('\n').at(-1)!;
  assert.is(last(of('error', 0)), '1 error');
  assert.is(
    last(of('error', 0), of('error', 1), of('warning', 2), of('note', 3)),
    '2 errors, 1 warning, 1 note',
  );
  assert.is(renderDiagnostics([], sources), '');
});

test('lines and columns count from 1', () => {
  assert.equal(positionOf('ab\ncd', 0), { line: 1, column: 1 });
  assert.equal(positionOf('ab\ncd', 2), { line: 1, column: 3 });
  assert.equal(positionOf('ab\ncd', 3), { line: 2, column: 1 });
  assert.equal(positionOf('ab\ncd', 5), { line: 2, column: 3 });
});

test('of a very long line only what stands around the mark is shown', () => {
  const text = `${'a'.repeat(50_000)} yy ${'b'.repeat(50_000)}`;
  const d: Diagnostic = { code: 'ED2001', severity: 'error', message: 'm', span: at(text, 'yy') };
  const shown = renderDiagnostics([d], [{ name: 'a.ed2l', text }]);
  assert.ok(shown.length < 1500, String(shown.length));
  const [, , line, mark] = shown.split('\n');
  assert.is(mark!.indexOf('^'), line!.indexOf('yy'));
});

test.run();
