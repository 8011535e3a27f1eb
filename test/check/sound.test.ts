/** @file A damaged declaration hides neither the mistakes of others nor lends them mistakes they do not have. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkText } from '../support/specs.js';

const model = (name: string, value: string, more = ''): string =>
  `model ${name} { input x : vector[4] group g = dense(3) loss l = ${value} updates g train { minimize l using adam() } ${more}}\n`;
const SOUND = model('sound', 'mean(g(x))');
/** Does not parse. */
const DAMAGED = model('damaged', 'mean(g(x)', 'hyper k = 1 ');
const WRONG = model('wrong', 'mean(g(z))');

const codes = (text: string, others: Record<string, string> = {}): string[] =>
  checkText(text, {}, others).diagnostics.map((d) => d.code);

test('a mistake of syntax in one declaration, and one of names in another, are told together', () => {
  const { diagnostics, models } = checkText(DAMAGED + WRONG + SOUND);
  assert.equal(
    diagnostics.map((d) => d.code),
    ['ED1004', 'ED2001'],
  );
  assert.equal([...models.keys()], ['sound']);
});

test('what needs a damaged declaration is left alone, however far away', () => {
  const child =
    'model child extends damaged { loss l = nothing }\nmodel grandchild extends child { hyper k = nothing }\n';
  assert.equal(codes(DAMAGED + child), ['ED1004']);
  const block = 'block b(n) = dense(n,)\nblock c(n) = b(n) |> nothing()\n';
  const user = 'model m { input x : vector[4] group g = c(3) loss l = nothing updates g }\n';
  assert.equal(codes(block + user), ['ED1006']);
  const experiment = 'data d { source synthetic_faces() }\nexperiment e { model damaged train on d }\n';
  assert.equal(codes(DAMAGED + experiment), ['ED1004']);
});

test('what no declaration accounts for leaves everything unchecked', () => {
  assert.equal(codes(`3 + 4\n${WRONG}`), ['ED1001']);
  assert.equal(codes(`block b(n) = dense(n\n${WRONG}`), ['ED1004']);
});

test('a damaged import concerns those who use it', () => {
  const imports = 'import { b } from "./other.ed2l"\n';
  const user = 'model m { input x : vector[4] group g = b(3) loss l = nothing updates g }\n';
  const others = {
    'other.ed2l': 'import third from "./third.ed2l"\nblock b(n) = dense(n)\n',
    'third.ed2l': 'block t( = 3\n',
  };
  const found = codes(imports + user + WRONG, others);
  assert.is(found.filter((code) => code === 'ED2001').length, 1);
  assert.ok(found.some((code) => code.startsWith('ED1')));
  assert.equal(codes(imports + user + WRONG), ['ED2005', 'ED2001']);
});

test('a value of --set that does not parse leaves everything unchecked', () => {
  const { diagnostics } = checkText(WRONG, { k: '1 +' });
  assert.equal(
    diagnostics.map((d) => d.span.source),
    ['--set k'],
  );
});

test.run();
