/** @file What nobody should write ends with a diagnostic, soon, and never with an exception. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checked } from '../../compiler/check/check.js';
import { checkSmall, found, small } from '../support/small.js';
import { checkText, errorsOf } from '../support/specs.js';
import { processorTime } from '../support/processor-time.js';

/** Milliseconds of processor time: what grows beyond all bounds takes hours. */
const LIMIT = 30_000;

function timed(work: () => Checked): Checked {
  const took = processorTime();
  const checked = work();
  assert.ok(took() < LIMIT, `took ${took()} ms`);
  assert.is(
    checked.diagnostics.find((d) => d.code.startsWith('ED9')),
    undefined,
  );
  return checked;
}

test('numbers too large or too small for a double', () => {
  assert.equal(found(timed(() => checkSmall('hyper a = 1e400\nz = a * g(x)'))), ['ED1014 1e400']);
  for (const tiny of ['1e-400', '1e-99999', '0e99999', `0.${'0'.repeat(5000)}1`])
    assert.equal(found(timed(() => checkSmall(`hyper a = ${tiny}\nz = a + g(x)`))), [], tiny);
  for (const [large, where] of [
    ['10^400', '10^400'],
    ['1e300 * 1e300', '1e300 * 1e300'],
    ['exp(1000)', 'exp(1000)'],
    ['1 / 0', '1 / 0'],
    ['(0 - 8)^0.5', '(0 - 8)^0.5'],
    ['log(0)', 'log(0)'],
  ])
    assert.equal(found(timed(() => checkSmall(`hyper a = ${large}\nz = a * g(x)`))), [`ED3025 ${where}`]);
});

test('long chains of exact products are rounded, not carried for ever', () => {
  const squares = Array.from({ length: 60 }, (_, i) => `hyper h${i + 1} = h${i} * h${i}`).join('\n');
  assert.equal(found(timed(() => checkSmall(`hyper h0 = 1 - 1 / 3e9\n${squares}\nz = h60 * g(x)`))), []);
});

test('repetitions that would never end', () => {
  const expands = (group: string, before = ''): void => {
    const checked = timed(() => checkSmall(`group g = ${group} |> flatten() |> dense(3)`, before));
    assert.equal(
      checked.diagnostics.map((d) => d.code),
      ['ED3027'],
    );
  };
  expands('repeat(1e9, conv(2))');
  expands('repeat(9007199254740991, relu())');
  expands('repeat(1000, repeat(1000, relu()))');
  expands('many()', 'block many()(x) { l = relu() a = repeat(999, l) b = repeat(999, a) return b(x) }');
  const doubled = Array.from({ length: 40 }, (_, i) => `  l${i + 1} = l${i} |> l${i}`).join('\n');
  expands('twice()', `block twice()(x) {\n  l0 = relu()\n${doubled}\n  return l40(x)\n}`);
});

test('blocks in blocks in blocks', () => {
  const chain = Array.from({ length: 3000 }, (_, i) => `block b${i}() = b${i + 1}()`).join('\n');
  const checked = timed(() =>
    checkSmall('group g = b0() |> flatten() |> dense(3)', `${chain}\nblock b3000() = relu()`),
  );
  assert.equal(
    checked.diagnostics.map((d) => d.code),
    ['ED3027'],
  );
});

test('ten thousand lines, each of which needs the next', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `  v${i} = v${i + 1} + 1`).join('\n');
  const checked = timed(() => checkSmall(`${lines}\nv10000 = z\nloss l = mean(v0) updates g`));
  assert.equal(found(checked), []);
});

test('a block of thousands of bindings, each of which needs the next', () => {
  const lines = Array.from({ length: 4000 }, (_, i) => `  v${i} = v${i + 1} + 1`).join('\n');
  const block = `block long()(v) {\n${lines}\n  v4000 = v\n  return v0\n}`;
  assert.equal(found(timed(() => checkSmall('z = long()(g(x))', block))), []);
});

test('ten thousand lines that need each other in a circle', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `  v${i} = v${(i + 1) % 10_000} + 1`).join('\n');
  const checked = timed(() => checkSmall(lines));
  assert.equal(found(checked), ['ED2004 v0']);
});

test('hundreds of groups, losses and stops', () => {
  const parts = Array.from(
    { length: 500 },
    (_, i) => `  group g${i} = dense(2)\n  z${i} = g${i}(stop(z))\n  loss l${i} = mean(z${i}) updates g${i}`,
  ).join('\n');
  const sum = Array.from({ length: 500 }, (_, i) => `l${i}`);
  const train = `train {\n${Array.from({ length: 10 }, (_, i) => `step s${i} { minimize ${sum.slice(i * 50, i * 50 + 50).join(' + ')} using sgd(0.1) }`).join('\n')}\n step s { minimize l using sgd(0.1) } }`;
  assert.equal(errorsOf(timed(() => checkSmall(`${parts}\n${train}`))), []);
});

test('sizes beyond every memory are still sizes', () => {
  timed(() => checkText(small('input x : image[9007199254740991, 9007199254740991, 3]')));
  timed(() => checkSmall('group g = flatten() |> dense(9007199254740991) |> dense(3)'));
});

test.run();
