#!/usr/bin/env node
/** @file The executable `ed2lc`. */
import { Console } from './console.js';
import { runCommandLine } from './program.js';

// A reader that has seen enough (`ed2lc routes | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
await runCommandLine(process.argv.slice(2), new Console());
