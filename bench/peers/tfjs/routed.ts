/** @file What both hand-written tfjs participants share: the heads with their routed losses, Adam with decay, and how they are measured. */
import * as tf from '@tensorflow/tfjs';
import type { Engine, Parameters } from '../../../runtime/index.js';
import type { Participant } from '../../participant.js';
import { ADAM, LOSSES, type Losses, type Problem } from '../../problem.js';

/** A network written for tfjs: features in training and evaluation, and its parameters by the paths of the spec. */
export interface Network {
  readonly about: string;
  /** [batch, features] of the distilling and the dispelling branch; moves running statistics. */
  features(face: tf.Tensor4D): readonly [distilled: tf.Tensor2D, dispelled: tf.Tensor2D];
  /** The distilled features, with running statistics. */
  distilled(face: tf.Tensor4D): tf.Tensor2D;
  readonly parameters: ReadonlyMap<string, Variable>;
  /** Parameters and statistics as at first. */
  toFirstWeights(): void;
}

export interface Variable {
  readonly variable: tf.Variable;
  /** Of the spec; tfjs may keep it with further axes of size 1. */
  readonly shape: readonly number[];
}

/** tfjs has no operation that cuts the gradient. */
const stop = <T extends tf.Tensor>(x: T): T =>
  tf.customGrad((y) => ({
    value: (y as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(x) as T;

const normalised = (x: tf.Tensor2D, axis: number): tf.Tensor2D =>
  tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), axis, true), 1e-12)));

export async function routedParticipant(
  engine: Engine,
  problem: Problem,
  network: Network,
): Promise<Participant> {
  const { numbers, batches, batch } = problem;
  const { height, width, classes, margin, scale } = numbers;
  const fed = batches.map(({ images, labels }) => ({
    face: tf.tensor4d(images, [batch, height, width, 1]),
    expression: tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat() as tf.Tensor2D,
  }));
  const variables = [...network.parameters.values()].map(({ variable }) => variable);
  const at = (path: string): tf.Tensor2D => network.parameters.get(path)!.variable as unknown as tf.Tensor2D;
  const adam = tf.train.adam(numbers.rate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
  let iteration = 0;

  const cosines = (distilled: tf.Tensor2D): tf.Tensor2D =>
    tf.matMul(normalised(distilled, 1), normalised(at('classifier.kernel'), 0));

  /**
   * One forward pass and one tape for all losses. The dispeller is applied twice, which costs next to nothing: with fixed
   * parameters for `l_p`, which goes on to the dispelling branch, and on cut features for `l_a`, which ends in it.
   */
  function losses({ face, expression }: (typeof fed)[number]): readonly tf.Scalar[] {
    const [distilled, dispelled] = network.features(face);
    const logits = tf.mul(tf.sub(cosines(distilled), tf.mul(expression, margin)), scale);
    const kernel = at('dispeller.kernel');
    const bias = at('dispeller.bias');
    const deceived = tf.add(tf.matMul(dispelled, stop(kernel)), stop(bias));
    const judged = tf.add(tf.matMul(stop(dispelled), kernel), bias);
    return [
      tf.losses.softmaxCrossEntropy(expression, logits).asScalar(),
      tf.losses.softmaxCrossEntropy(expression, judged).asScalar(),
      tf.neg(tf.mean(tf.logSoftmax(deceived))).asScalar(),
    ];
  }

  /** Gradients by the variable's name; the caller disposes of them. */
  function backward(on: (typeof fed)[number], keep?: (losses: Losses) => void): tf.NamedTensorMap {
    const { value, grads } = tf.variableGrads(() => {
      const [l_t, l_a, l_p] = losses(on) as [tf.Scalar, tf.Scalar, tf.Scalar];
      keep?.(
        Object.fromEntries(LOSSES.map((name, i) => [name, [l_t, l_a, l_p][i]!.dataSync()[0]!])) as Losses,
      );
      return tf.add(tf.mul(l_t, numbers.lambda_t), tf.mul(tf.add(l_a, l_p), numbers.lambda_p)).asScalar();
    }, variables);
    value.dispose();
    return grads;
  }

  const inference = (): Float32Array =>
    tf.tidy(() =>
      Float32Array.from(tf.softmax(tf.mul(cosines(network.distilled(fed[0]!.face)), scale)).dataSync()),
    );

  return {
    about: `${network.about} ${tf.version.tfjs}, ${engine.about}, Node ${process.versions.node}`,
    threads: engine.threads,
    predictions() {
      network.toFirstWeights();
      return inference();
    },
    gradients() {
      network.toFirstWeights();
      const found = backward(fed[0]!);
      const entries = [...network.parameters].map(([path, { variable, shape }]) => {
        const data = Float32Array.from(found[variable.name]!.dataSync());
        return [path, { shape, data }] as const;
      });
      tf.dispose(found);
      return new Map(entries) satisfies Parameters;
    },
    step() {
      let measured: Losses | undefined;
      const found = backward(fed[iteration++ % fed.length]!, (these) => (measured = these));
      tf.tidy(() => {
        const decayed = variables.map((variable): [string, tf.Tensor] => [
          variable.name,
          tf.add(found[variable.name]!, tf.mul(variable, ADAM.decay)),
        ]);
        adam.applyGradients(Object.fromEntries(decayed) as Record<string, tf.Variable>);
      });
      tf.dispose(found);
      return measured!;
    },
    backward: () => tf.dispose(backward(fed[0]!)),
    inference: () => void inference(),
  };
}
