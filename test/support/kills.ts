/** @file Kills `ed2lc run` at random moments of training and lets it go on, until it is complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workplace } from './command-line.js';

export interface KilledRun {
  /** How often it was killed before it completed. */
  readonly kills: number;
  /** Bytes by name: parameters of every training, and decisions. */
  readonly left: ReadonlyMap<string, string>;
}

/** The parameters of all trainings, and the decisions. */
export function leftBy(place: Workplace, run: string): Map<string, string> {
  const folder = join(place.path, run, 'parameters');
  const left = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex')]),
  );
  const { tasks, judgements } = JSON.parse(readFileSync(join(place.path, run, 'result.json'), 'utf8')) as {
    tasks: { seed: number; fold: number; iterations: number; decisions: unknown }[];
    judgements: unknown;
  };
  const decisions = tasks.map(({ seed, fold, iterations, decisions: made }) => [
    seed,
    fold,
    iterations,
    made,
  ]);
  left.set('decisions', JSON.stringify([decisions, judgements]));
  return left;
}

/**
 * Starts `run` with these arguments again and again, killing it (SIGKILL) so many milliseconds after its training began, until it completes.
 * `delays` gives the next wait, or null for no further kill. `onKill` hears how far it was.
 */
export async function runWithKills(
  place: Workplace,
  args: readonly string[],
  run: string,
  delays: () => number | null,
  onKill?: (where: string) => void,
): Promise<KilledRun> {
  for (let kills = 0; ;) {
    const delay = delays();
    const { child, ended } = place.start(['run', '--progress', 'none', ...args]);
    let timer: NodeJS.Timeout | undefined;
    child.stderr!.on('data', (chunk: Buffer) => {
      if (delay !== null && /images to train on/.test(String(chunk)))
        timer ??= setTimeout(() => child.kill('SIGKILL'), delay);
    });
    const { code, stderr } = await ended;
    clearTimeout(timer);
    if (code === 0) return { kills, left: leftBy(place, run) };
    if (code !== null) throw new Error(`ed2lc run ended with ${code}: ${stderr}`);
    kills++;
    onKill?.(/going on after iteration \d+/.exec(stderr)?.[0] ?? 'from the beginning');
  }
}
