/** @file Diagnostics for programs: the JSON form, the order, and what becomes of a fault of the compiler. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { diagnosticToJson } from '../../compiler/diagnostics/json.js';
import { Report, sortDiagnostics } from '../../compiler/diagnostics/report.js';
import { FUNCTIONS } from '../../compiler/elaborate/functions.js';
import { check } from '../../compiler/check/check.js';
import { checkText, readerOf } from '../support/specs.js';
import { checkExample, WRONG } from './examples.js';

test('one object with every field, places as lines and columns', () => {
  const text = 'model m {\n  loss l = x\n    updatse g\n}\n';
  const { diagnostics, sources } = checkText(text);
  const [d] = diagnostics.map((one) => JSON.parse(JSON.stringify(diagnosticToJson(one, sources))) as unknown);
  const word = { file: 'test.ed2l', line: 3, column: 5, endLine: 3, endColumn: 12 };
  assert.equal(d, {
    version: 1,
    code: 'ED1002',
    severity: 'error',
    message: '`updatse` is not a word of the language here; did you mean `updates`?',
    ...word,
    label: null,
    labels: [],
    hint: 'write `updates`',
    fix: [{ ...word, replacement: 'updates' }],
  });
});

test('labels and places over several lines', () => {
  const span = { source: 'a', start: 1, end: 4 };
  const d: Diagnostic = {
    code: 'ED3001',
    severity: 'error',
    message: 'm',
    span,
    label: 'x',
    labels: [{ span, message: 'y' }],
  };
  const place = { file: 'a', line: 1, column: 2, endLine: 2, endColumn: 2 };
  const json = diagnosticToJson(d, [{ name: 'a', text: 'ab\ncd' }]);
  assert.equal(json.labels, [{ ...place, message: 'y' }]);
  assert.is(json.label, 'x');
  assert.equal([json.endLine, json.endColumn, json.hint, json.fix], [2, 2, null, []]);
  assert.equal(diagnosticToJson(d, []).endColumn, 1);
});

test('every diagnostic of the examples fits on one line of JSON', () => {
  for (const entry of WRONG) {
    const { diagnostics, sources } = checkExample(entry, entry.wrong);
    for (const d of diagnostics) {
      const line = JSON.stringify(diagnosticToJson(d, sources));
      assert.not.match(line, /\n/);
      assert.is((JSON.parse(line) as { code: string }).code, d.code);
    }
  }
});

test('the order is by file, then place, then severity, then code, however they were found', () => {
  const of = (source: string, start: number, severity: Diagnostic['severity'], code: string): Diagnostic => ({
    code,
    severity,
    message: 'm',
    span: { source, start, end: start + 1 },
  });
  const sorted = [
    of('b', 0, 'error', 'ED2001'),
    of('b', 7, 'error', 'ED2001'),
    of('b', 7, 'error', 'ED3001'),
    of('b', 7, 'warning', 'ED2020'),
    of('b', 7, 'note', 'ED2019'),
    of('a', 3, 'error', 'ED2001'),
    of('unread', 0, 'error', 'ED2005'),
  ];
  for (let turn = 0; turn < sorted.length; turn++) {
    const turned = [...sorted.slice(turn), ...sorted.slice(0, turn)].reverse();
    assert.equal(sortDiagnostics(turned, ['b', 'a']), sorted);
  }
});

test('one finding is told once, and several findings of one run all', () => {
  const report = new Report();
  const span = { source: 'a', start: 0, end: 1 };
  report.error('ED2001', span, 'm');
  report.error('ED2001', span, 'm', { hint: 'h' });
  report.error('ED2001', span, 'another');
  assert.is(report.diagnostics.length, 2);
  const { diagnostics } = checkText(
    'model m { input x : vector[4] label y : class[3] group g = dence(3) group h = dense(0) loss l = mean(x) train { minimize l using adm() } }',
  );
  assert.equal([...new Set(diagnostics.map((d) => d.code))], ['ED2001', 'ED3009', 'ED4001', 'ED5013']);
});

test('a fault of the compiler becomes a diagnostic that asks for a report', () => {
  const report = new Report();
  const span = { source: 'a', start: 2, end: 3 };
  const fault = (): never => {
    throw new RangeError('too deep');
  };
  assert.is(report.guard(span, fault), undefined);
  assert.is(
    report.guard(span, () => report.fail('ED2001', span, 'told already')),
    undefined,
  );
  assert.is(
    report.guard(span, () => 3),
    3,
  );
  const [first, second] = report.diagnostics;
  assert.equal([first!.code, first!.span, second!.code], ['ED9001', span, 'ED2001']);
  assert.match(first!.message, /too deep/);
  assert.match(first!.hint!, /report it/);
});

test('a fault in one model leaves the others checked', () => {
  const functions = FUNCTIONS as Record<string, unknown>;
  const { relu } = functions;
  functions['relu'] = () => {
    throw new TypeError('no such thing');
  };
  try {
    const model = (name: string, layers: string): string =>
      `model ${name} { input x : vector[4] group g = ${layers} loss l = mean(g(x)) updates g train { minimize l using adam() } }`;
    const checked = checkText([model('a', 'dense(3) |> relu()'), model('b', 'dense(3)')].join('\n'));
    assert.equal(
      checked.diagnostics.map((d) => [d.code, d.span.start]),
      [['ED9001', 6]],
    );
    assert.equal([...checked.models.keys()], ['b']);
  } finally {
    functions['relu'] = relu;
  }
});

test('an import that cannot be read is told at the import', () => {
  const files = readerOf({ 'test.ed2l': 'import other from "./folder"\nblock b() = dense(3)\n' });
  const { diagnostics } = check('test.ed2l', {
    reader: (path, from) => {
      if (from !== null) throw new Error('folder is a folder');
      return files(path, from);
    },
  });
  assert.equal(
    diagnostics.map((d) => [d.code, d.span.start, d.span.end]),
    [['ED2005', 18, 28]],
  );
  assert.match(diagnostics[0]!.message, /folder is a folder/);
});

test.run();
