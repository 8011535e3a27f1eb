/** @file Carriers: exact vectors over loss terms, and how one is written as a disjoint sum of others. */
import * as C from '../scalar/coefficient.js';
import type { Coefficient } from '../scalar/coefficient.js';
import * as Q from '../scalar/rational.js';

/** One entry per term; null where the term does not take part (a zero is never stored). */
export type Carrier = readonly (Coefficient | null)[];

/** A set of terms, as bits. */
export type TermSet = bigint;

export const termBit = (term: number): TermSet => 1n << BigInt(term);

export function support(carrier: Carrier): TermSet {
  return carrier.reduce((set, c, t) => (c ? set | termBit(t) : set), 0n);
}

export const isEmpty = (carrier: Carrier): boolean => carrier.every((c) => c === null);

export function restrict(carrier: Carrier, terms: TermSet): Carrier {
  return carrier.map((c, t) => (terms & termBit(t) ? c : null));
}

export function keyOf(carrier: Carrier): string {
  return carrier.map((c) => (c ? C.formatCoefficient(c) : '.')).join('|');
}

export const sameCarrier = (a: Carrier, b: Carrier): boolean => keyOf(a) === keyOf(b);

export function unitCarrier(terms: number, term: number): Carrier {
  return Array.from({ length: terms }, (_, t) => (t === term ? C.ONE : null));
}

/** The order in which carriers over the same terms are listed never depends on hashing. */
export function distinct(carriers: readonly Carrier[]): Carrier[] {
  // Nearly everywhere a single thing is wanted: there is nothing to compare.
  if (carriers.length === 1) return carriers.filter((c) => !isEmpty(c));
  const seen = new Set<string>();
  return carriers.filter((c) => {
    const key = keyOf(c);
    if (isEmpty(c) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const wholePowers = (c: Coefficient): boolean => c.powers.every(([, exponent]) => exponent > 0);

/** c with `target = c * source` on all terms of `source`'s support, or null; run-time scalars may be divided by only if `anyPower`. */
function ratio(target: Carrier, source: Carrier, anyPower: boolean): Coefficient | null {
  let common: Coefficient | null = null;
  for (let t = 0; t < source.length; t++) {
    const divisor = source[t];
    if (!divisor) continue;
    const value = target[t];
    if (!value) return null;
    const here = C.divide(value, divisor);
    if (common === null) {
      if (!anyPower && !wholePowers(here)) return null;
      common = here;
    } else if (!C.equal(common, here)) return null;
  }
  return common;
}

/** One part of a disjoint sum: `scale` times `carriers[index]`. */
export interface Part {
  readonly index: number;
  readonly scale: Coefficient;
}

/**
 * Writes `target` as a disjoint sum of some of `carriers`: their supports partition the target's, and no run-time scalar is divided by.
 * Each term then enters exactly once, so nothing ever cancels. Null if there is no such sum.
 */
export function asDisjointSum(target: Carrier, carriers: readonly Carrier[]): readonly Part[] | null {
  return bestCover(target, carriers, true);
}

/** The disjoint sum that covers most of the target's support (all of it if `whole`), fewest parts first. */
function bestCover(target: Carrier, carriers: readonly Carrier[], whole: true): readonly Part[] | null;
function bestCover(target: Carrier, carriers: readonly Carrier[], whole: false): readonly Part[];
function bestCover(target: Carrier, carriers: readonly Carrier[], whole: boolean): readonly Part[] | null {
  const goal = support(target);
  const usable: { part: Part; set: TermSet }[] = [];
  carriers.forEach((carrier, index) => {
    const set = support(carrier);
    if (set === 0n || (set & ~goal) !== 0n) return;
    const scale = ratio(target, carrier, false);
    if (scale) usable.push({ part: { index, scale }, set });
  });
  const coverable = usable.reduce((all, { set }) => all | set, 0n);
  if (whole && coverable !== goal) return null;
  usable.sort((a, b) => countTerms(b.set) - countTerms(a.set));
  let best: { readonly size: number; readonly parts: readonly Part[] } | null = whole
    ? null
    : { size: 0, parts: [] };
  // Exact cover, term by term: each open term is taken by one carrier or, if not all need be covered, left out.
  const search = (open: TermSet, size: number, parts: readonly Part[]): void => {
    const reachable = size + countTerms(open);
    if (best && (reachable < best.size || (reachable === best.size && parts.length >= best.parts.length)))
      return;
    if (open === 0n) {
      best = { size, parts };
      return;
    }
    const term = open & -open;
    for (const { part, set } of usable) {
      if ((set & term) !== 0n && (set & ~open) === 0n)
        search(open & ~set, size + countTerms(set), [...parts, part]);
    }
    if (!whole) search(open & ~term, size, parts);
  };
  search(goal & coverable, 0, []);
  return best && [...best.parts].sort((a, b) => a.index - b.index);
}

export function countTerms(set: TermSet): number {
  let count = 0;
  for (let rest = set; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

/**
 * One carrier that divides every member of a class of proportional carriers without dividing by a run-time scalar:
 * the first of `preferred` that does, else the first member that does, else the primitive vector.
 */
function representative(members: readonly Carrier[], preferred: Carrier | undefined): Carrier {
  const divides = (c: Carrier): boolean => members.every((m) => ratio(m, c, false) !== null);
  const owned = preferred && members.find((m) => sameCarrier(m, preferred));
  return (owned && divides(owned) ? owned : members.find(divides)) ?? primitive(members[0]!);
}

/** The proportional vector without common run-time scalars, its first entry's factor 1. */
function primitive(carrier: Carrier): Carrier {
  const entries = carrier.filter((c) => c !== null);
  const names = new Set(entries.flatMap((c) => c.powers.map(([name]) => name)));
  const lowest = (name: string): number =>
    Math.min(...entries.map((c) => c.powers.find(([other]) => other === name)?.[1] ?? 0));
  let common: Coefficient = C.fromRational(entries[0]!.factor);
  for (const name of [...names].sort()) {
    const exponent = lowest(name);
    if (exponent !== 0) common = C.multiply(common, C.named(name, exponent));
  }
  return carrier.map((c) => c && C.divide(c, common));
}

/** Proportional carriers merged, in order of first appearance. */
function mergeProportional(carriers: readonly Carrier[], preferred: Carrier | undefined): Carrier[] {
  const different = distinct(carriers);
  if (different.length <= 1) return different;
  const classes: Carrier[][] = [];
  for (const carrier of different) {
    const set = support(carrier);
    const home = classes.find(([first]) => support(first!) === set && ratio(carrier, first!, true) !== null);
    if (home) home.push(carrier);
    else classes.push([carrier]);
  }
  return classes.map((members) => representative(members, preferred));
}

/** How the pass picks the carriers of a place: `least` is the rule of the design, the others are the plans it must never lose to. */
export type Strategy = 'least' | 'columns' | 'blocks' | 'terms';

/**
 * A short list of carriers of which every one of `wanted` is a disjoint sum.
 * `preferred` is the column of the group that owns the place: factors are then applied once, at the group's border.
 */
export function choose(
  wanted: readonly Carrier[],
  preferred: Carrier | undefined,
  strategy: Strategy,
): readonly Carrier[] {
  const columns = mergeProportional(wanted, preferred);
  if (columns.length <= 1) return strategy === 'terms' && columns.length === 1 ? byTerms(columns) : columns;
  switch (strategy) {
    case 'columns':
      return columns;
    case 'terms':
      return byTerms(columns);
    case 'blocks':
      return byBlocks(columns);
    case 'least': {
      const candidates = [
        byGrowingSupport(columns, false),
        byGrowingSupport(columns, true),
        byBlocks(columns),
      ];
      return candidates.reduce((best, next) => (next.length < best.length ? next : best));
    }
  }
}

const sizeOfSupport = (c: Carrier): number => c.filter((x) => x !== null).length;

function byGrowingSupport(columns: readonly Carrier[], onlyLeftOver: boolean): Carrier[] {
  const kept: Carrier[] = [];
  const ordered = columns
    .map((column, index) => ({ column, index }))
    .sort((a, b) => sizeOfSupport(a.column) - sizeOfSupport(b.column) || a.index - b.index);
  for (const { column } of ordered) {
    if (asDisjointSum(column, kept)) continue;
    if (!onlyLeftOver) {
      kept.push(column);
      continue;
    }
    const covered = bestCover(column, kept, false).reduce(
      (set, part) => set | support(kept[part.index]!),
      0n,
    );
    kept.push(restrict(column, support(column) & ~covered));
  }
  return withoutRedundant(kept, columns);
}

/** Drops carriers whose absence still leaves every column expressible. */
function withoutRedundant(kept: readonly Carrier[], columns: readonly Carrier[]): Carrier[] {
  let result = [...kept];
  for (const candidate of kept) {
    const rest = result.filter((c) => c !== candidate);
    if (columns.every((column) => asDisjointSum(column, rest))) result = rest;
  }
  return result;
}

/** One carrier per block of terms whose rows are proportional. */
function byBlocks(columns: readonly Carrier[]): Carrier[] {
  const terms = columns[0]!.length;
  const blocks: number[][] = [];
  for (let t = 0; t < terms; t++) {
    if (columns.every((c) => c[t] === null)) continue;
    const home = blocks.find(([first]) => rowsProportional(columns, first!, t));
    if (home) home.push(t);
    else blocks.push([t]);
  }
  return blocks.map((block) => {
    const set = block.reduce((bits, t) => bits | termBit(t), 0n);
    const parts = distinct(columns.map((c) => restrict(c, set)));
    return mergeProportional(parts, undefined)[0]!;
  });
}

function rowsProportional(columns: readonly Carrier[], a: number, b: number): boolean {
  let common: Coefficient | null = null;
  for (const column of columns) {
    const x = column[a] ?? null;
    const y = column[b] ?? null;
    if ((x === null) !== (y === null)) return false;
    if (x === null || y === null) continue;
    const here = C.divide(y, x);
    if (common === null) common = here;
    else if (!C.equal(common, here)) return false;
  }
  return true;
}

function byTerms(columns: readonly Carrier[]): Carrier[] {
  const terms = columns[0]!.length;
  const result: Carrier[] = [];
  for (let t = 0; t < terms; t++) {
    if (columns.some((c) => c[t] !== null)) result.push(unitCarrier(terms, t));
  }
  return result;
}

/** `{l_t: 1, l_p: 10}`; a scalar that stands for a sum is spelt out: `{l_t: 2*(lambda+1)}`. */
export function formatCarrier(
  carrier: Carrier,
  {
    names,
    sums,
  }: { readonly names: readonly string[]; readonly sums?: ReadonlyMap<string, readonly Coefficient[]> },
): string {
  const spelt = (c: Coefficient): string =>
    C.formatCoefficient(c)
      .split('*')
      .map((factor) => {
        const summands = sums?.get(factor);
        return summands ? `(${summands.map(C.formatCoefficient).join('+')})` : factor;
      })
      .join('*');
  const entries = carrier.flatMap((c, t) => (c ? [`${names[t]}: ${spelt(c)}`] : []));
  return `{${entries.join(', ')}}`;
}

/** The rank over the rationals of the columns' matrix; null if a run-time scalar occurs. */
export function rankOf(columns: readonly Carrier[]): number | null {
  if (columns.some((column) => column.some((c) => c && !C.isFixed(c)))) return null;
  const rows = columns.map((column) => column.map((c) => c?.factor ?? Q.ZERO));
  let rank = 0;
  for (let t = 0; t < (rows[0]?.length ?? 0); t++) {
    const pivot = rows.findIndex((row, i) => i >= rank && !Q.isZero(row[t]!));
    if (pivot < 0) continue;
    [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
    for (let i = rank + 1; i < rows.length; i++) {
      const factor = Q.divide(rows[i]![t]!, rows[rank]![t]!);
      rows[i] = rows[i]!.map((value, j) => Q.add(value, Q.negate(Q.multiply(factor, rows[rank]![j]!))));
    }
    rank++;
  }
  return rank;
}
