/** @file Takes times in pairs, ours and theirs in turn, the order changing from pair to pair. */
import { spawn } from 'node:child_process';
import type { ParticipantProcess } from './process.js';
import type { Request } from './protocol.js';
import { median, type Pair } from './statistics.js';

export type Timed = Extract<Request, { readonly times: number }>;
type Untimed<T> = T extends unknown ? Omit<T, 'times'> : never;

/** What a participant is asked, without how often. */
export type Question = Untimed<Timed>;

/**
 * A turn is one run that is not counted, for another process has just had the caches, and as many as fit, at least one; its time is the
 * median of these: what a training takes that nobody interrupts.
 */
const TURN_MS = 1000;
const MOST_RUNS = 30;
/** After so long there are enough pairs, if there are a few. */
const ENOUGH_MS = 60_000;
const FEW_PAIRS = 3;

async function turn(participant: ParticipantProcess, question: Question, times: number): Promise<number> {
  const { ms } = (await participant.ask({ ...question, times: times + 1 } as Timed)) as {
    ms: readonly number[];
  };
  return median(ms.slice(1));
}

/** Runs for a turn, after the first ones, which prepare things. */
async function warm(participant: ParticipantProcess, question: Question): Promise<number> {
  await turn(participant, question, 1);
  const ms = await turn(participant, question, 1);
  return Math.max(1, Math.min(MOST_RUNS, Math.floor(TURN_MS / ms)));
}

/** The same question to both, unless `theirQuestion` is another. `count`: of pairs, at most. */
export async function measurePairs(
  ours: ParticipantProcess,
  theirs: ParticipantProcess,
  question: Question,
  count: number,
  theirQuestion: Question = question,
): Promise<Pair[]> {
  const ourRuns = await warm(ours, question);
  const theirRuns = await warm(theirs, theirQuestion);
  const pairs: Pair[] = [];
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    if (i >= FEW_PAIRS && performance.now() - started > ENOUGH_MS) break;
    const mine = (): Promise<number> => turn(ours, question, ourRuns);
    const other = (): Promise<number> => turn(theirs, theirQuestion, theirRuns);
    if (i % 2 === 0) {
      const first = await mine();
      pairs.push({ ours: first, theirs: await other() });
    } else {
      const first = await other();
      pairs.push({ ours: await mine(), theirs: first });
    }
  }
  return pairs;
}

/** While `during` runs, a foreign process keeps one core busy. */
export async function besideBusyProcess<T>(during: () => Promise<T>): Promise<T> {
  const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  const end = (): void => void busy.kill('SIGKILL');
  process.once('exit', end);
  try {
    return await during();
  } finally {
    process.off('exit', end);
    end();
  }
}
