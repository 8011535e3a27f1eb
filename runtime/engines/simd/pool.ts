/** @file Threads of our own on the heap of the wasm engine. They sleep until a job is written down, do their shares beside the main thread's, and count themselves off. */
import { Worker } from 'node:worker_threads';
import { assemble, instantiate, type Memory, type Module } from './assembler.js';
import { JOB_NAMES, JOBS, type JobName } from './jobs.js';
import { ROUTINES, type Routines } from './routines.js';

/** Where things stand in the memory that the threads are told by. */
export const CONTROL = { round: 0, finished: 1, failed: 2, job: 3, count: 4, numbers: 5 } as const;
const MOST_NUMBERS = 32;

/** What a thread is started with. */
export interface Told {
  readonly module: Module;
  readonly heap: Memory;
  readonly control: Int32Array;
  readonly thread: number;
  readonly threads: number;
}

export class Pool {
  private constructor(
    readonly threads: number,
    private readonly control: Int32Array,
    private readonly routines: Routines,
  ) {}

  /** Throws what a thread throws on its start. */
  static async start(heap: Memory, threads: number): Promise<Pool> {
    const module = assemble(ROUTINES);
    const control = new Int32Array(new SharedArrayBuffer(4 * (CONTROL.numbers + MOST_NUMBERS)));
    await Promise.all(
      Array.from({ length: threads - 1 }, async (_, i) => {
        const workerData: Told = { module, heap, control, thread: i + 1, threads };
        // Not with this process's own flags: some are for its main module alone.
        const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, execArgv: [] });
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        worker.unref();
      }),
    );
    return new Pool(threads, control, instantiate(module, heap));
  }

  /** Returns when every thread has done its share. */
  run(name: JobName, numbers: readonly number[]): void {
    const { control, threads } = this;
    control[CONTROL.job] = JOB_NAMES.indexOf(name);
    control[CONTROL.count] = numbers.length;
    control.set(numbers, CONTROL.numbers);
    Atomics.store(control, CONTROL.finished, 0);
    Atomics.add(control, CONTROL.round, 1);
    Atomics.notify(control, CONTROL.round);
    JOBS[name](this.routines, numbers, { thread: 0, threads });
    for (;;) {
      const finished = Atomics.load(control, CONTROL.finished);
      if (finished === threads - 1) break;
      Atomics.wait(control, CONTROL.finished, finished);
    }
    if (Atomics.load(control, CONTROL.failed) !== 0) throw new Error(`internal: a thread failed in ${name}`);
  }
}
