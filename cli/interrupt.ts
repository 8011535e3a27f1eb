/** @file Ctrl-C and termination: the first asks the work at hand to end well, the second ends the process at once. */
import { EXIT, type ExitCode } from './exit-codes.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The code of the signal that came, if one came. */
  readonly exit: ExitCode | undefined;
  /** Stops listening. */
  readonly release: () => void;
}

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** `onFirst` is told once, when the work was asked to end. */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exit: ExitCode | undefined;
  const listener = (name: keyof typeof SIGNALS): void => {
    if (exit !== undefined) process.exit(SIGNALS[name]);
    exit = SIGNALS[name];
    controller.abort();
    onFirst();
  };
  for (const name of Object.keys(SIGNALS)) process.on(name, listener);
  return {
    signal: controller.signal,
    get exit() {
      return exit;
    },
    release: () => {
      for (const name of Object.keys(SIGNALS)) process.off(name, listener);
    },
  };
}
