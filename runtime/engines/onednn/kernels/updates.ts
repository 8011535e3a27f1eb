/** @file Optimizer updates of large parameters, each moment and each parameter in one pass over memory (definitions: ../../kernels/updates.ts). */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { fused, type Then } from '../fused.js';
import { sizeOf, type Call, type NativeKernels } from './kernel.js';

/** Below, waking other threads takes longer than a plain loop. */
const LEAST = 8192;

interface Update {
  readonly parameter: TensorInfo;
  /** With what coupled decay adds to it. */
  readonly gradient: TensorInfo;
  readonly slots: readonly TensorInfo[];
  /** What decoupled decay leaves of the parameter, 1 without. */
  readonly shrink: number;
  readonly number: (name: string) => number;
  readonly done: () => void;
}

function read({ inputs, attrs, backend }: Call): Update | undefined {
  const [parameter, given, ...slots] = Object.values(inputs) as [TensorInfo, TensorInfo, ...TensorInfo[]];
  if (sizeOf(parameter.shape) < LEAST) return undefined;
  const number = (name: string): number => attrs[name] as number;
  const decay = number('decay');
  if (attrs['decoupled'] || decay === 0) {
    const shrink = attrs['decoupled'] ? 1 - number('rate') * decay : 1;
    return { parameter, gradient: given, slots, shrink, number, done: () => undefined };
  }
  const gradient = fused(backend, parameter.shape, 'mul', [parameter, decay], [['add', given]]).info;
  return {
    parameter,
    gradient,
    slots,
    shrink: 1,
    number,
    done: () => void backend.disposeData(gradient.dataId),
  };
}

/** … × step + parameter, the parameter shrunk first. */
const stepFrom = (parameter: TensorInfo, step: number, shrink: number): readonly Then[] =>
  shrink === 1
    ? [
        ['mul', step],
        ['add', parameter],
      ]
    : [
        ['mul', step / shrink],
        ['add', parameter],
        ['mul', shrink],
      ];

/** (1 - rate) g² + rate s, written so that one pass does it: ((1 - rate) / rate × g² + s) × rate. */
function meanSquare(call: Call, { gradient, parameter }: Update, mean: TensorInfo, rate: number): TensorInfo {
  return fused(
    call.backend,
    parameter.shape,
    'mul',
    [gradient, gradient],
    [
      // Not `linear` twice: 2.6 would take the numbers of one for both.
      ['mul', (1 - rate) / rate],
      ['add', mean],
      ['mul', rate],
    ],
  ).info;
}

/** numerator × step / (√(square × by) + epsilon) + parameter */
function scaledStep(
  { backend }: Call,
  { parameter, shrink, number }: Update,
  square: TensorInfo,
  by: number,
  numerator: TensorInfo,
  step: number,
): TensorInfo {
  return fused(
    backend,
    parameter.shape,
    'mul',
    [square, by],
    [
      ['sqrt', 0, 0],
      ['linear', 1, number('epsilon')],
      ['pow', 1, -1],
      ['mul', numerator],
      ...stepFrom(parameter, step, shrink),
    ],
  ).info;
}

function adam(call: Call): TensorInfo[] | undefined {
  const [beta1, beta2] = [call.attrs['beta1'] as number, call.attrs['beta2'] as number];
  if (beta1 === 0 || beta2 === 0) return undefined;
  const update = read(call);
  if (!update) return undefined;
  const { parameter, gradient, slots, number } = update;
  const [mean, square] = slots as [TensorInfo, TensorInfo];
  const nextMean = fused(
    call.backend,
    parameter.shape,
    'mul',
    [gradient, (1 - beta1) / beta1],
    [
      ['add', mean],
      ['linear', beta1, 0],
    ],
  ).info;
  const nextSquare = meanSquare(call, update, square, beta2);
  const count = number('count');
  const step = -number('rate') / (1 - beta1 ** count);
  const next = scaledStep(call, update, nextSquare, 1 / (1 - beta2 ** count), nextMean, step);
  update.done();
  return [next, nextMean, nextSquare];
}

function rmsprop(call: Call): TensorInfo[] | undefined {
  const rho = call.attrs['rho'] as number;
  if (rho === 0) return undefined;
  const update = read(call);
  if (!update) return undefined;
  const square = meanSquare(call, update, update.slots[0]!, rho);
  const next = scaledStep(call, update, square, 1, update.gradient, -update.number('rate'));
  update.done();
  return [next, square];
}

function sgd(call: Call): TensorInfo[] | undefined {
  const { backend, attrs } = call;
  if (attrs['nesterov'] === true) return undefined;
  const update = read(call);
  if (!update) return undefined;
  const { parameter, gradient, slots, shrink, number } = update;
  const [velocity] = slots;
  const { shape } = parameter;
  const direction = velocity
    ? fused(backend, shape, 'mul', [velocity, number('momentum')], [['add', gradient]]).info
    : gradient;
  const next = fused(
    backend,
    shape,
    'mul',
    [direction, -number('rate') / shrink],
    shrink === 1 ? [['add', parameter]] : stepFrom(parameter, 1, shrink).slice(1),
  ).info;
  update.done();
  return velocity ? [next, direction] : [next];
}

export const updates: NativeKernels = {
  'ed2l.adam_update': adam,
  'ed2l.rmsprop_update': rmsprop,
  'ed2l.sgd_update': sgd,
};
