/** @file What the threads can be asked to do together: each job is called on every thread with the same numbers, and does that thread's share. */
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

export const JOBS = {
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
