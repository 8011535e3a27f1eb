/** @file Precedence and grouping of every operator, against fully parenthesised forms written by hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExpression } from '../../grammar/parse.js';
import type { Expr } from '../../grammar/syntax.js';

function parsed(text: string): Expr {
  const { expr, problems } = parseExpression(text, 'expr');
  if (expr === undefined) throw new Error(`${text}: ${problems.map((p) => p.message).join(' ')}`);
  return expr;
}

/** Every grouping made visible. */
function grouped(e: Expr): string {
  switch (e.kind) {
    case 'number':
      return e.text;
    case 'string':
      return JSON.stringify(e.value);
    case 'boolean':
      return String(e.value);
    case 'name':
      return e.text;
    case 'list':
      return `[${e.items.map(grouped).join(', ')}]`;
    case 'unary':
      return `(${e.operator} ${grouped(e.operand)})`;
    case 'binary':
      return `(${grouped(e.left)} ${e.operator} ${grouped(e.right)})`;
    case 'is':
      return `(${grouped(e.left)} is ${e.className.text})`;
    case 'in':
      return `(${grouped(e.left)} in {${e.classNames.map((name) => name.text).join(', ')}})`;
    case 'call': {
      const args = e.arguments.map((a) => `${a.name ? `${a.name.text}: ` : ''}${grouped(a.value)}`);
      return `${grouped(e.callee)}(${args.join(', ')})`;
    }
    case 'field':
      return `${grouped(e.object)}.${e.field.text}`;
    case 'pipe':
      return `(${grouped(e.left)} |> ${grouped(e.right)})`;
    case 'as':
      return `(${grouped(e.operand)} as ${e.name.text})`;
  }
}

const TABLE: readonly (readonly [text: string, groups: string])[] = [
  ['-x^2', '(- (x ^ 2))'],
  ['a^b^c', '(a ^ (b ^ c))'],
  ['a^-b^c', '(a ^ (- (b ^ c)))'],
  ['(-x)^2', '((- x) ^ 2)'],
  ['--x', '(- (- x))'],
  ['a * -b', '(a * (- b))'],
  ['a / b * c', '((a / b) * c)'],
  ['a - b - c', '((a - b) - c)'],
  ['a - b + c', '((a - b) + c)'],
  ['a + b * c^d', '(a + (b * (c ^ d)))'],
  ['-a + b', '((- a) + b)'],
  ['2 * f(x).y^2', '(2 * (f(x).y ^ 2))'],
  ['f(a)(b).c.d(e)', 'f(a)(b).c.d(e)'],
  ['a + b < c * d', '((a + b) < (c * d))'],
  ['a == b and c != d', '((a == b) and (c != d))'],
  ['a <= b or c >= d', '((a <= b) or (c >= d))'],
  ['not a == b', '(not (a == b))'],
  ['not a and b', '((not a) and b)'],
  ['not not a', '(not (not a))'],
  ['a or b and not c or d', '((a or (b and (not c))) or d)'],
  ['l is happy and m > 1', '((l is happy) and (m > 1))'],
  ['l is 3', '(l is 3)'],
  ['l in [a, b, 3] or x', '((l in {a, b, 3}) or x)'],
  ['a + b |> f()', '((a + b) |> f())'],
  ['a |> f() |> g()', '((a |> f()) |> g())'],
  ['a |> b as n |> c', '((a |> (b as n)) |> c)'],
  ['a or b as n', '((a or b) as n)'],
  ['f(a |> b as n, k: c |> d)', 'f((a |> (b as n)), k: (c |> d))'],
  ['a - (b - c)', '(a - (b - c))'],
  ['[1, [a |> b], []]', '[1, [(a |> b)], []]'],
  ['f()', 'f()'],
  ['true or false', '(true or false)'],
  ['"a \\"b\\" \\\\ \\n"', '"a \\"b\\" \\\\ \\n"'],
  ['1e-3 + 6.4e1', '(1e-3 + 6.4e1)'],
];

for (const [text, groups] of TABLE) {
  test(`${text} is ${groups}`, () => assert.is(grouped(parsed(text)), groups));
}

test('numbers have their values', () => {
  const values = ['64', '0.5', '1e-3', '6.4e1', '1E+2', '007'].map((text) => {
    const e = parsed(text);
    return e.kind === 'number' ? e.value : NaN;
  });
  assert.equal(values, [64, 0.5, 0.001, 64, 100, 7]);
});

test('any word names an argument or a field', () => {
  const text = 'mean(x, where: l is c, from: 1, in: 2, loss: 3, all: 4) + v.in + v.loss.down';
  const expected = 'mean(x, where: (l is c), from: 1, in: 2, loss: 3, all: 4)';
  assert.is(grouped(parsed(text)), `((${expected} + v.in) + v.loss.down)`);
});

test('contextual words are names, reserved ones are not', () => {
  const contextual =
    'extends on with reset remap using for minimize step repeat every start freeze statistics pretrain test all';
  for (const word of contextual.split(' ')) {
    assert.is(
      grouped(parsed(`${word} * ${word}(${word}: ${word})`)),
      `(${word} * ${word}(${word}: ${word}))`,
    );
  }
  const reserved =
    'import block model data experiment hyper input label noise group loss predict remove train return updates ' +
    'by where avoiding as from of and or not is in';
  for (const word of reserved.split(' ')) {
    assert.ok(parseExpression(`2 * ${word}`, 'e').problems.length > 0, word);
  }
});

test('comparisons do not chain', () => {
  for (const text of ['a < b < c', 'a == b is c', 'a in [b] == c', 'l is a is b']) {
    const { problems } = parseExpression(text, 'e');
    assert.equal(
      problems.map((p) => p.code),
      ['ED1010'],
      text,
    );
  }
  assert.is(grouped(parsed('(a < b) == (c < d)')), '((a < b) == (c < d))');
});

test('spans cover exactly what was written', () => {
  const text = '  a + (b |> f(k: c)) as n ';
  const e = parsed(text);
  const slices: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
    const { span } = value as { span?: { start: number; end: number } };
    if (span) slices.push(text.slice(span.start, span.end));
    for (const [key, child] of Object.entries(value)) if (!key.endsWith('pan')) visit(child);
  };
  visit(e);
  assert.equal(slices, [
    'a + (b |> f(k: c)) as n',
    'a + (b |> f(k: c))',
    'a',
    '(b |> f(k: c))',
    'b',
    'f(k: c)',
    'f',
    'k: c',
    'k',
    'c',
    'n',
  ]);
  assert.ok(e.kind === 'as' && e.operand.kind === 'binary');
  if (e.kind === 'as' && e.operand.kind === 'binary') {
    assert.is(text.slice(e.operand.operatorSpan.start, e.operand.operatorSpan.end), '+');
  }
});

test('parseExpression takes one expression and nothing else', () => {
  const found = (text: string): string[] =>
    parseExpression(text, 'set').problems.map(
      ({ code, span }) => `${code} ${text.slice(span.start, span.end)}`,
    );
  assert.equal(found('0.5 0.6'), ['ED1017 0.6']);
  assert.equal(found(''), ['ED1011 ']);
  assert.equal(found('# nothing'), ['ED1011 #']);
  assert.equal(found('f(1'), ['ED1004 ']);
  assert.equal(found('f(1))'), ['ED1005 )']);
  assert.equal(found('1 +'), ['ED1001 ']);
  assert.equal(found('f(1 2)'), ['ED1003 2']);
  assert.equal(found('"abc'), ['ED1007 "abc']);
  assert.equal(found('a & b'), ['ED1008 &']);
  assert.equal(found('1e999'), ['ED1014 1e999']);
});

test.run();
