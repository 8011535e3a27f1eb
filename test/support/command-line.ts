/** @file Runs `ed2lc` as a process, the way a user does, in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The published executable, which starts several times faster than the sources. */
export const ED2LC = resolve('dist/bin/ed2lc.cjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Workplace {
  readonly path: string;
  /** Runs to the end, in a folder of it if one is named. */
  ed2lc(args: readonly string[], environment?: NodeJS.ProcessEnv, folder?: string): Promise<Ended>;
  /** Starts; the caller may send signals. */
  start(
    args: readonly string[],
    environment?: NodeJS.ProcessEnv,
    folder?: string,
  ): { child: ChildProcess; ended: Promise<Ended> };
  write(file: string, text: string): void;
  remove(): void;
}

/** A temporary folder with these files, and a cache beside them. */
export function workplace(files: Readonly<Record<string, string>> = {}): Workplace {
  const path = mkdtempSync(join(tmpdir(), 'ed2lc-'));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  const start: Workplace['start'] = (args, environment = {}, folder = '.') => {
    const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...rest } = process.env;
    const child = spawn(process.execPath, [ED2LC, ...args], {
      cwd: join(path, folder),
      env: { ...rest, ED2LC_CACHE: join(path, 'cache'), ...environment },
    });
    // A test that fails while it waits must leave nothing behind that runs.
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, stdout, stderr })));
    return { child, ended };
  };
  return {
    path,
    write,
    start,
    ed2lc: (...what) => start(...what).ended,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A spec that trains in a second on the reference engine. */
export const TINY_SPEC = `model tiny {
  hyper rate = 1e-2
  input face       : image[12, 12, 1]
  label expression : class[7]
  group encoder = flatten() |> dense(8) |> relu()
  group reader  = dense(7)
  z = reader(encoder(face))
  loss l = cross_entropy(z, expression)
    updates encoder, reader
  predict expression = softmax(z)
  train {
    minimize l
      using adam(rate: rate)
    batch 32
    epochs 2
  }
}
data faces {
  source synthetic_faces(people: 4)
  resize to(12, 12)
  folds  blocks(2, by: subject)
}
experiment try_tiny {
  model  tiny
  train  on faces
  report accuracy(), confusion()
}
`;
