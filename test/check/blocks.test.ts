/** @file Blocks: names, cycles and what is not yet supported are found in every block of the file, called or not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkSmall, found } from '../support/small.js';
import { checkText, modelOf } from '../support/specs.js';

const inBlock = (text: string): string[] => found(checkText(text));

test('a block that nothing calls is checked for its names', () => {
  assert.equal(inBlock('block b(n) = conv(m)'), ['ED2001 m']);
  assert.equal(inBlock('block b(n = k) = conv(n)'), ['ED2001 k']);
  assert.equal(inBlock('block b(n)(x) { y = conv(n)(w) return y }'), ['ED2001 w']);
  assert.equal(inBlock('block b(n, n) = conv(n)'), ['ED2002 n']);
  assert.equal(inBlock('block b(n)(x) { x = relu() return x }'), ['ED2002 x']);
  assert.equal(inBlock('block b(relu) = conv(relu)'), ['ED2003 relu']);
  assert.equal(inBlock('block b(c) = conv(c)\nblock c() = conv(1)'), ['ED2003 c']);
});

test('words of arguments are no names', () => {
  assert.equal(
    inBlock(`block b(n)(x) =
      x |> conv(n, pad: half) |> max_pool(2, stride: size) |> softmax(channels) |> normalize(axis: rest)
        |> resize(4, 4, method: nearest) |> flatten() |> cosine_dense(n, normalize: weights)`),
    [],
  );
});

test('blocks that need each other', () => {
  const cycle = checkText('block a() = b()\nblock b() = c() |> relu()\nblock c() = a()');
  assert.equal(found(cycle), ['ED2004 a']);
  assert.match(cycle.diagnostics[0]!.message, /`a` needs `b` needs `c` needs `a`/);
  assert.equal(inBlock('block a() = a()'), ['ED2004 a']);
});

test('bindings that need each other', () => {
  assert.equal(inBlock('block a()(x) { p = q |> relu() q = p |> relu() return p }'), ['ED2004 p']);
});

test('bindings may stand in any order, and paths do not depend on it', () => {
  const paths = (body: string): string[] => {
    const checked = checkSmall(
      'group g = flatten() |> b() |> dense(3)\n q = z.last\n loss k = mean(q) updates all\ntrain { minimize l + k using sgd(0.1) }',
      `block b()(x) { ${body} return last }`,
    );
    return modelOf(checked, 'm').groups.flatMap((g) => g.parameters.map((p) => p.path));
  };
  const first = 'first = dense(4)(x)';
  const last = 'last = dense(4)(relu(first))';
  const one = 'last = prelu()(first)';
  assert.equal(paths(`${first} ${last}`).sort(), paths(`${last} ${first}`).sort());
  assert.equal(paths(`${first} ${one}`).sort(), paths(`${one} ${first}`).sort());
  assert.ok(paths(`${one} ${first}`).includes('g.b.last.slope'));
});

test('what is not yet supported is told in blocks too', () => {
  assert.equal(inBlock('block b() = conv3d(2)'), ['ED8001 conv3d']);
  assert.equal(inBlock('block b()(x) = gradient(x, wrt: x)'), ['ED8001 gradient']);
});

test('a library file is blocks and imports only', () => {
  assert.ok(checkText('block a() = relu()').isLibrary);
  assert.not(checkText('data d { source folder("a") }').isLibrary);
});

test.run();
