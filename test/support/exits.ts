/** @file How `ed2lc run` ends, again and again, after a few steps of the quick ED²L: the whole command, from its start to the end of its process. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { workplace, type Workplace } from './command-line.js';

/** Four steps, and faces of people held out to be judged on. */
const SPEC = `import { quick_ed2l } from "./specs/quick.ed2l"
model few_steps extends quick_ed2l { train { batch 16  epochs 1 } }
data faces {
  source synthetic_faces(people: 4, preset: medium, seed: 1)
  resize to(56, 48)
  folds  blocks(2, by: subject)
}
experiment exits {
  model few_steps
  train on faces
  report accuracy()
}
`;

/** Longer than any end takes, also on a machine with much else to do. */
const PATIENCE_MS = 600_000;

export interface Exits {
  /** How often the process ended so: `exit 0`, `exit 5`, `SIGSEGV`, `did not end`. */
  readonly counts: ReadonlyMap<string, number>;
  /** What the first that was not `exit 0` said. */
  readonly complaint?: string;
}

export function placeOfExits(): Workplace {
  const place = workplace({ 'exits.ed2l': SPEC });
  cpSync('specs', join(place.path, 'specs'), { recursive: true });
  return place;
}

/** One process after the other; `on` hears how each ended. */
export async function countExits(
  place: Workplace,
  engine: 'onednn' | 'wasm',
  times: number,
  on: (end: string) => void = () => undefined,
): Promise<Exits> {
  const counts = new Map<string, number>();
  let complaint: string | undefined;
  for (let i = 0; i < times; i++) {
    const { child, ended } = place.start(['run', 'exits.ed2l', '--engine', engine, '--fresh']);
    let late = false;
    const timer = setTimeout(() => (late = child.kill('SIGKILL')), PATIENCE_MS);
    const { code, stderr } = await ended;
    clearTimeout(timer);
    const end = late ? 'did not end' : code === null ? String(child.signalCode) : `exit ${code}`;
    if (end !== 'exit 0') complaint ??= stderr;
    counts.set(end, (counts.get(end) ?? 0) + 1);
    on(end);
  }
  return { counts, ...(complaint !== undefined && { complaint }) };
}
