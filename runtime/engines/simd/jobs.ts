/** @file What the threads can be asked to do together: each job is called on every thread with the same numbers, and does that thread's share. */
import { PASS_NAMES, PASSES } from './channels.js';
import type { Routines } from './routines.js';
import {
  convolve,
  endKernelGradient,
  kernelPlanes,
  shareOf,
  sumKernelGradient,
  workBytes,
  kernelBytes,
  type Shape,
} from './winograd.js';

export interface Place {
  readonly thread: number;
  readonly threads: number;
}

export type Job = (routines: Routines, numbers: readonly number[], place: Place) => void;

export const shapeNumbers = (shape: Shape): number[] => [
  shape.batch,
  shape.height,
  shape.width,
  shape.channels,
  shape.rows,
  shape.columns,
  shape.filters,
  shape.top,
  shape.left,
];

function shapeFrom(numbers: readonly number[]): Shape {
  const [batch, height, width, channels, rows, columns, filters, top, left] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { batch, height, width, channels, rows, columns, filters, top, left };
}

const shares = (n: number, { thread, threads }: Place): readonly [number, number] =>
  shareOf(n, thread, threads);

/** Bytes of a piece of a pass, which the processor's first cache holds. */
const PIECE = 16_384;

export const JOBS = {
  /** One pass over the rows; each thread has sums of its own, one thread's after the other's. */
  pass: (routines, [pass, a, b, result, coefficients, totals, rows, channels], { thread, threads }) => {
    const name = PASS_NAMES[pass!]!;
    const sums = totals! + thread * 8 * PASSES[name].sums.length * channels!;
    const rowBytes = 4 * channels!;
    const [from, to] = shareOf(rows!, thread, threads);
    const piece = Math.max(8, Math.floor(PIECE / rowBytes));
    for (let row = from; row < to; row += piece) {
      const [x, y, z] = [a!, b!, result!].map((at) => at + row * rowBytes);
      routines[name](x!, y!, z!, coefficients!, sums, rowBytes, Math.min(piece, to - row), channels! / 4);
    }
  },
  transformKernel: (routines, [kernel, planes, channels, filters], place) =>
    kernelPlanes(
      routines.transformKernel,
      false,
      kernel!,
      planes!,
      { channels: channels!, filters: filters! },
      shares(channels!, place),
    ),
  convolve: (routines, [x, kernel, y, memory, ...numbers], place) => {
    const shape = shapeFrom(numbers);
    const at = { x: x!, kernel: kernel!, y: y!, memory: memory! + place.thread * workBytes(shape) };
    convolve(routines, shape, at, shares(shape.batch, place));
  },
  sumKernelGradient: (routines, [x, dy, planes, memory, ...numbers], place) => {
    const shape = shapeFrom(numbers);
    const at = {
      x: x!,
      dy: dy!,
      planes: planes! + place.thread * kernelBytes(shape),
      memory: memory! + place.thread * workBytes(shape),
    };
    sumKernelGradient(routines, shape, at, shares(shape.batch, place));
  },
  endKernelGradient: (routines, [planes, dk, channels, filters], place) =>
    endKernelGradient(
      routines,
      { channels: channels!, filters: filters! },
      { planes: planes!, dk: dk! },
      place.threads,
      shares(channels!, place),
    ),
} satisfies Readonly<Record<string, Job>>;

export type JobName = keyof typeof JOBS;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];
