/** @file The executable `ed2lc`. */
import { availableParallelism } from 'node:os';
import { Console } from './console.js';
import { EXIT } from './exit-codes.js';
import { keepDebuggerClosed } from './interrupt.js';
import { runCommandLine } from './program.js';

// Images are decoded on these threads, and Node itself never starts more than four.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.min(16, Math.max(4, availableParallelism())));
keepDebuggerClosed();
// A reader that has seen enough (`ed2lc routes | head`) is no error; a disk that takes no results is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`error: standard output could not be written: ${error.message}\n`);
  process.exit(EXIT.environment);
});
// Nobody listens any more: no reason to lose a training.
process.stderr.on('error', () => undefined);
void runCommandLine(process.argv.slice(2), new Console());
