/** @file Ctrl-C, termination and a closed terminal: the first asks a training at hand to end well; the second, or one before there is a training, ends at once. */
import { EXIT, type ExitCode } from './exit-codes.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The code of the signal that came, if one came. */
  readonly exit: ExitCode | undefined;
  /** From now on there is something to lose. */
  readonly begin: () => void;
  /** Stops listening. */
  readonly release: () => void;
}

const SIGNALS = { SIGHUP: EXIT.hungUp, SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** `onFirst` is told once, when the work was asked to end. */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exit: ExitCode | undefined;
  let begun = false;
  const listener = (name: keyof typeof SIGNALS): void => {
    if (exit !== undefined || !begun) process.exit(SIGNALS[name]);
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
    begin: () => {
      begun = true;
    },
    release: () => {
      for (const name of Object.keys(SIGNALS)) process.off(name, listener);
    },
  };
}
