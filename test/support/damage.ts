/** @file Ways in which a stored file gets damaged: cut off, bytes changed, entries lost, values of another type. Seeded. */
import { randomFrom } from './random-graph.js';

export interface Damage {
  readonly how: string;
  readonly text: string;
}

/** `count` of each kind. */
export function damaged(text: string, count: number, seed: number): Damage[] {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const cases: Damage[] = [];
  for (let i = 0; i < count; i++) {
    const cut = below(text.length);
    cases.push({ how: `cut at ${cut}`, text: text.slice(0, cut) });
    const at = below(text.length);
    const byte = String.fromCharCode(32 + below(95));
    cases.push({ how: `${byte} at ${at}`, text: text.slice(0, at) + byte + text.slice(at + 1) });
    cases.push({
      how: 'an entry lost',
      text: changed(text, random, (holder, key) => void deleteAt(holder, key)),
    });
    const other = OTHERS[below(OTHERS.length)];
    cases.push({
      how: `${JSON.stringify(other)} put in`,
      text: changed(text, random, (holder, key) => void ((holder as Record<string, unknown>)[key] = other)),
    });
  }
  return cases;
}

const OTHERS: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e9,
  '',
  'nonsense',
  '-',
  '__proto__',
  [],
  [[]],
  {},
  { kind: 'fixed' },
  { coefficient: '1*' },
];

const deleteAt = (holder: object, key: string): void => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete (holder as Record<string, unknown>)[key];
};

/** Applies `change` to an entry found by a random walk from the root, so that small objects are hit as often as long lists. */
function changed(text: string, random: () => number, change: (holder: object, key: string) => void): string {
  const root = JSON.parse(text) as object;
  let holder: object = root;
  for (;;) {
    const keys = Object.keys(holder);
    const key = keys[Math.floor(random() * keys.length)]!;
    const next = (holder as Record<string, unknown>)[key];
    const inside = typeof next === 'object' && next !== null && Object.keys(next).length > 0;
    if (inside && random() < 0.85) holder = next;
    else {
      change(holder, key);
      return JSON.stringify(root);
    }
  }
}
