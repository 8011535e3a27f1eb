/** @file Shapes and types: alignment of operands, layers on what they cannot read, labels, predictions, arguments and their ranges. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatType } from '../../compiler/graph/graph.js';
import { checkSmall, found, textOf } from '../support/small.js';
import { modelOf } from '../support/specs.js';

const told = (lines: string, before = ''): string[] => found(checkSmall(lines, before));
/** The type of a value; the group keeps its usual loss. */
function typeOf(expr: string, lines = ''): string {
  const checked = checkSmall(`${lines}\nv = ${expr}\ntrain { minimize l using sgd(0.1) log mean(v) }`);
  const model = modelOf(checked, 'm');
  return formatType(model.graph.values[model.values.find((v) => v.name === 'v')!.value]!);
}

test('sizes align from the right behind the batch', () => {
  const lines = 'input a : tensor[4, 3]\ninput b : vector[3]\ninput c : tensor[5, 1, 3]\ninput n : tensor';
  assert.is(typeOf('a + b', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('b * a', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('a - c', lines), 'f32[batch, 5, 4, 3]');
  assert.is(typeOf('a / n', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('c + n', lines), 'f32[batch, 5, 1, 3]');
  assert.is(typeOf('norm(a) * a', lines), 'f32[batch, 4, 3]');
  // Without a batch: spread over it.
  assert.is(typeOf('a - mean(a, axis: batch)', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('b + mean(a, axis: batch)', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('mean(a, axis: batch) + mean(b, axis: batch)', lines), 'f32[4, 3]');
  assert.is(typeOf('select(norm(b) > 1, a, b)', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('select(a > 0, norm(b), 0)', lines), 'f32[batch, 4, 3]');
  assert.is(typeOf('number(a > n)', lines), 'f32[batch, 4, 3]');
});

test('sizes that do not align', () => {
  const checked = checkSmall(
    'input a : tensor[4, 3]\ninput b : vector[4]\nv = a + b\nloss l = mean(v) + mean(z) updates g',
  );
  assert.equal(found(checked), ['ED3001 b']);
  const [wrong] = checked.diagnostics;
  // Both operands are shown, and the axis.
  assert.equal([textOf(checked, wrong!), ...wrong!.labels!.map((l) => textOf(checked, l))], ['b', 'a']);
  assert.match(wrong!.message, 'axis 1');
});

test('results of layers and functions', () => {
  const image = 'input i : image[9, 7, 2]';
  const out = (layer: string): string => {
    const model = modelOf(
      checkSmall(
        `${image}\ngroup k = ${layer}\nv = k(i)\nloss l = cross_entropy(z, y) + mean(v) updates all`,
      ),
      'm',
    );
    return formatType(model.graph.values[model.values.find((v) => v.name === 'v')!.value]!);
  };
  // floor((in + 2 pad - dilation (kernel - 1) - 1) / stride) + 1
  assert.is(out('conv(4, stride: 2)'), 'f32[batch, 5, 4, 4]');
  assert.is(out('conv(4, kernel: 4, pad: 1, stride: 2)'), 'f32[batch, 4, 3, 4]');
  assert.is(out('conv(4, kernel: [5, 1], pad: 0)'), 'f32[batch, 5, 7, 4]');
  assert.is(out('conv(4, dilation: 2)'), 'f32[batch, 9, 7, 4]');
  assert.is(out('conv(4, dilation: 3, pad: 0)'), 'f32[batch, 3, 1, 4]');
  // (in - 1) stride - 2 pad + kernel
  assert.is(out('conv_transpose(4)'), 'f32[batch, 18, 14, 4]');
  assert.is(out('conv_transpose(4, kernel: 3, stride: 3, pad: 0)'), 'f32[batch, 27, 21, 4]');
  assert.is(out('conv(2) |> max_pool(2)'), 'f32[batch, 4, 3, 2]');
  assert.is(out('conv(2) |> max_pool(3, stride: 2, pad: 1)'), 'f32[batch, 5, 4, 2]');
  assert.is(out('conv(2) |> flatten()'), 'f32[batch, 126]');
  assert.is(out('conv(2) |> slice(1, 4, axis: 1)'), 'f32[batch, 3, 7, 2]');
});

for (const [what, lines, wrong] of [
  ['dense on an image', 'group g = dense(3)', 'ED3015 dense(3)'],
  ['conv on a vector', 'group g = flatten() |> conv(3)', 'ED3015 conv(3)'],
  [
    'nothing left of the image',
    'group g = conv(2, kernel: 9, pad: 0) |> flatten() |> dense(3)',
    'ED3003 conv(2, kernel: 9, pad: 0)',
  ],
  [
    'pooled to nothing',
    'group g = max_pool(4) |> max_pool(4) |> flatten() |> dense(3)',
    'ED3003 max_pool(4)',
  ],
  [
    'a residual of another shape',
    'group g = residual(conv(3)) |> flatten() |> dense(3)',
    'ED3001 residual(conv(3))',
  ],
  ['reshape to another size', 'group g = reshape(5, 5) |> flatten() |> dense(3)', 'ED3002 reshape(5, 5)'],
  ['a slice outside', 'group g = flatten() |> slice(0, 129) |> dense(3)', 'ED3009 slice(0, 129)'],
  ['too few scores', 'group g = flatten() |> dense(4)', 'ED3002 z'],
  ['a tensor where a layer belongs', 'z = x |> g(x)', 'ED3004 g(x)'],
  ['a number into a layer', 'z = 3 |> g', 'ED3004 3'],
  ['a layer in arithmetic', 'z = g(x) * relu()', 'ED3014 relu()'],
  ['a label in arithmetic', 'z = g(x) + y', 'ED3014 y'],
  ['minus a label', 'z = g(x) * -y', 'ED3014 y'],
  ['a condition in arithmetic', 'z = g(x) * (g(x) > 0)', 'ED3014 (g(x) > 0)'],
  ['a tensor as a condition', 'z = number(not g(x)) * g(x)', 'ED3023 g(x)'],
  ['a label against a number', 'z = number(y == 1) * g(x)', 'ED3023 1'],
  ['an order of classes', 'z = number(y < y) * g(x)', 'ED3023 y < y'],
  ['a class that is not there', 'z = number(y is 3) * g(x)', 'ED3018 3'],
  ['a class that is not there, in a list', 'z = number(y in [0, red]) * g(x)', 'ED3018 red'],
  ['the class of a tensor', 'z = number(x is 1) * g(x)', 'ED3023 x'],
  ['other classes', 'label k : class[3] of a, b, c\nz = norm(g(x)) * number(y == k) * g(x)', 'ED3019 y == k'],
  ['a class listed twice', 'label y : class[3] of a, b, a', 'ED2002 a'],
  ['more classes than names', 'label y : class[3] of a, b', 'ED3019 class[3]'],
  ['parameters in a value', 'z = dense(3)(flatten(x))', 'ED3017 dense(3)'],
  ['a layer as a value', 'w = relu()', 'ED3008 relu()'],
  ['an applied group', 'group g = flatten(x)', 'ED3008 flatten(x)'],
  ['two tensors for one', 'z = g(x, x)', 'ED3021 g(x, x)'],
  ['a vector as a loss', 'loss l = norm(z) updates g', 'ED3012 norm(z)'],
  ['a label as a loss', 'loss l = y updates g', 'ED3012 y'],
  ['a target of another form', 'loss l = cross_entropy(z, norm(z)) updates g', 'ED3008 norm(z)'],
  ['softmax over the batch', 'loss l = mean(softmax(z, axis: batch)) updates g', 'ED3026 batch'],
  ['channels of a number per sample', 'loss l = mean(dot(norm(z), norm(z))) updates g', 'ED3026 norm(z)'],
  ['an axis twice', 'loss l = mean(mean(z, axis: [1, 1])) updates g', 'ED3026 1'],
  ['an axis too many', 'loss l = mean(mean(z, axis: 2)) updates g', 'ED3026 2'],
  ['a fraction of a unit', 'group g = flatten() |> dense(3.5)', 'ED3009 3.5'],
  ['a schedule for a size', 'group g = flatten() |> dense(3 + epoch)', 'ED3010 3 + epoch'],
  ['a word for a number', 'group g = flatten() |> dense(half)', 'ED2001 half'],
  ['a misspelt word', 'group g = conv(2, pad: haf) |> flatten() |> dense(3)', 'ED2001 haf'],
  ['an even kernel without a pad', 'group g = conv(2, kernel: 2) |> flatten() |> dense(3)', 'ED3009 2'],
  ['an unknown argument', 'group g = flatten() |> dense(3, bais: false)', 'ED3005 bais'],
  ['an argument twice', 'group g = flatten() |> dense(3, units: 3)', 'ED3007 units: 3'],
  ['an argument too many', 'group g = flatten() |> dense(3, true, he(), 1)', 'ED3007 1'],
  ['an argument too few', 'group g = flatten() |> dense()', 'ED3006 dense()'],
  ['a rate of 1', 'group g = flatten() |> dropout(1) |> dense(3)', 'ED3009 1'],
  ['ends in the wrong order', 'z = clip(g(x), 1, 0)', 'ED3009 0'],
  ['an image without channels', 'input x : image[8, 8]', 'ED3020 image[8, 8]'],
  ['an unknown type', 'input x : picture[8, 8, 1]', 'ED3020 picture'],
] as const) {
  test(what, () => assert.equal(told(lines).slice(0, 1), [wrong]));
}

test('applications of one group that need other shapes', () => {
  const checked = checkSmall(
    'input w : image[4, 4, 2]\nu = g(w)\nloss l = cross_entropy(z + u, y) updates g',
  );
  assert.equal(found(checked), ['ED3016 g(w)']);
  assert.equal(
    checked.diagnostics[0]!.labels!.map((l) => textOf(checked, l)),
    ['g(x)'],
  );
});

test('what a label may be predicted by', () => {
  const predict = (value: string, label = 'label y : class[3]'): string[] =>
    told(`${label}\nloss l = mean(square(z)) updates g\npredict y = ${value}`);
  assert.equal(predict('softmax(z)'), []);
  assert.equal(predict('slice(z, 0, 2)'), ['ED3013 slice(z, 0, 2)']);
  assert.equal(predict('norm(z)'), ['ED3013 norm(z)']);
  assert.equal(predict('z > 0'), ['ED3013 z > 0']);
  assert.equal(predict('z * one_hot(y)'), ['ED3013 z * one_hot(y)']);
  const two = 'label y : class[2]';
  assert.equal(predict('norm(z)', two), []);
  assert.equal(predict('slice(z, 0, 1)', two), []);
  assert.equal(predict('slice(z, 0, 2)', two), []);
  assert.equal(predict('z', two), ['ED3013 z']);
  assert.equal(told('predict anything = z'), []);
  assert.equal(told('predict anything = relu()'), ['ED3013 relu()']);
});

test('an argument is computed once: two applications drop out twice, not more', () => {
  const checked = checkSmall(`
    group d = flatten() |> dense(3) |> dropout(0.5)
    loss l = cross_entropy(z, softmax(d(x))) + mean(max(d(x), channels)) updates all`);
  const { graph } = modelOf(checked, 'm');
  assert.is(graph.nodes.filter((n) => n.op === 'dropout').length, 2);
});

test('a list may come through a parameter of a block', () => {
  const before = 'block tall(n, kernel = [k, 1], k = 3) = conv(n, kernel: kernel, pad: [1, 0])';
  const model = modelOf(checkSmall('group g = tall(2) |> flatten() |> dense(3)', before), 'm');
  assert.equal(model.groups[0]!.parameters[0]!.shape, [3, 1, 2, 2]);
});

test.run();
