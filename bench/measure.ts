/** @file Takes times in pairs, ours and theirs in turn, the order changing from pair to pair. */
import { spawn } from 'node:child_process';
import type { ParticipantProcess } from './process.js';
import type { Request } from './protocol.js';
import { median, type Pair } from './statistics.js';

export type Timed = Extract<Request, { readonly times: number }>;
type Untimed<T> = T extends unknown ? Omit<T, 'times'> : never;

/** What a participant is asked, without how often. */
export type Question = Untimed<Timed>;

/** A turn is as many runs as fit, at least one; its time is their median. */
const TURN_MS = 1000;
/**
 * Another process has just had the caches, which a training that nobody interrupts keeps. So a turn begins with a run that is not counted;
 * but not where runs take longer than this, for there it makes no difference.
 */
const LONG_MS = 3000;
const MOST_RUNS = 30;
/** After so long there are enough pairs, if there are a few. */
const ENOUGH_MS = 60_000;
const FEW_PAIRS = 3;

/** How many runs a turn has, and how many of the first are not counted. */
interface Turn {
  readonly runs: number;
  readonly uncounted: number;
}

async function turn(
  participant: ParticipantProcess,
  question: Question,
  { runs, uncounted }: Turn,
): Promise<number> {
  const asked = { ...question, times: uncounted + runs } as Timed;
  const { ms } = (await participant.ask(asked)) as { ms: readonly number[] };
  return median(ms.slice(uncounted));
}

/** Runs for a turn, after the first ones, which prepare things. */
async function warm(participant: ParticipantProcess, question: Question): Promise<Turn> {
  const once = { runs: 1, uncounted: 0 };
  await turn(participant, question, once);
  const ms = await turn(participant, question, once);
  return {
    runs: Math.max(1, Math.min(MOST_RUNS, Math.floor(TURN_MS / ms))),
    uncounted: ms > LONG_MS ? 0 : 1,
  };
}

/** The same question to both, unless `theirQuestion` is another. `count`: of pairs, at most. */
export async function measurePairs(
  ours: ParticipantProcess,
  theirs: ParticipantProcess,
  question: Question,
  count: number,
  theirQuestion: Question = question,
): Promise<Pair[]> {
  const ourTurn = await warm(ours, question);
  const theirTurn = await warm(theirs, theirQuestion);
  const pairs: Pair[] = [];
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    if (i >= FEW_PAIRS && performance.now() - started > ENOUGH_MS) break;
    const mine = (): Promise<number> => turn(ours, question, ourTurn);
    const other = (): Promise<number> => turn(theirs, theirQuestion, theirTurn);
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
