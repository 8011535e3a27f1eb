/** @file Exported predictions load in plain tfjs and are the same numbers there, for batches of any size. */
import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { graphModel, type Weights } from '../../compiler/export/graph-model.js';
import { OPERATIONS } from '../../compiler/export/operations.js';
import { ExportError } from '../../compiler/export/writer.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import { compileEvaluation } from '../../compiler/program.js';
import { finalScalars } from '../../compiler/scalar/evaluate.js';
import { openEngine } from '../../runtime/engines/engine.js';
import { distance, runOnEngine } from '../support/engine-run.js';
import { randomSpec } from '../support/random-spec.js';
import { checkSpec, checkText, modelOf } from '../support/specs.js';
import { randomSample, tinyModel, ZOO, type Sample } from '../support/zoo.js';

await tf.setBackend('cpu');
const engine = await openEngine('cpu');

const weightsOf = (model: ModelIR, sample: Sample): Weights =>
  new Map(
    model.groups.flatMap((g) =>
      [...g.parameters, ...g.statistics].map(({ path, shape }) => [
        path,
        { shape, data: sample.values.get(path) as Float32Array },
      ]),
    ),
  );

/** Loads from memory, as a page or another program would from files. */
async function loaded(model: ModelIR, sample: Sample): Promise<tf.GraphModel> {
  const files = graphModel(compileEvaluation(model), weightsOf(model, sample), finalScalars(model));
  const json = JSON.parse(files.model) as {
    weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
    [key: string]: unknown;
  };
  const { weightsManifest, ...rest } = json;
  const weightData = files.weights.buffer.slice(
    files.weights.byteOffset,
    files.weights.byteOffset + files.weights.byteLength,
  );
  return tf.loadGraphModel({
    load: () =>
      Promise.resolve({
        ...rest,
        weightSpecs: weightsManifest.flatMap((group) => group.weights),
        weightData: weightData as ArrayBuffer,
      } as tf.io.ModelArtifacts),
  });
}

/** The largest distance of a prediction, over batches of 1, 2 and 5. */
async function worstDistance(model: ModelIR, seed: number): Promise<number> {
  const first = randomSample(model, 1, seed);
  const exported = await loaded(model, first);
  let worst = 0;
  for (const batch of [1, 2, 5]) {
    const sample = randomSample(model, batch, seed);
    for (const [path, { data }] of weightsOf(model, first)) sample.values.set(path, data);
    const evaluation = compileEvaluation(model);
    const { outputs } = runOnEngine(engine, evaluation, {
      ...sample,
      scalars: { ...finalScalars(model), batch },
    });
    const read = evaluation.nodes.filter((n) => n.op === 'input').map((n) => n.attrs['name'] as string);
    const feeds = Object.fromEntries(
      model.inputs
        .filter(({ name }) => read.includes(name))
        .map(({ name, shape }) => [
          name,
          tf.tensor(sample.values.get(name)!, [batch, ...(shape.slice(1) as number[])]),
        ]),
    );
    for (const { name } of model.predictions) {
      const result = exported.predict(feeds) as tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>;
      const tensor =
        result instanceof tf.Tensor
          ? result
          : Array.isArray(result)
            ? result[model.predictions.findIndex((p) => p.name === name)]!
            : result[name]!;
      const expected = outputs.get(`predict:${name}`)!;
      assert.is(tensor.size, expected.length, name);
      worst = Math.max(worst, distance(Float32Array.from(tensor.dataSync()), expected));
    }
  }
  exported.dispose();
  return worst;
}

for (const [file, name] of ZOO) {
  test(`${name} predicts the same in plain tfjs`, async () => {
    const error = await worstDistance(tinyModel(file, name), 4);
    assert.ok(error < 1e-5, String(error));
  });
}

test('quick_ed2l at its own size predicts the same in plain tfjs', async () => {
  const error = await worstDistance(modelOf(checkSpec('specs/quick.ed2l'), 'quick_ed2l'), 2);
  assert.ok(error < 1e-4, String(error));
});

test('random models predict the same in plain tfjs', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const error = await worstDistance(modelOf(checkText(randomSpec(seed)), 'random'), seed);
    assert.ok(error < 1e-4, `seed ${seed}: ${error}`);
  }
});

const LAYERS = `model layers {
  hyper warmth = linear(from: 1, to: 2)
  input x : image[9, 8, 2]
  label y : class[3]

  group stem = conv(4, pad: 0, stride: 2) |> instance_norm() |> elu(alpha: 0.7)
  group deep = depthwise_conv(dilation: 2, pad: 2) |> batch_norm(affine: false) |> leaky_relu(slope: 0.1)
  group wide = conv_transpose(3, kernel: 4, stride: 2) |> prelu(shared: true)
  group last = residual(conv(3, kernel: 1) |> tanh()) |> softplus()
  group head = cosine_dense(3)
  group side = dense(3) |> batch_norm(evaluate: batch) |> layer_norm()

  a = deep(stem(x))
  b = last(wide(a))
  m = max_pool(b, 3, stride: 2, pad: 1)
  n = avg_pool(b, 3, stride: 2, pad: 1)
  r = resize(m, 2, 3)
  c = concat(flatten(m), flatten(n), flatten(r), flatten(resize(n, 5, 2, method: nearest)))
  d = normalize(slice(c, 1, 30)) * 3 - clip(slice(c, 0, 29), -0.5, 0.5)
  e = max(abs(d), axis: rest) - min(d, axis: rest) + var(d, axis: rest) + std(d, axis: rest) * norm(d)
  z = head(concat(c, d, relu(d), sqrt(square(d) + 0.1), exp(-abs(d)), log(1.5 + sigmoid(d))))
  w = side(select(d > 0 and not (d == 2) or d < -1 and d != -2 or d <= -5 or d >= 4, d ^ 3, warmth / (d + 9))) + e / mean(global_avg_pool(b), axis: rest)

  loss l = cross_entropy(z, y) updates all
  loss k = mean(w ^ 2) + mean(r) + 0 * mean(z) updates side
  predict y = softmax(2 * z)
  predict scores = log_softmax(w)
  predict best = number(dot(z, w) >= 0)
  predict map = softmax(b, axis: 1) + spread(global_avg_pool(b), 8, 6) - warmth
  predict index = number(argmax(z) == argmax(w))

  train { minimize l + k using sgd(0.1) batch 4 epochs 1 }
}
`;

test('a model of every layer and function predicts the same in plain tfjs', async () => {
  const checked = checkText(LAYERS);
  const model = modelOf(checked, 'layers');
  const ops = new Set(compileEvaluation(model).nodes.map((n) => n.op));
  const unused = Object.keys(OPERATIONS).filter((op) => !ops.has(op));
  const error = await worstDistance(model, 6);
  assert.ok(error < 1e-4, String(error));
  // No expression of the language computes these in an evaluation graph.
  assert.equal(unused, ['sign', 'minimum', 'step', 'pad']);
});

test('what has no counterpart is refused by name, and missing numbers too', () => {
  const model = tinyModel('specs/ed2l.ed2l', 'ed2l');
  const evaluation = compileEvaluation(model);
  assert.throws(
    () => graphModel(evaluation, new Map()),
    (error: Error) => error instanceof ExportError && /no numbers for base\./.test(error.message),
  );
  const dropped = {
    ...evaluation,
    nodes: evaluation.nodes.map((n) => (n.op === 'prelu' ? { ...n, op: 'prelu_grad_input' } : n)),
  };
  assert.throws(
    () => graphModel(dropped, weightsOf(model, randomSample(model, 1, 1))),
    (error: Error) => error instanceof ExportError && /no operation for prelu_grad_input/.test(error.message),
  );
});

test.run();
