/** @file Kills `ed2lc run` and `ed2lc crossval` at random moments of training and lets them go on, until they are complete. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadParameters } from '../../runtime/parameters/safetensors.js';
import { TINY_SPEC, type Workplace } from './command-line.js';

/** All that has a place or a state: dropout, augmentation, balanced draws, a scheduled rate and route, batch norm, a rare and a repeated step. */
export const STATEFUL_SPEC = TINY_SPEC.replace(
  /model tiny \{[\s\S]*?\n\}\n/,
  () => `model tiny {
  hyper rate = cosine(from: 1e-2, to: 1e-3)
  hyper pull = linear(from: 0, to: 1)
  input face       : image[12, 12, 1]
  label expression : class[7]
  group encoder = conv(4, kernel: 3, stride: 2, bias: false) |> batch_norm() |> relu() |> flatten() |> dropout(0.2)
  group reader  = dense(7)
  group critic  = dense(7)
  f = encoder(face)
  z = reader(f)
  loss l   = cross_entropy(z, expression)         updates encoder, reader
  loss l_c = cross_entropy(critic(f), expression) updates critic, encoder by -pull
  predict expression = softmax(z)
  train {
    step often repeat 2 { minimize l_c using sgd(rate: rate, momentum: 0.9) }
    step rare every 3   { minimize l using adam(rate: rate) }
    batch 16
    epochs 40
  }
}
`,
).replace('folds  blocks', 'augment flip(), shift(1)\n  balance sampler()\n  folds  blocks');

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

export interface Kill {
  readonly whom: 'coordinator' | 'training';
  /** Milliseconds after the first training began. */
  readonly after: number;
}

interface StoredTasks {
  readonly ended: string;
  readonly tasks: readonly { readonly seed: number; readonly fold: number }[];
}

/** Tasks of a run as JSON by name, once their parameters have been read and found whole; none while there is no run. Throws for half a result. */
async function finishedIn(directory: string): Promise<Map<string, string>> {
  if (!existsSync(join(directory, 'run.json'))) return new Map();
  const { ended, tasks } = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')) as StoredTasks;
  if (tasks.length === 0 && ended === 'complete') throw new Error(`${directory} is complete without a task`);
  const found = new Map<string, string>();
  for (const task of tasks) {
    const name = `seed-${task.seed}-fold-${task.fold}`;
    await loadParameters(join(directory, 'parameters', `${name}.safetensors`));
    if (!existsSync(join(directory, name, 'inference', 'model.json')))
      throw new Error(`${name} of ${directory} has no inference model`);
    found.set(name, JSON.stringify(task));
  }
  return found;
}

/** Processes that train tasks of a run. */
function workersOf(directory: string): number[] {
  const tasks = join(directory, 'tasks');
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks)
    .filter((name) => name.endsWith('.lock'))
    .flatMap((name) => {
      try {
        return [(JSON.parse(readFileSync(join(tasks, name), 'utf8')) as { pid: number }).pid];
      } catch {
        // Released since, or being written.
        return [];
      }
    });
}

/**
 * Starts `crossval` with these arguments again and again, with a kill each time, until it completes. After each end everything that was finished
 * before must be there, whole and unchanged; throws if not. `run`: the run directory.
 */
export async function crossvalWithKills(
  place: Workplace,
  args: readonly string[],
  run: string,
  next: () => Kill | null,
  onKill?: (kill: Kill, finished: number) => void,
): Promise<KilledRun> {
  const directory = join(place.path, run);
  let finished = new Map<string, string>();
  for (let kills = 0; ;) {
    const kill = next();
    const { child, ended } = place.start(['crossval', ...args]);
    let killed = false;
    let timer: NodeJS.Timeout | undefined;
    const strike = (): void => {
      if (kill!.whom === 'coordinator') killed = child.kill('SIGKILL');
      else {
        const [worker] = workersOf(directory);
        // Between two trainings there is none.
        if (worker === undefined) timer = setTimeout(strike, 5);
        else killed = process.kill(worker, 'SIGKILL');
      }
    };
    child.stderr!.on('data', (chunk: Buffer) => {
      if (kill && /: started/.test(String(chunk))) timer ??= setTimeout(strike, kill.after);
    });
    const { code, stderr } = await ended;
    clearTimeout(timer);
    if (/\n\s+at |internal error/.test(stderr)) throw new Error(stderr);
    const now = await finishedIn(directory);
    for (const [name, task] of finished)
      if (now.get(name) !== task) throw new Error(`${name} was finished, and is not as it was`);
    finished = now;
    if (kill && killed) onKill?.(kill, now.size);
    if (killed) kills++;
    if (code === 0) return { kills, left: leftBy(place, run) };
    if (!killed) throw new Error(`ed2lc crossval ended with ${code}: ${stderr}`);
  }
}
