/**
 * @file Ctrl-C, termination, a closed terminal, and SIGUSR1 of a scheduler: the first asks a training at hand to save and end; the second, or
 * one before there is a training, ends at once.
 */
import type { Console } from './console.js';
import { EXIT, type ExitCode } from './exit-codes.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The code of the process after work that ended so: for an interrupted one, that of the signal. */
  readonly exitOf: (ended: 'complete' | 'interrupted' | 'failed') => ExitCode;
  /** From now on there is something to lose. */
  readonly begin: () => void;
  /** Stops listening. */
  readonly release: () => void;
}

const SIGNALS = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGUSR1: EXIT.again,
} as const;

/** npm and npx pass on the Ctrl-C that the terminal has sent us too: the same signal so soon after the first is its echo. */
const ECHO_MS = 250;

const endForScheduler = (): void => process.exit(EXIT.again);

/** From the first moment of the process: Node itself would open a debugger's port at SIGUSR1. */
export function keepDebuggerClosed(): void {
  process.on('SIGUSR1', endForScheduler);
}

/** `clear`: takes a redrawn line away before something is said. */
export function listenForInterrupt(console: Console, clear: () => void): Interrupt {
  const controller = new AbortController();
  let exit: ExitCode | undefined;
  let first = 0;
  let begun = false;
  const listener = (name: keyof typeof SIGNALS): void => {
    const now = performance.now();
    if (exit === SIGNALS[name] && now - first < ECHO_MS) return;
    if (exit !== undefined || !begun) process.exit(SIGNALS[name]);
    exit = SIGNALS[name];
    first = now;
    controller.abort();
    clear();
    console.complain('saving after this iteration; once more ends at once');
  };
  for (const name of Object.keys(SIGNALS)) process.on(name, listener);
  // Afterwards: with no listener in between, a signal on its way would be lost.
  for (const other of process.listeners('SIGUSR1')) if (other !== listener) process.off('SIGUSR1', other);
  return {
    signal: controller.signal,
    exitOf: (ended) => {
      if (ended === 'interrupted') return exit ?? EXIT.interrupted;
      return ended === 'failed' ? EXIT.failed : EXIT.ok;
    },
    begin: () => {
      begun = true;
    },
    release: () => {
      process.on('SIGUSR1', endForScheduler);
      for (const name of Object.keys(SIGNALS)) process.off(name, listener);
    },
  };
}
