/**
 * @file Trains the tasks of cross-validations in processes of their own, so many at once as this machine takes. Several coordinators, also on
 * other machines, may work on the same runs: a task is locked by the process that trains it, and one that is left unfinished is taken up.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { taskName } from '../experiment/directory.js';
import { readResult, type StoredResult, type StoredTask } from '../experiment/record.js';
import type { Task } from '../experiment/tasks.js';
import type { Ended, Place } from './messages.js';
import { sameTask, settle } from './merge.js';
import { makeTasksFolder } from './open.js';
import { taskDirectory, workerOf } from './task-directory.js';
import { startWorker, type Worker, type WorkerProgram } from './worker.js';

/** One task of all runs together. */
export interface Job {
  readonly directory: string;
  readonly task: Task;
  /** Among all, from 1. */
  readonly number: number;
}

export interface CoordinateOptions {
  /** Run directories with their tasks. */
  readonly runs: readonly { readonly directory: string; readonly tasks: readonly Task[] }[];
  readonly jobs: number;
  readonly program: WorkerProgram;
  /** What a process is started with, for a task. */
  readonly argsOf: (directory: string, task: string) => readonly string[];
  /** Only every `of`-th task, beginning with the `part`-th. */
  readonly share?: { readonly part: number; readonly of: number };
  readonly signal?: AbortSignal;
  readonly on?: CoordinateListener;
}

export interface CoordinateListener {
  readonly started?: (job: Job) => void;
  readonly done?: (job: Job, task: StoredTask, standing: Standing) => void;
  readonly failed?: (job: Job, why: string) => void;
  /** Another process is at it. */
  readonly elsewhere?: (job: Job) => void;
  readonly note?: (job: Job, text: string) => void;
  readonly changed?: (standing: Standing) => void;
}

/** Of the tasks that are this coordinator's. */
export interface Standing {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  readonly elsewhere: number;
  readonly running: readonly { readonly job: Job; readonly place: Place | undefined }[];
  /** At once, at most. */
  readonly jobs: number;
  /** How long the tasks finished here took on average, by the clock; NaN before the first. */
  readonly meanSeconds: number;
}

export interface Coordinated {
  readonly results: readonly { readonly directory: string; readonly result: StoredResult }[];
  readonly failures: readonly { readonly job: Job; readonly why: string }[];
  /** Neither done nor failed. */
  readonly left: number;
}

const LOOK_MS = 500;

/** Throws RunError and RunRecordError. What ends it, no process that it started goes on. */
export async function coordinate(options: CoordinateOptions): Promise<Coordinated> {
  const work = new Coordination(options);
  const kill = (): void => work.kill();
  process.once('exit', kill);
  try {
    await work.begin();
    await work.run();
    return await work.end();
  } finally {
    work.kill();
    process.off('exit', kill);
  }
}

interface Running {
  readonly job: Job;
  readonly worker: Worker;
  readonly began: number;
  place: Place | undefined;
  ended: Ended | undefined;
}

class Coordination {
  readonly #queue: Job[] = [];
  readonly #running = new Set<Running>();
  /** Tasks that other processes are at. */
  readonly #elsewhere = new Set<Job>();
  readonly #failures: { readonly job: Job; readonly why: string }[] = [];
  readonly #seconds: number[] = [];
  #planned = 0;
  #done = 0;

  constructor(readonly options: CoordinateOptions) {}

  async begin(): Promise<void> {
    const { runs, share } = this.options;
    let number = 0;
    for (const { directory, tasks } of runs) {
      const result = await readResult(directory);
      if (result.ended !== 'complete') {
        await makeTasksFolder(directory);
        await settle(directory, { ended: 'cut off' });
      }
      for (const task of tasks) {
        number++;
        if (share && (number - 1) % share.of !== share.part - 1) continue;
        this.#planned++;
        if (result.tasks.some((t) => sameTask(t, task))) this.#done++;
        else this.#queue.push({ directory, task, number });
      }
    }
  }

  async run(): Promise<void> {
    const { jobs, signal } = this.options;
    const aborted = new Promise<void>((resolve) => {
      if (signal?.aborted) resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
    let stopping = false;
    for (;;) {
      if (signal?.aborted && !stopping) {
        stopping = true;
        for (const { worker } of this.#running) worker.stop();
      }
      while (!stopping && this.#queue.length > 0 && this.#running.size < jobs)
        await this.#start(this.#queue.shift()!);
      const waits = !stopping && this.#elsewhere.size > 0;
      if (this.#running.size === 0 && !waits) return;
      this.options.on?.changed?.(this.#standing());
      await Promise.race([
        ...[...this.#running].map(({ worker }) => worker.ended),
        ...(waits ? [sleep(LOOK_MS)] : []),
        ...(stopping ? [] : [aborted]),
      ]);
      for (const running of this.#running) if (running.ended) await this.#finish(running, running.ended);
      if (waits) await this.#lookElsewhere();
    }
  }

  async end(): Promise<Coordinated> {
    const { runs, signal } = this.options;
    const results = [];
    for (const { directory } of runs) {
      const failed = this.#failures
        .filter(({ job }) => job.directory === directory)
        .sort((a, b) => a.job.number - b.job.number);
      const result = await settle(directory, await this.#howOf(directory, failed, signal?.aborted === true));
      results.push({ directory, result });
    }
    const left = this.#planned - this.#done - this.#failures.length;
    return { results, failures: this.#failures, left };
  }

  kill(): void {
    for (const { worker } of this.#running) worker.kill();
  }

  async #howOf(
    directory: string,
    failed: Coordinated['failures'],
    interrupted: boolean,
  ): Promise<Parameters<typeof settle>[1]> {
    const { tasks } = this.options.runs.find((run) => run.directory === directory)!;
    // Others go on, and will have the last word.
    for (const task of tasks) if (await workerOf(directory, task)) return { ended: 'cut off' };
    if (failed.length > 0)
      return {
        ended: 'failed',
        failure: failed.map(({ job, why }) => `${taskName(job.task)}: ${why}`).join('; '),
      };
    return { ended: interrupted ? 'interrupted' : 'cut off' };
  }

  async #start(job: Job): Promise<void> {
    const { directory, task } = job;
    if (await workerOf(directory, task)) return this.#leave(job);
    const log = `${taskDirectory(directory, task)}.log`;
    const args = this.options.argsOf(directory, taskName(task));
    const worker = startWorker(this.options.program, args, log, (report) => {
      if (report.kind === 'note') this.options.on?.note?.(job, report.text);
      else running.place = report.place;
      this.options.on?.changed?.(this.#standing());
    });
    const running: Running = {
      job,
      worker,
      began: performance.now(),
      place: undefined,
      ended: undefined,
    };
    this.#running.add(running);
    void worker.ended.then((ended) => (running.ended = ended));
    this.options.on?.started?.(job);
  }

  async #finish(running: Running, ended: Ended): Promise<void> {
    const { job, began } = running;
    this.#running.delete(running);
    // Whatever it said last: what is merged is done.
    const done = await this.#doneOf(job);
    if (done) {
      this.#seconds.push((performance.now() - began) / 1000);
      await rm(`${taskDirectory(job.directory, job.task)}.log`, { force: true });
      this.#countDone(job, done);
    } else if (ended.kind === 'taken') {
      this.#leave(job);
    } else if (ended.kind === 'failed') {
      this.#failures.push({ job, why: ended.why });
      this.options.on?.failed?.(job, ended.why);
    } else if (!this.options.signal?.aborted) {
      const why = 'it was asked to end by somebody else';
      this.#failures.push({ job, why });
      this.options.on?.failed?.(job, why);
    }
  }

  /** It is taken up if the other process leaves it unfinished. */
  #leave(job: Job): void {
    this.#elsewhere.add(job);
    this.options.on?.elsewhere?.(job);
  }

  async #lookElsewhere(): Promise<void> {
    for (const job of this.#elsewhere) {
      const { directory, task } = job;
      const done = await this.#doneOf(job);
      if (done) {
        this.#elsewhere.delete(job);
        this.#countDone(job, done);
      } else if (!(await workerOf(directory, task))) {
        this.#elsewhere.delete(job);
        this.#queue.push(job);
      }
    }
  }

  #countDone(job: Job, task: StoredTask): void {
    this.#done++;
    this.options.on?.done?.(job, task, this.#standing());
  }

  async #doneOf({ directory, task }: Job): Promise<StoredTask | undefined> {
    return (await readResult(directory)).tasks.find((t) => sameTask(t, task));
  }

  #standing(): Standing {
    return {
      planned: this.#planned,
      done: this.#done,
      failed: this.#failures.length,
      elsewhere: this.#elsewhere.size,
      running: [...this.#running].map(({ job, place }) => ({ job, place })),
      jobs: this.options.jobs,
      meanSeconds: this.#seconds.reduce((a, b) => a + b, 0) / this.#seconds.length,
    };
  }
}
