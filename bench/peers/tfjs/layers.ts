/** @file The network written by hand with tfjs's layers, which differentiate batch norm and everything else by the tape. */
import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../../../runtime/index.js';
import type { Participant } from '../../participant.js';
import { BATCH_NORM, type Problem } from '../../problem.js';
import { useEngine } from './backend.js';
import { routedParticipant, type Network, type Variable } from './routed.js';

export async function layersParticipant(engine: Engine, problem: Problem): Promise<Participant> {
  await useEngine(engine);
  return routedParticipant(engine, problem, layersNetwork(problem));
}

/** Without layers, since one of them is applied with its parameters fixed. */
const HEADS = ['classifier.kernel', 'dispeller.kernel', 'dispeller.bias'];

type Symbolic = tf.SymbolicTensor;

function layersNetwork({ numbers, model, weights, batch }: Problem): Network {
  /** Layers by the path of their piece, with the names of their weights in tfjs's order. */
  const built: { layer: tf.layers.Layer; path: string; names: readonly string[] }[] = [];
  const layer = (path: string, names: readonly string[], made: tf.layers.Layer, x: Symbolic): Symbolic => {
    built.push({ layer: made, path, names });
    return made.apply(x) as Symbolic;
  };

  const unit = (x: Symbolic, path: string, filters: number, strides = 1): Symbolic => {
    // `same` would pad a stride of 2 below and to the right alone.
    const padded = strides === 1 ? x : (tf.layers.zeroPadding2d({ padding: 1 }).apply(x) as Symbolic);
    const convolution = tf.layers.conv2d({
      filters,
      kernelSize: 3,
      strides,
      padding: strides === 1 ? 'same' : 'valid',
      useBias: false,
    });
    const normalisation = tf.layers.batchNormalization({
      epsilon: BATCH_NORM.epsilon,
      momentum: 1 - BATCH_NORM.momentum,
    });
    const names = ['gamma', 'beta', 'mean', 'variance'];
    const y = layer(`${path}.conv`, ['kernel'], convolution, padded);
    const z = layer(`${path}.batch_norm`, names, normalisation, y);
    return layer(`${path}.prelu`, ['slope'], tf.layers.prelu({ sharedAxes: [1, 2] }), z);
  };

  const stage = (x: Symbolic, path: string, units: number, filters: number): Symbolic => {
    let y = unit(x, `${path}.down`, filters, 2);
    for (let i = 1; i <= 2 * units; i += 2) {
      const first = unit(y, `${path}.unit${i === 1 ? '' : `_${i}`}`, filters);
      const second = unit(first, `${path}.unit_${i + 1}`, filters);
      y = tf.layers.add().apply([second, y]) as Symbolic;
    }
    return y;
  };

  const { filters, middle, last, features } = numbers;
  const face = tf.input({ shape: [numbers.height, numbers.width, 1] });
  const shared = [1, middle, last].reduce(
    (x, units, i) => stage(x, `base.stage${i === 0 ? '' : `_${i + 1}`}`, units, filters * 2 ** i),
    face,
  );
  const branch = (path: string): Symbolic => {
    const flat = tf.layers.flatten().apply(stage(shared, `${path}.stage`, 1, 8 * filters)) as Symbolic;
    return layer(`${path}.dense`, ['kernel', 'bias'], tf.layers.dense({ units: features }), flat);
  };
  const [distilled, dispelled] = [branch('distiller'), branch('dispelling')];
  const both = tf.model({ inputs: face, outputs: [distilled, dispelled] });
  const one = tf.model({ inputs: face, outputs: distilled });

  const shapes = new Map(
    model.groups.flatMap((group) => group.parameters.map(({ path, shape }) => [path, shape])),
  );
  const parameters = new Map<string, Variable>();
  const toFirstWeights = (): void => {
    for (const { layer: each, path, names } of built) {
      const kept = each.getWeights();
      each.setWeights(
        names.map((name, i) => tf.tensor(weights.get(`${path}.${name}`)!.data, kept[i]!.shape)),
      );
    }
    for (const path of HEADS)
      parameters.get(path)?.variable.assign(tf.tensor(weights.get(path)!.data, [...shapes.get(path)!]));
  };
  toFirstWeights();
  for (const { layer: each, path, names } of built) {
    each.trainableWeights.forEach((weight, i) => {
      const own = `${path}.${names[i]!}`;
      parameters.set(own, { variable: weight.read() as tf.Variable, shape: shapes.get(own)! });
    });
  }
  for (const path of HEADS) {
    const shape = shapes.get(path)!;
    parameters.set(path, { variable: tf.variable(tf.tensor(weights.get(path)!.data, [...shape])), shape });
  }

  return {
    about: 'tfjs layers',
    parameters,
    toFirstWeights,
    features: (images) => both.apply(images, { training: true }) as [tf.Tensor2D, tf.Tensor2D],
    distilled: (images) => one.predict(images, { batchSize: batch }) as tf.Tensor2D,
  };
}
