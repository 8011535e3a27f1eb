/** @file Run directories: `runs/NAME-001`, the next number each time, never an existing one. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RunError, RunRecordError } from './errors.js';
import type { Task } from './tasks.js';

const DIGITS = 3;

/** Makes the next directory. Throws RunError if the disk refuses. */
export async function makeRunDirectory(runs: string, name: string): Promise<string> {
  try {
    await mkdir(runs, { recursive: true });
    let number = (await runNumbers(runs, name)).reduce((a, b) => Math.max(a, b), 0);
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

async function runNumbers(runs: string, name: string): Promise<number[]> {
  const entries = await readdir(runs);
  return entries.flatMap((entry) => {
    const number = entry.startsWith(`${name}-`) ? entry.slice(name.length + 1) : '';
    return /^\d+$/.test(number) ? [Number(number)] : [];
  });
}

/** Within a run directory, of a task or an earlier stage of it: `parameters/seed-0-fold-1.safetensors`. */
export const parameterFile = (name: string): string => join('parameters', `${name}.safetensors`);

/** `seed-0-fold-1`, also the folder of the trained network's inference model. */
export const taskName = ({ seed, fold }: Task): string =>
  `seed-${seed}${fold === null ? '' : `-fold-${fold}`}`;

/** Of an earlier stage, from 0: `seed-0-fold-1-stage-1`. */
export const stageName = (task: Task, stage: number): string => `${taskName(task)}-stage-${stage + 1}`;

/** The tasks whose parameters a run directory holds, by seed and fold. Throws RunRecordError. */
export async function storedTasks(directory: string): Promise<Task[]> {
  const entries = await readdir(join(directory, 'parameters')).catch(() => [] as string[]);
  const tasks = entries.flatMap((entry): Task[] => {
    const [, seed, fold] = /^seed-(\d+)(?:-fold-(\d+))?\.safetensors$/.exec(entry) ?? [];
    return seed === undefined ? [] : [{ seed: Number(seed), fold: fold === undefined ? null : Number(fold) }];
  });
  if (tasks.length === 0) throw new RunRecordError(`${directory} holds no trained parameters`);
  return tasks.sort((a, b) => a.seed - b.seed || (a.fold ?? 0) - (b.fold ?? 0));
}
