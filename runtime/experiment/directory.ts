/** @file Run directories: `runs/NAME-001`, the next number each time, never an existing one. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RunError } from './errors.js';
import type { Task } from './tasks.js';

const DIGITS = 3;

/** Makes the next directory. Throws RunError if the disk refuses. */
export async function makeRunDirectory(runs: string, name: string): Promise<string> {
  try {
    await mkdir(runs, { recursive: true });
    const numbers = runNumbers(await readdir(runs), name).map(({ number }) => number);
    let number = numbers.reduce((a, b) => Math.max(a, b), 0);
    for (;;) {
      const path = join(runs, `${name}-${String(++number).padStart(DIGITS, '0')}`);
      try {
        await mkdir(path);
        await mkdir(join(path, 'parameters'));
        return path;
      } catch (error) {
        // Another process may have taken the number since.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw new RunError(
      `${join(runs, name)}-…: the run directory could not be made: ${(error as Error).message}`,
    );
  }
}

/** Those of the entries of a folder that are run directories of an experiment, by their names. */
export function runNumbers(entries: readonly string[], name: string): { entry: string; number: number }[] {
  return entries.flatMap((entry) => {
    const number = entry.startsWith(`${name}-`) ? entry.slice(name.length + 1) : '';
    return /^\d+$/.test(number) ? [{ entry, number: Number(number) }] : [];
  });
}

/** Within a run directory, of a task or an earlier stage of it: `parameters/seed-0-fold-1.safetensors`. */
export const parameterFile = (name: string): string => join('parameters', `${name}.safetensors`);

/** `seed-0-fold-1`, also the folder of the trained network's inference model. */
export const taskName = ({ seed, fold }: Task): string =>
  `seed-${seed}${fold === null ? '' : `-fold-${fold}`}`;

/** Of an earlier stage, from 0: `seed-0-fold-1-stage-1`. */
export const stageName = (task: Task, stage: number): string => `${taskName(task)}-stage-${stage + 1}`;

/** What lies in `parameters/` and belongs to no task of the run. */
export async function strayParameters(
  directory: string,
  tasks: readonly Task[],
  stages: number,
): Promise<string[]> {
  const planned = tasks.flatMap((task) => [
    taskName(task),
    ...Array.from({ length: stages - 1 }, (_, i) => stageName(task, i)),
  ]);
  const known = new Set(planned.map((name) => parameterFile(name)));
  const entries = await readdir(join(directory, 'parameters')).catch(() => [] as string[]);
  const files = entries.filter((entry) => entry.endsWith('.safetensors'));
  return files.map((entry) => join('parameters', entry)).filter((file) => !known.has(file));
}

/** Of an unfinished cross-validation: the trainings that processes are at, or left, each a run directory of its own. */
export const tasksFolder = (directory: string): string => join(directory, 'tasks');

/** Whether its tasks are trained by processes of their own, and not all done. */
export const isInProcesses = (directory: string): boolean => existsSync(tasksFolder(directory));
