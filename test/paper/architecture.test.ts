/** @file Choices of the network that the paper leaves open, each told from its neighbour by numbers (docs/paper-choices.md, A1 to A11). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { initialise } from '../../runtime/parameters/initialise.js';
import { distance } from '../support/engine-run.js';
import { evaluated, randomSample, smallModel, withValues } from '../support/small-run.js';

await tf.setBackend('cpu');

const close = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
  assert.is(found.length, expected.length);
  assert.ok(distance(found, expected) < 1e-5, `${distance(found, expected)}`);
};

/** `z` becomes the prediction `out`. */
const layerModel = (layer: string, size = '8, 8, 2') =>
  smallModel(
    `input x : image[${size}]\ngroup g = ${layer}\nloss l = mean(square(z)) updates g\npredict out = z`,
  );

const SIZES = ['8, 8, 2', '7, 10, 2'];

for (const size of SIZES) {
  const [height, width] = size.split(', ').map(Number) as [number, number];
  const input = (sample: ReturnType<typeof randomSample>): tf.Tensor4D =>
    tf.tensor4d(sample.values.get('x') as Float32Array, [3, height, width, 2]);

  for (const [kernel, stride] of [
    [3, 2],
    [4, 3],
    [5, 1],
  ] as const) {
    test(`same padding is TensorFlow's: conv and depthwise_conv of ${kernel}, stride ${stride}, on ${height} by ${width}`, () => {
      const plain = layerModel(`conv(4, kernel: ${kernel}, stride: ${stride}, pad: same, bias: false)`, size);
      const sample = randomSample(plain, 3, 1);
      const k = tf.tensor4d(sample.values.get('g.kernel') as Float32Array, [kernel, kernel, 2, 4]);
      close(
        evaluated(plain, sample).get('predict:out')!,
        tf.conv2d(input(sample), k, stride, 'same').dataSync(),
      );
      const depthwise = layerModel(
        `depthwise_conv(kernel: ${kernel}, stride: ${stride}, pad: same, bias: false)`,
        size,
      );
      const other = randomSample(depthwise, 3, 2);
      const d = tf.tensor4d(other.values.get('g.kernel') as Float32Array, [kernel, kernel, 2, 1]);
      close(
        evaluated(depthwise, other).get('predict:out')!,
        tf.depthwiseConv2d(input(other), d, stride, 'same').dataSync(),
      );
    });
  }

  test(`same padding is TensorFlow's: pools on ${height} by ${width}`, () => {
    const pools = { max_pool: tf.maxPool, avg_pool: tf.avgPool };
    for (const [name, pool] of Object.entries(pools)) {
      const model = layerModel(`conv(2) |> ${name}(3, stride: 2, pad: same)`, size);
      const sample = randomSample(model, 3, 3);
      const k = tf.tensor4d(sample.values.get('g.conv.kernel') as Float32Array, [3, 3, 2, 2]);
      const b = tf.tensor1d(sample.values.get('g.conv.bias') as Float32Array);
      const y = tf.add(tf.conv2d(input(sample), k, 1, 'same'), b) as tf.Tensor4D;
      close(evaluated(model, sample).get('predict:out')!, pool(y, 3, 2, 'same').dataSync());
    }
  });
}

test('half and same differ on even sizes with stride 2, and agree on odd ones', () => {
  const out = (pad: string, size: string): Float32Array => {
    const model = layerModel(`conv(2, stride: 2, pad: ${pad})`, size);
    return evaluated(model, randomSample(model, 2, 4)).get('predict:out')!;
  };
  assert.ok(distance(out('half', '8, 8, 2'), out('same', '8, 8, 2')) > 0.1);
  close(out('half', '9, 7, 2'), out('same', '9, 7, 2'));
});

test('batch statistics at test time: the mean and variance of the batch at hand, else the running ones', () => {
  const out = (evaluate: string) => {
    const model = layerModel(`batch_norm(evaluate: ${evaluate})`);
    const sample = withValues(randomSample(model, 5, 6), {
      'g.gamma': Float32Array.of(1, 1),
      'g.beta': Float32Array.of(0, 0),
    });
    return { sample, found: evaluated(model, sample).get('predict:out')! };
  };
  const channel = (values: ArrayLike<number>, c: number): number[] =>
    Array.from(values).filter((_, i) => i % 2 === c);
  const moments = (values: readonly number[]): [mean: number, variance: number] => {
    const mean = values.reduce((s, x) => s + x, 0) / values.length;
    return [mean, values.reduce((s, x) => s + (x - mean) ** 2, 0) / values.length];
  };
  const batch = out('batch');
  const running = out('running');
  for (const c of [0, 1]) {
    const [mean, variance] = moments(channel(batch.found, c));
    assert.ok(Math.abs(mean) < 1e-5 && Math.abs(variance - 1) < 1e-3, `${mean} ${variance}`);
    const x = channel(running.sample.values.get('x')!, c);
    const m = running.sample.values.get('g.mean')![c]!;
    const v = running.sample.values.get('g.variance')![c]!;
    close(
      channel(running.found, c),
      x.map((value) => (value - m) / Math.sqrt(v + 1e-5)),
    );
  }
});

/** Per row: what a unit of one channel gives for a constant image, with every kernel 1 by 1. */
const SKIPS: Readonly<Record<string, readonly [layer: string, formula: (p: number, x: number) => number]>> = {
  'after the second activation': [
    'residual(conv(1, kernel: 1) |> prelu() |> conv(1, kernel: 1) |> prelu())',
    (p, x) => x + act(p * act(p * x)),
  ],
  'before the last activation': [
    'residual(conv(1, kernel: 1) |> prelu() |> conv(1, kernel: 1)) |> prelu()',
    (p, x) => act(x + p * act(p * x)),
  ],
  none: ['conv(1, kernel: 1) |> prelu() |> conv(1, kernel: 1) |> prelu()', (p, x) => act(p * act(p * x))],
};
const act = (x: number): number => (x > 0 ? x : 0.25 * x);

for (const [where, [layer, formula]] of Object.entries(SKIPS)) {
  test(`the skip is added ${where}`, () => {
    const model = layerModel(layer, '1, 1, 1');
    const kernels = model.groups[0]!.parameters;
    const sample = withValues(randomSample(model, 4, 7), {
      x: Float32Array.of(-2, -0.5, 0.5, 2),
      ...Object.fromEntries(
        kernels.map(({ path, role }) => [
          path,
          Float32Array.of(role === 'kernel' ? -0.5 : role === 'slope' ? 0.25 : 0),
        ]),
      ),
    });
    close(
      evaluated(model, sample).get('predict:out')!,
      [-2, -0.5, 0.5, 2].map((x) => formula(-0.5, x)),
    );
  });
}

test('initialisers by layer: each kernel has the spread of its own, and a classifier may have another', () => {
  const model = smallModel(`
    input x : image[16, 16, 8]
    group strided = conv(64, stride: 2, init: xavier(fan: inputs))
    group inner = conv(64, init: gaussian(sd: 0.01))
    group rectified = conv(64, init: he(slope: 0.25)) |> prelu()
    group features = flatten() |> dense(64, init: xavier())
    group g = cosine_dense(3, init: gaussian(sd: 2))
    z = g(features(rectified(inner(strided(x)))))
    loss l = cross_entropy(z, y) updates all`);
  const drawn = initialise(model, 1);
  const sd = (path: string): number => {
    const { data } = drawn.get(path)!;
    return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
  };
  // Uniform within ±a has the standard deviation a / √3.
  for (const [path, expected] of [
    ['strided.kernel', Math.sqrt(3 / (9 * 8)) / Math.sqrt(3)],
    ['inner.kernel', 0.01],
    ['rectified.conv.kernel', Math.sqrt(2 / ((1 + 0.25 ** 2) * 9 * 64))],
    ['features.dense.kernel', Math.sqrt(6 / (8 * 8 * 64 + 64)) / Math.sqrt(3)],
    ['g.kernel', 2],
  ] as const)
    assert.ok(Math.abs(sd(path) / expected - 1) < 0.1, `${path}: ${sd(path)} is not ${expected}`);
});

test('one slope per channel, or one for all; it starts where it is told to', () => {
  const slopes = (layer: string): number[] => [
    ...initialise(layerModel(layer), 1).get('g.prelu.slope')!.data,
  ];
  assert.equal(slopes('conv(3) |> prelu()'), [0.25, 0.25, 0.25]);
  assert.equal(slopes('conv(3) |> prelu(slope: 0, shared: true)'), [0]);
});

test.run();
