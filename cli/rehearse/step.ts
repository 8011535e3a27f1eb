/** @file One command of `ed2lc` as a process of its own, in this terminal. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Signals go to the command, which saves what it has. Returns the exit code. */
export function runStep(
  ed2lc: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, [ed2lc, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}
