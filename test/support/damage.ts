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

export interface DamagedBytes {
  readonly how: string;
  readonly bytes: Buffer;
}

/** `count` in all: cut off, and a bit turned, by turns; half of the places are in the first kilobyte, where headers are. */
export function damagedBytes(whole: Uint8Array, count: number, seed: number): DamagedBytes[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, i) => {
    const range = i % 4 < 2 ? Math.min(1024, whole.length) : whole.length;
    const at = Math.floor(random() * range);
    if (i % 2 === 0) return { how: `cut at ${at}`, bytes: Buffer.from(whole.subarray(0, at)) };
    const bit = Math.floor(random() * 8);
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << bit;
    return { how: `bit ${bit} of byte ${at}`, bytes };
  });
}
