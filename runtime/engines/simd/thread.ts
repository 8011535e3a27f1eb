/** @file One thread of the pool. */
import { parentPort, workerData } from 'node:worker_threads';
import { instantiate } from './assembler.js';
import { JOB_NAMES, JOBS } from './jobs.js';
import { CONTROL, type Told } from './pool.js';
import type { Routines } from './routines.js';

const { module, heap, control, thread, threads } = workerData as Told;
const routines = instantiate<Routines>(module, heap);
let round = 0;
parentPort!.postMessage('ready');

for (;;) {
  Atomics.wait(control, CONTROL.round, round);
  if (Atomics.load(control, CONTROL.round) === round) continue;
  round++;
  const numbers = [...control.subarray(CONTROL.numbers, CONTROL.numbers + control[CONTROL.count]!)];
  try {
    JOBS[JOB_NAMES[control[CONTROL.job]!]!](routines, numbers, { thread, threads });
  } catch {
    Atomics.store(control, CONTROL.failed, 1);
  }
  Atomics.add(control, CONTROL.finished, 1);
  Atomics.notify(control, CONTROL.finished);
}
