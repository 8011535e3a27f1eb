/** @file Text files of a run: a reader meets the old one or the whole new one. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RunError } from './errors.js';

/** Ends with a line feed. Throws RunError when the disk refuses, and then the old file is as it was. */
export async function writeText(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(part, 'w');
    try {
      await file.writeFile(`${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new RunError(`${path} could not be written: ${(error as Error).message}`);
  }
}
