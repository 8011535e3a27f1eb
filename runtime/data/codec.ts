/** @file The image codec, loaded when the first image is read or written: everything else works without it. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type sharp from 'sharp';
import { CodecError } from './errors.js';

type Sharp = typeof sharp;

/** Decoding runs on the threads that Node keeps for such work. */
export const THREADS = Math.min(availableParallelism(), Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) || 4);

let loaded: Sharp | undefined;

/** Throws CodecError where it cannot be loaded. */
export function codec(): Sharp {
  loaded ??= load();
  return loaded;
}

function load(): Sharp {
  let found: Sharp;
  try {
    // Not `import`: that would be at the start, for every command.
    found = createRequire(import.meta.url)('sharp') as Sharp;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new CodecError(`images need the package sharp, which cannot be loaded (${reason})`);
  }
  // Cores beyond the threads help within an image. Each file is read once, so nothing is worth keeping.
  found.concurrency(Math.max(1, Math.floor(availableParallelism() / THREADS)));
  found.cache(false);
  return found;
}
