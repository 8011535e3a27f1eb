/** @file How many trainings this machine takes at once: by memory, as their plans predict it, and by cores. */
import { freemem } from 'node:os';
import { makePlan } from '../../compiler/plan/make-plan.js';
import { predictPeak } from '../../compiler/plan/predict-peak.js';
import type { TrainableStage } from '../../compiler/program.js';
import type { Target } from '../../compiler/targets/target.js';

const MIB = 2 ** 20;

/** What a process takes beside tensors and images, as measured with the smallest networks: Node, the program, the engine. */
const BASE: Readonly<Record<Target['name'], number>> = {
  cpu: 200 * MIB,
  wasm: 250 * MIB,
  onednn: 250 * MIB,
  tensorflow: 700 * MIB,
};

/** Bytes that the training takes at its worst moment. */
export function bytesOfTraining(
  stages: readonly TrainableStage[],
  target: Target,
  dataBytes: number,
): number {
  const peaks = stages.flatMap(({ stage, steps }) =>
    steps.map(({ graph }) => predictPeak(makePlan(graph, target), stage.batch)),
  );
  const worst = Math.max(0, ...peaks.map(({ bytes }) => bytes));
  const state = Math.max(0, ...peaks.map((peak) => peak.state));
  // A checkpoint holds the state twice more: as arrays, and as the bytes of the file.
  return BASE[target.name] + dataBytes + worst + 2 * state;
}

export interface CapacityOptions {
  readonly tasks: number;
  /** Bytes of the largest training. */
  readonly bytes: number;
  readonly cores: number;
  /** Bytes that all may take together. */
  readonly memory: number;
  /** At most. */
  readonly jobs?: number;
  /** Of each. */
  readonly threads?: number;
  /** The engine has threads at all. */
  readonly threaded: boolean;
}

export interface Capacity {
  /** At once, at least 1. */
  readonly jobs: number;
  /** Of each. */
  readonly threads: number;
  readonly limitedBy: 'tasks' | 'jobs' | 'cores' | 'memory';
  /** Not even one is sure to fit. */
  readonly tight: boolean;
}

/** Rather many trainings with few threads than few with many: threads of one training wait for each other. */
export function capacityOf(options: CapacityOptions): Capacity {
  const { tasks, bytes, cores, memory, jobs, threaded } = options;
  const wanted = threaded ? options.threads : 1;
  const bounds = {
    tasks: Math.max(1, tasks),
    // A number of jobs is somebody's decision; else no more threads than cores.
    ...(jobs === undefined ? { cores: Math.max(1, Math.floor(cores / (wanted ?? 1))) } : { jobs }),
    memory: Math.max(1, Math.floor(memory / bytes)),
  };
  const [limitedBy, most] = Object.entries(bounds).reduce((a, b) => (b[1] < a[1] ? b : a)) as [
    Capacity['limitedBy'],
    number,
  ];
  const threads = wanted ?? Math.max(1, Math.floor(cores / most));
  return { jobs: most, threads, limitedBy, tight: bytes > memory };
}

/** Bytes that this machine, container or job has left. Node before 20.13 knows of the machine only. */
export const freeMemory = (): number =>
  (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem();
