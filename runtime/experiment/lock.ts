/** @file One process at a time writes a run directory: `lock.json` in it says who. */
import { join } from 'node:path';
import { holderOf, takeLock, type Holder, type Lock } from '../locks/lock-file.js';

const lockFile = (directory: string): string => join(directory, 'lock.json');

/** Undefined if another live process, or another run of this one, writes there. Throws the file system's error. */
export const takeRunLock = (directory: string): Promise<Lock | undefined> => takeLock(lockFile(directory));

/** Who writes there now; undefined if nobody does. */
export const writerOf = (directory: string): Promise<Holder | undefined> => holderOf(lockFile(directory));
