/**
 * @file A process that trains one task. It has a process group of its own, so that Ctrl-C in the terminal reaches the coordinator alone, which
 * then asks for an end; it ends by itself, saved, when the coordinator is gone.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { RunError } from '../experiment/errors.js';
import { STOP, WORKER_VARIABLE, type Ended, type Report } from './messages.js';

export interface Worker {
  readonly ended: Promise<Ended>;
  /** Save and end. */
  readonly stop: () => void;
  /** At once. */
  readonly kill: () => void;
}

/** The program that trains a task when it is given `args`. */
export interface WorkerProgram {
  readonly script: string;
  readonly execArgv: readonly string[];
}

/** `log`: where its standard error goes. Throws RunError. */
export function startWorker(
  { script, execArgv }: WorkerProgram,
  args: readonly string[],
  log: string,
  onReport: (report: Exclude<Report, Ended>) => void,
): Worker {
  const child = launch(script, args, execArgv, log);
  let said: Ended | undefined;
  child.on('message', (report: Report) => {
    if (report.kind === 'at' || report.kind === 'note') onReport(report);
    else said = report;
  });
  const ended = new Promise<Ended>((resolve) => {
    let open = 2;
    let end: Ended = { kind: 'failed', why: 'it could not be started' };
    // What was said last may arrive after the end.
    const half = (): void => {
      if (--open === 0) resolve(said ?? end);
    };
    child.once('disconnect', half);
    child.once('exit', (code, signal) => {
      end = { kind: 'failed', why: signal ? `it was killed (${signal})` : endOf(code, log) };
      half();
    });
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      resolve({ kind: 'failed', why: `its process could not be started: ${error.message}` });
    });
  });
  return {
    ended,
    stop: () => {
      if (child.connected) child.send(STOP, () => undefined);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function launch(
  script: string,
  args: readonly string[],
  execArgv: readonly string[],
  log: string,
): ChildProcess {
  try {
    const file = openSync(log, 'a');
    try {
      const env = { ...process.env, [WORKER_VARIABLE]: '1' };
      const options = { execArgv: [...execArgv], detached: true, env };
      return fork(script, [...args], { ...options, stdio: ['ignore', file, file, 'ipc'] });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new RunError(`a process could not be started: ${(error as Error).message}`);
  }
}

/** It ended without a word: the last line of its log may say why. */
function endOf(code: number | null, log: string): string {
  let last = '';
  try {
    last = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    // Then only its code is known.
  }
  return `its process ended with ${code}${last === '' ? '' : `: ${last}`}`;
}
