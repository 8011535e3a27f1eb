/** @file `ed2lc crossval --only TASK`: one training of a cross-validation, in this process; told to the one that started it, if one did. */
import type { Report } from '../../runtime/index.js';
import { cacheDirectory } from '../cache-directory.js';
import type { Console } from '../console.js';
import { describeEngine } from '../engine-line.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { failureOf, complainOf } from '../failures.js';
import { listenForInterrupt } from '../interrupt.js';
import type { EngineOptions } from '../options.js';
import { Progress, type ProgressStyle } from '../progress.js';

export interface OnlyOptions extends EngineOptions {
  readonly checkpointEvery?: number;
  readonly progress: ProgressStyle;
}

/** `directory`: of the run; `name`: such as `seed-0-fold-1`. */
export async function trainOnly(
  directory: string,
  name: string,
  options: OnlyOptions,
  console: Console,
): Promise<ExitCode> {
  const { loadRun, openEngine, STOP, trainTask, WORKER_VARIABLE } = await import('../../runtime/index.js');
  const isWorker = process.env[WORKER_VARIABLE] !== undefined;
  // Who started it may be gone already.
  if (isWorker && !process.connected) return EXIT.again;
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const onMessage = (message: unknown): void => void (message === STOP && stop());
  if (isWorker) process.on('message', onMessage).on('disconnect', stop);
  const tell = (report: Report): Promise<void> =>
    new Promise((told) => {
      if (isWorker && process.connected) process.send!(report, () => told());
      else told();
    });
  const progress = new Progress(console, options.progress);
  const interrupt = listenForInterrupt(console, () => progress.clear());
  try {
    const { record, bound } = await loadRun(directory);
    const chosen = options.engine === 'auto' ? (record.engine as EngineOptions['engine']) : options.engine;
    const engine = await openEngine(chosen, options);
    console.say(`task ${name} of ${directory} on ${describeEngine(engine)}`);
    let stage = 0;
    try {
      const outcome = await trainTask({
        directory,
        name,
        engine,
        cacheDir: cacheDirectory(),
        baseDir: '.',
        signal: AbortSignal.any([interrupt.signal, controller.signal]),
        ...(options.checkpointEvery !== undefined && { checkpointMinutes: options.checkpointEvery }),
        on: {
          directory: () => interrupt.begin(),
          note: (text) => {
            console.say(`note: ${text}`);
            void tell({ kind: 'note', text });
          },
          resumed: (iterations) => console.say(`going on after iteration ${iterations}`),
          stage: (_, index) => void (stage = index),
          iteration: (step) => progress.iteration(step),
          epoch: (summary) => {
            progress.epoch(summary);
            const { epoch, epochs } = summary;
            const place = { stage: stage + 1, stages: bound.stages.length, epoch: epoch + 1, epochs };
            void tell({ kind: 'at', place });
          },
        },
      });
      progress.clear();
      switch (outcome.kind) {
        case 'taken':
          console.say(`${outcome.by} is at ${name}`);
          await tell({ kind: 'taken', why: outcome.by });
          return EXIT.failed;
        case 'failed':
          console.complain(`error: ${outcome.error.message}`);
          await tell({ kind: 'failed', why: outcome.error.message });
          return EXIT.failed;
        default:
          await tell({ kind: outcome.kind });
          return interrupt.exitOf(outcome.kind === 'done' ? 'complete' : 'interrupted');
      }
    } finally {
      engine.close();
    }
  } catch (error) {
    progress.clear();
    const exit = complainOf(error, console);
    await tell({ kind: 'failed', why: failureOf(error).message ?? 'it failed' });
    return exit;
  } finally {
    interrupt.release();
    process.off('message', onMessage).off('disconnect', stop);
    if (isWorker && process.connected) process.disconnect();
  }
}
