/** @file Every built-in of the language, in a model of its own, is accepted and compiles with all verifiers on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtInNames } from '../../compiler/elaborate/builtins.js';
import { compileModel } from '../../compiler/program.js';
import { checkSmall, found } from '../support/small.js';
import { modelOf } from '../support/specs.js';

/** Layers and functions as a part of a group that gets an image, 8 by 8 with 2 channels. */
const ON_IMAGES = [
  'conv(4)',
  'conv(4, 5)',
  'conv(4, kernel: [3, 1], stride: [2, 1], pad: [1, 0], bias: false, init: xavier())',
  'conv(4, kernel: 3, dilation: 2, init: gaussian(sd: 0.02))',
  'conv(4, kernel: 4, pad: 1, init: constant(0.1))',
  'conv(4, kernel: 4, stride: 2, pad: same)',
  'depthwise_conv()',
  'depthwise_conv(stride: 2, pad: same)',
  'depthwise_conv(kernel: 5, stride: 2, bias: false, init: he(slope: 0.25))',
  'conv_transpose(3)',
  'conv_transpose(3, kernel: 3, stride: 1, pad: 0, bias: false)',
  'batch_norm()',
  'batch_norm(momentum: 0.2, epsilon: 1e-3, affine: false)',
  'batch_norm(evaluate: batch)',
  'instance_norm()',
  'instance_norm(affine: false)',
  'layer_norm(epsilon: 1e-6)',
  'prelu()',
  'prelu(slope: 0.1, shared: true)',
  'residual(conv(2))',
  'residual(conv(4), skip: conv(4, kernel: 1))',
  'repeat(2, conv(2) |> relu())',
  'identity()',
  'relu()',
  'sigmoid()',
  'tanh()',
  'softplus()',
  'exp()',
  'softplus() |> log()',
  'softplus() |> sqrt()',
  'square()',
  'abs()',
  'leaky_relu()',
  'leaky_relu(0.1)',
  'elu(alpha: 0.5)',
  'clip(-1, 1)',
  'clip(from: -1, to: 1)',
  'softmax()',
  'softmax(axis: 1)',
  'log_softmax(axis: channels)',
  'normalize(axis: rest, epsilon: 1e-6)',
  'max_pool(2)',
  'max_pool(3, stride: 2, pad: 1)',
  'max_pool(3, stride: 2, pad: same)',
  'avg_pool(3, stride: 2, pad: half)',
  'avg_pool([2, 4], stride: size)',
  'global_avg_pool()',
  'flatten()',
  'reshape(4, 4, 8)',
  'resize(16, 16)',
  'resize(4, 4, method: nearest)',
  'slice(0, 1)',
  'slice(2, 6, axis: 1)',
  'dropout(0.5)',
  'global_avg_pool() |> spread(4, 4)',
];

for (const layer of ON_IMAGES) {
  test(layer, () => compiles(`group g = ${layer} |> flatten() |> dense(3)`));
}

/** Layers of a vector. */
for (const layer of [
  'dense(4)',
  'dense(units: 4, bias: false, init: he())',
  'cosine_dense(4)',
  'cosine_dense(4, normalize: weights)',
  'cosine_dense(4, init: xavier(fan: inputs))',
  'layer_norm()',
  'batch_norm()',
  'prelu()',
])
  test(`${layer} of a vector`, () => compiles(`group g = flatten() |> ${layer} |> dense(3)`));

/** Single numbers, from the logits `z`, the features `f`, the label `y` and the condition `c`. */
const NUMBERS = [
  'mean(z)',
  'mean(mean(z, axis: rest))',
  'mean(mean(z, axis: batch))',
  'sum(z)',
  'mean(max(z, axis: channels))',
  'mean(min(z, axis: [1]))',
  'mean(max(z, channels))',
  'max(z, all) + min(size(y), 2) * mean(z)',
  'mean(var(z, axis: batch))',
  'mean(std(z, axis: rest))',
  'mean(norm(z))',
  'mean(norm(z, axis: 1))',
  'mean(concat(z, f))',
  'mean(dot(z, z))',
  'mean(select(c, z, 0 - z))',
  'mean(select(c, 1, z))',
  'mean(number(c) * z)',
  'mean(one_hot(y) * z)',
  'mean(z) * size(y)',
  'mean(number(argmax(z)) * norm(z))',
  'mean(number(argmax(z) == 1) * norm(z))',
  'mean(z * stop(z))',
  'mean(stop(h)(f))',
  'cross_entropy(z, y)',
  'cross_entropy(z, softmax(f), smoothing: 0.1)',
  'cross_entropy(z, y, weights: [1, 2, 3], smoothing: 0.1)',
  'binary_cross_entropy(mean(z, axis: channels), number(c))',
  'binary_cross_entropy(mean(z, axis: channels), pair)',
  'binary_cross_entropy(slice(z, 0, 1), c)',
  'am_softmax(k, y)',
  'am_softmax(k, y, m: 0.2, s: 16)',
  'a_softmax(k, y)',
  'a_softmax(k, y, m: 1)',
  'a_softmax(k, y, s: norm(f), lambda: 5)',
  'am_softmax(k, y, s: norm(f))',
  'arc_softmax(k, y, s: slice(softplus(f), 0, 1))',
  'arc_softmax(k, y, m: 0.3, s: 16)',
  'mse(z, f)',
  'mae(z, one_hot(y))',
  'huber(z, f, delta: 0.5)',
  'contrastive(norm(z - f), c, margin: 2)',
  'triplet(z, f, k, margin: 0.1)',
  'kl(softmax(z), softmax(f))',
  'mean(z^2 + f^3 + softplus(z)^0.5 + 2^0.5 * f)',
  'mean(number(z > f and not (z >= 0) or f < z or f <= 1 or f != z) * z)',
  'mean(number(y is 1) * norm(z))',
  'mean(number(y in [0, 2]) * norm(z))',
  'mean(number(y == other) * norm(z))',
  'mean(number(y != other) * norm(z))',
  'mean(relu(z) + sigmoid(z) + leaky_relu(z, 0.1) + clip(z, 0, 1) + elu(x: z))',
];

for (const number of NUMBERS) {
  test(number, () =>
    compiles(`
      label other : class[3]
      label pair : class[2]
      group g = flatten() |> dense(3)
      group h = dense(3)
      group w = cosine_dense(3)
      f = h(g(x))
      k = w(f)
      c = y is 1
      loss all_of_it = mean(square(number(c) * (z + f + k))) updates all
      loss l = ${number} updates all
      train { minimize l + all_of_it using sgd(0.1) }`),
  );
}

/** Schedules and the functions of numbers, as a rate. */
for (const rate of [
  'linear(0.1, 0)',
  'linear(from: 0.1, to: 0, start: 0.2, end: 0.9)',
  'cosine(0.1, 0)',
  'exponential(0.1, factor: 0.5, every: 100)',
  'staircase(0.1)',
  'staircase(0.1, factor: 0.2, at: [0.25, 0.5])',
  'piecewise([[0, 0.1], [0.5, 0.2], [1, 0]])',
  'plateau(0.1, l)',
  'plateau(from: 0.1, loss: l, factor: 0.5, patience: 2)',
  '0.1 / (1 + 10 * progress)^0.75',
  '2 / (1 + exp(-10 * progress)) - 1',
  'min(0.1, iteration / 1000)',
  'max(0.01, 0.1 - epoch / 10)',
  '0.1 * log(2 + epoch)',
  'sqrt(abs(square(0.1)))',
])
  test(`the rate ${rate}`, () => compiles(`train { minimize l using sgd(${rate}) }`));

for (const optimizer of [
  'sgd(0.1)',
  'sgd(rate: 0.1, momentum: 0.9, nesterov: true)',
  'adam()',
  'adam(rate: 1e-3, beta1: 0.5, beta2: 0.99, epsilon: 1e-6)',
  'rmsprop()',
  'rmsprop(rate: 1e-3, decay: 0.99, epsilon: 1e-6)',
  ...['sgd(0.1', 'adam(1e-3', 'rmsprop(1e-3'].flatMap((start) => [
    `${start}, weight_decay: 5e-4)`,
    `${start}, weight_decay: 5e-4, decoupled: true, decay_on: kernels)`,
    `${start}, weight_decay: 5e-4, decay_on: [kernel, slope])`,
    `${start}, bias_rate: 2, clip_norm: 1)`,
    `${start}, clamp: 0.01)`,
  ]),
])
  test(`using ${optimizer}`, () => compiles(`train { minimize l using ${optimizer} }`));

/** Margins, scales, rates and slopes may follow a schedule: any number that meets a tensor. */
for (const [what, lines] of Object.entries({
  'a margin': 'group g = flatten() |> cosine_dense(3)\nloss l = am_softmax(z, y, m: t, s: 10 + t) updates g',
  'an angular margin':
    'group g = flatten() |> cosine_dense(3)\nloss l = arc_softmax(z, y, m: t, s: 30 - t) updates g',
  'the mixture of an angular margin':
    'group g = flatten() |> cosine_dense(3)\nloss l = a_softmax(z, y, lambda: max(5, 1000 / (1 + 0.12 * iteration)), s: t) updates g',
  'a dropout rate': 'group g = flatten() |> dropout(t) |> dense(3)',
  'the slope of leaky_relu': 'group g = flatten() |> dense(3) |> leaky_relu(t)',
  'the ends of clip': 'group g = flatten() |> dense(3) |> clip(0 - t, t + 1)',
  'a threshold': 'loss l = mean(number(z > t) * z) updates g',
  'a contrastive margin': 'loss l = contrastive(norm(z), y is 1, margin: t) updates g',
  'a triplet margin': 'loss l = triplet(z, one_hot(y), 2 * one_hot(y), margin: t) updates g',
  'class weights': 'loss l = cross_entropy(z, y, weights: [1, t, 2]) updates g',
  'a summand': 'loss l = mean(t + z - t) / (1 + t) updates g',
  'a coefficient': 'loss l = cross_entropy(z, y) updates g by 1 - t',
}))
  test(`${what} follows a schedule`, () => compiles(`hyper t = linear(0.1, 0.4)\n${lines}`));

test('every built-in that is supported is among these', () => {
  const later = ['conv3d', 'embedding', 'spectral_norm', 'gradient', 'accuracy'];
  const noise = ['normal', 'uniform', 'bernoulli', 'categorical', 'shuffle'];
  const all = ON_IMAGES.concat(NUMBERS, 'dense( cosine_dense(').join(' ');
  const named = builtInNames('parametric', 'combinator', 'function', 'reduction', 'other', 'loss');
  for (const name of named)
    assert.ok(later.includes(name) || noise.includes(name) || all.includes(`${name}(`), name);
});

test('what is logged', () =>
  compiles('train { minimize l using sgd(0.1) log accuracy(z, y), mean(z), norm(z, axis: all) }'));

function compiles(lines: string): void {
  const checked = checkSmall(lines);
  assert.equal(found(checked), []);
  const program = compileModel(modelOf(checked, 'm'), { verify: true });
  assert.is(program.stages.length, 1);
}

test.run();
