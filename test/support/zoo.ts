/** @file The models of `specs/` and `examples/` at a size at which a step takes milliseconds, with random parameters and a random batch. */
import { compileStep, type CompiledStep } from '../../compiler/program.js';
import type { ModelIR, StageIR } from '../../compiler/model/ir.js';
import { evaluateStepScalars } from '../../compiler/scalar/evaluate.js';
import { checkSpec, modelOf } from './specs.js';
import { randomFrom } from './random-graph.js';

const TINY = {
  side: '4',
  half: '3',
  units: '6',
  height: '16',
  width: '16',
  filters: '2',
  middle: '1',
  last: '1',
  features: '4',
  classes: '3',
};

/** Every trainable model of `specs/` and `examples/`, by file. */
export const ZOO: readonly (readonly [file: string, model: string])[] = [
  ['specs/ed2l.ed2l', 'ed2l'],
  ['specs/baseline.ed2l', 'baseline'],
  ['specs/readings.ed2l', 'introduction'],
  ['specs/readings.ed2l', 'branch_only'],
  ['specs/readings.ed2l', 'unrouted'],
  ['specs/am_softmax.ed2l', 'weights_only'],
  ['specs/am_softmax.ed2l', 'as_printed'],
  ['specs/am_softmax.ed2l', 'feature_norm'],
  ['specs/am_softmax.ed2l', 'arc'],
  ['specs/am_softmax.ed2l', 'annealed'],
  ['specs/am_softmax.ed2l', 'plain'],
  ['specs/quick.ed2l', 'quick_ed2l'],
  ['specs/quick.ed2l', 'quick_baseline'],
  ['specs/transfer.ed2l', 'transfer_ed2l'],
  ['specs/photographs.ed2l', 'photo_ed2l'],
  ['specs/photographs.ed2l', 'photo_baseline'],
  ['specs/small.ed2l', 'small_ed2l'],
  ['specs/small.ed2l', 'small_baseline'],
  ['examples/baseline.ed2l', 'baseline'],
  ['examples/two_losses.ed2l', 'two_losses'],
  ['specs/sphereface20.ed2l', 'sphereface20'],
  ['specs/gradient_routing.ed2l', 'split_code'],
  ['specs/disentanglement.ed2l', 'without'],
  ['specs/disentanglement.ed2l', 'reading_a'],
  ['specs/disentanglement.ed2l', 'reading_b'],
  ['specs/disentanglement.ed2l', 'unrouted'],
  ['specs/disentanglement.ed2l', 'branch_only'],
  ['specs/disentanglement.ed2l', 'five_steps'],
  ['specs/disentanglement.ed2l', 'narrow'],
  ['specs/rehearsal.ed2l', 'small_ed2l'],
  ['specs/rehearsal.ed2l', 'small_baseline'],
];

export function tinyModel(file: string, name: string, set: Record<string, string> = {}): ModelIR {
  const hypers = new Set(modelOf(checkSpec(file), name).hypers.map((hyper) => hyper.name));
  const tiny = Object.entries(TINY).filter(([hyper]) => hypers.has(hyper));
  return modelOf(checkSpec(file, { ...Object.fromEntries(tiny), ...set }), name);
}

export interface Sample {
  readonly batch: number;
  /** Inputs and labels by name, parameters, statistics and moments (zero) by path. */
  readonly values: Map<string, Float32Array | Int32Array>;
  readonly scalars: Record<string, number>;
}

/** Numbers of a realistic size for everything a step reads. */
export function randomSample(model: ModelIR, batch: number, seed: number): Sample {
  const random = randomFrom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const values = new Map<string, Float32Array | Int32Array>();
  const fill = (shape: readonly (number | 'batch')[], f: () => number): Float32Array =>
    Float32Array.from({ length: shape.reduce<number>((n, d) => n * (d === 'batch' ? batch : d), 1) }, f);
  for (const { name, shape } of model.inputs) values.set(name, fill(shape, normal));
  for (const { name, classes } of model.labels)
    values.set(
      name,
      Int32Array.from({ length: batch }, () => Math.floor(random() * classes.length)),
    );
  for (const group of model.groups) {
    for (const { path, shape, role } of group.parameters) {
      const fan = Math.max(
        1,
        shape.slice(0, -1).reduce((n, d) => n * d, 1),
      );
      const base = role === 'gamma' ? 1 : role === 'slope' ? 0.25 : 0;
      values.set(
        path,
        fill(shape, () => base + normal() * (role === 'kernel' ? Math.sqrt(2 / fan) : 0.1)),
      );
    }
    for (const { path, shape, initial } of group.statistics)
      values.set(
        path,
        fill(shape, () => (initial === 1 ? 0.5 + random() : normal() * 0.1)),
      );
  }
  const moment = { epoch: 1, iteration: 30, progress: 0.3 };
  const scalars = Object.assign(
    {},
    ...model.stages.flatMap((stage) => stage.steps.map((step) => evaluateStepScalars(model, step, moment))),
  ) as Record<string, number>;
  return { batch, values, scalars: { ...scalars, batch } };
}

/** The steps of the only stage, with gradients among the outputs. */
export function stepsOf(model: ModelIR): {
  readonly stage: StageIR;
  readonly steps: readonly CompiledStep[];
} {
  const [stage] = model.stages;
  return {
    stage: stage!,
    steps: stage!.steps.map((step) => compileStep(model, stage!, step, { gradients: true, verify: true })),
  };
}
