/**
 * @file Optimizer updates of large parameters, each moment and each parameter in one pass over memory (definitions: ../../kernels/updates.ts).
 * All that belongs to a parameter takes the layout of its gradient: the next convolution finds its kernel as it wants it.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import type { Pointer } from '../dnnl.js';
import { fused, inPieces, PIECE_BYTES, type Then } from '../fused.js';
import { sizeOf, type Call, type NativeKernel, type NativeKernels } from './kernel.js';

/** Below, waking other threads takes longer than a plain loop. */
const LEAST = 8192;

/** A piece of a parameter with what belongs to it: where it lies, and where the results go. */
interface Piece {
  readonly backend: OneDnnBackend;
  readonly count: number;
  readonly parameter: Pointer;
  /** With what coupled decay adds to it. */
  readonly gradient: Pointer;
  readonly slots: readonly Pointer[];
  readonly next: Pointer;
  readonly nextSlots: readonly Pointer[];
  /** What decoupled decay leaves of the parameter, 1 without. */
  readonly shrink: number;
  readonly number: (name: string) => number;
}

/** A kernel that updates parameters piece by piece. `takes`: whether its attributes are ones that the passes are written for. */
const inPasses =
  (takes: (attrs: Call['attrs']) => boolean, update: (piece: Piece) => void): NativeKernel =>
  ({ inputs, attrs, backend }) => {
    const [parameter, gradient, ...slots] = Object.values(inputs) as [
      TensorInfo,
      TensorInfo,
      ...TensorInfo[],
    ];
    const size = sizeOf(parameter.shape);
    if (size < LEAST || !takes(attrs)) return undefined;
    const number = (name: string): number => attrs[name] as number;
    const coupled = attrs['decoupled'] ? 0 : number('decay');
    const shrink = attrs['decoupled'] ? 1 - number('rate') * number('decay') : 1;
    // The passes divide by it.
    if (shrink === 0) return undefined;
    const layout = backend.denseLayoutOf(gradient);
    const [p, g, ...s] = [parameter, gradient, ...slots].map((tensor) => backend.in(tensor, layout)) as [
      Pointer,
      Pointer,
      ...Pointer[],
    ];
    const [next, ...nextSlots] = [parameter, ...slots].map(() => backend.make(parameter.shape, layout));
    const decayed = coupled === 0 ? undefined : backend.allocate(PIECE_BYTES);
    inPieces(size, (offset, count) => {
      const at = (pointer: Pointer): Pointer => pointer + offset;
      const piece = { backend, count, parameter: at(p), next: at(next!.at), shrink, number };
      if (decayed)
        fused(backend, count, 'mul', [piece.parameter, coupled], [['add', at(g)]], decayed.address);
      update({
        ...piece,
        gradient: decayed?.address ?? at(g),
        slots: s.map(at),
        nextSlots: nextSlots.map((slot) => at(slot.at)),
      });
    });
    if (decayed) backend.release(decayed);
    return [next!, ...nextSlots].map(({ info }) => info);
  };

/** … × step + parameter, the parameter shrunk first. */
const stepFrom = ({ parameter, shrink }: Piece, step: number): readonly Then[] =>
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
function meanSquare({ backend, count, gradient }: Piece, mean: Pointer, rate: number, result: Pointer): void {
  const passes: readonly Then[] = [
    // Not `linear` twice: 2.6 would take the numbers of one for both.
    ['mul', (1 - rate) / rate],
    ['add', mean],
    ['mul', rate],
  ];
  fused(backend, count, 'mul', [gradient, gradient], passes, result);
}

/** numerator × step / (√(square × by) + epsilon) + parameter */
function scaledStep(piece: Piece, square: Pointer, by: number, numerator: Pointer, step: number): void {
  const passes: readonly Then[] = [
    ['sqrt', 0, 0],
    ['linear', 1, piece.number('epsilon')],
    ['pow', 1, -1],
    ['mul', numerator],
    ...stepFrom(piece, step),
  ];
  fused(piece.backend, piece.count, 'mul', [square, by], passes, piece.next);
}

function adam(piece: Piece): void {
  const { backend, count, gradient, number } = piece;
  const [mean, square] = piece.slots as [Pointer, Pointer];
  const [nextMean, nextSquare] = piece.nextSlots as [Pointer, Pointer];
  const [beta1, beta2, updates] = [number('beta1'), number('beta2'), number('count')];
  const passes: readonly Then[] = [
    ['add', mean],
    ['linear', beta1, 0],
  ];
  fused(backend, count, 'mul', [gradient, (1 - beta1) / beta1], passes, nextMean);
  meanSquare(piece, square, beta2, nextSquare);
  const step = -number('rate') / (1 - beta1 ** updates);
  scaledStep(piece, nextSquare, 1 / (1 - beta2 ** updates), nextMean, step);
}

function rmsprop(piece: Piece): void {
  const [next] = piece.nextSlots as [Pointer];
  meanSquare(piece, piece.slots[0]!, piece.number('rho'), next);
  scaledStep(piece, next, 1, piece.gradient, -piece.number('rate'));
}

function sgd(piece: Piece): void {
  const { backend, count, gradient, number, shrink, parameter, next } = piece;
  const [velocity] = piece.slots;
  const [nextVelocity] = piece.nextSlots;
  if (velocity !== undefined)
    fused(backend, count, 'mul', [velocity, number('momentum')], [['add', gradient]], nextVelocity!);
  const direction = nextVelocity ?? gradient;
  const rest: readonly Then[] =
    shrink === 1
      ? [['add', parameter]]
      : [
          ['add', parameter],
          ['mul', shrink],
        ];
  fused(backend, count, 'mul', [direction, -number('rate') / shrink], rest, next);
}

const isPositive =
  (...names: readonly string[]) =>
  (attrs: Call['attrs']): boolean =>
    names.every((name) => (attrs[name] as number) > 0);

export const updates: NativeKernels = {
  'ed2l.adam_update': inPasses(isPositive('beta1', 'beta2'), adam),
  'ed2l.rmsprop_update': inPasses(isPositive('rho'), rmsprop),
  'ed2l.sgd_update': inPasses(({ nesterov }) => nesterov !== true, sgd),
};
