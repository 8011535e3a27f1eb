/** @file Where a TensorFlow lies that was built on this machine. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder that `build.ts` fills when none is named. */
export function builtFolder({ XDG_DATA_HOME }: NodeJS.ProcessEnv = process.env): string {
  return join(XDG_DATA_HOME || join(homedir(), '.local/share'), 'ed2lc/tensorflow');
}

/** tfjs-node inside such a folder. */
export const packageIn = (folder: string): string => join(folder, 'node_modules/@tensorflow/tfjs-node');
