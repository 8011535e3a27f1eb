/** @file What the study says of its hypotheses: differences over the same people with their intervals, seed by seed, and the verdicts that were fixed before. */
import {
  bootstrapByPeople,
  bootstrapDifference,
  type Interval,
} from '../../../runtime/evaluation/bootstrap.js';
import type { Cell } from './measure.js';

/** In the order of the tables. */
export const ARMS = [
  'without',
  'reading_a',
  'reading_b',
  'unrouted',
  'branch_only',
  'five_steps',
  'narrow',
] as const;
export type Arm = (typeof ARMS)[number];
export const SEEDS = [1, 2, 3, 4, 5] as const;
export const BASELINE: Arm = 'without';

export interface Order {
  readonly arm: Arm;
  readonly seed: number;
}

/** Every seed of all arms before the next one: what a machine's time ends in is a study with fewer seeds. */
export function trainingsOf(share: number, shares: number): Order[] {
  const all = SEEDS.flatMap((seed) => ARMS.map((arm) => ({ arm, seed })));
  return all.filter((_, i) => i % shares === share - 1);
}

/** Right decisions of each person held out, out of so many. */
export type Hits = Pick<Cell, 'images' | 'hits'>;

/** One training, measured. */
export interface Training extends Order {
  /** Of the network itself. */
  readonly decided: Hits;
  readonly cells: readonly Cell[];
}

export interface Study {
  /** Probes on the images, which no network has seen. */
  readonly pixels: readonly Cell[];
  readonly trainings: readonly Training[];
}

/** Over seeds, in the order of `seeds`; the interval is over people, each person's share taken over all seeds. */
export interface Measured {
  readonly seeds: readonly number[];
  readonly values: readonly number[];
  readonly mean: number;
  readonly interval: Interval;
}

const shares = ({ hits, images }: Hits): number[] => hits.map((n) => n / images);
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
/** Of each person, over several probes. */
const overSeeds = (all: readonly Hits[]): number[] => {
  const each = all.map(shares);
  return each[0]!.map((_, person) => meanOf(each.map((values) => values[person]!)));
};
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

export const sd = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + (v - meanOf(values)) ** 2, 0) / (values.length - 1));

export function measured(all: readonly { readonly seed: number; readonly hits: Hits }[]): Measured {
  const people = overSeeds(all.map(({ hits }) => hits));
  const values = all.map(({ hits }) => meanOf(shares(hits)));
  return {
    seeds: all.map(({ seed }) => seed),
    values,
    mean: meanOf(values),
    interval: bootstrapByPeople(people, names(people.length)),
  };
}

/** a - b, where both were measured. */
export function difference(
  pairs: readonly { readonly seed: number; readonly a: Hits; readonly b: Hits }[],
): Measured {
  const a = overSeeds(pairs.map((pair) => pair.a));
  const b = overSeeds(pairs.map((pair) => pair.b));
  const values = pairs.map((pair) => meanOf(shares(pair.a)) - meanOf(shares(pair.b)));
  return {
    seeds: pairs.map(({ seed }) => seed),
    values,
    mean: meanOf(values),
    interval: bootstrapDifference(a, b, names(a.length)),
  };
}

/** holds: the interval and every seed lie above the bound; fails: the interval lies below it. */
export type Verdict = 'holds' | 'fails' | 'undecided';

export function verdictOf({ interval, values }: Measured, bound: number): Verdict {
  if (interval.from > bound && values.every((v) => v > bound)) return 'holds';
  return interval.to < bound ? 'fails' : 'undecided';
}

/** What `not below` leaves open, in accuracy. */
const TOLERANCE = 0.03;
/** What f_p may hold of the expression and still be called free of it. */
const FREE = 0.05;
/** What every arm's own decisions must be above the probe on pixels. */
export const MARGIN = 0.08;

interface Side {
  /** `chance`: what guessing gets where the arm is asked. */
  readonly of: 'arm' | 'baseline' | 'chance';
  /** Absent: the network's own decisions. */
  readonly features?: string;
  readonly question?: string;
}

export interface Hypothesis {
  readonly name: string;
  readonly a: Side;
  readonly b: Side;
  /** a - b is to be above it. */
  readonly bound: number;
}

const expression = (of: Side['of'], features: string): Side => ({ of, features, question: 'expression' });
const person = (features: string): Side => ({ of: 'arm', features, question: 'person' });

/** As in the first part of docs/disentanglement.md, by its numbers. */
export const HYPOTHESES: readonly Hypothesis[] = [
  {
    name: 'H1: E(f_p untrained) > E(f_p)',
    a: expression('arm', 'f_p untrained'),
    b: expression('arm', 'f_p'),
    bound: 0,
  },
  {
    name: 'H2: E(f_t of the baseline) > E(f_p)',
    a: expression('baseline', 'f_t'),
    b: expression('arm', 'f_p'),
    bound: 0,
  },
  { name: 'H3: I(f_p) > I(f_t)', a: person('f_p'), b: person('f_t'), bound: 0 },
  {
    name: 'H4: E(f_t and f_p) not below E(f_t)',
    a: expression('arm', 'f_t and f_p'),
    b: expression('arm', 'f_t'),
    bound: -TOLERANCE,
  },
  {
    name: 'H5: accuracy not below that of the baseline',
    a: { of: 'arm' },
    b: { of: 'baseline' },
    bound: -TOLERANCE,
  },
  {
    name: 'H6: E(f_p) no more than chance',
    a: expression('chance', 'f_p'),
    b: expression('arm', 'f_p'),
    bound: -FREE,
  },
];

export interface Outcome {
  readonly arm: Arm;
  readonly hypothesis: string;
  readonly kind: Cell['kind'];
  readonly bound: number;
  readonly difference: Measured;
  readonly verdict: Verdict;
}

/** For every arm that has been measured for it. */
export function outcomes(study: Study, kind: Cell['kind']): Outcome[] {
  return ARMS.filter((arm) => arm !== BASELINE).flatMap((arm) =>
    HYPOTHESES.flatMap(({ name, a, b, bound }) => {
      if (a.features === undefined && kind !== 'linear') return [];
      const pairs = SEEDS.flatMap((seed) => {
        const [left, right] = [sideOf(study, arm, seed, a, kind), sideOf(study, arm, seed, b, kind)];
        return left && right ? [{ seed, a: left, b: right }] : [];
      });
      if (pairs.length === 0) return [];
      const found = difference(pairs);
      return [{ arm, hypothesis: name, kind, bound, difference: found, verdict: verdictOf(found, bound) }];
    }),
  );
}

/** The network's own decisions above those of the linear probe on pixels; the margin is to be met by the mean. */
export function overPixels(study: Study): (Measured & { readonly arm: Arm; readonly met: boolean })[] {
  const pixels = study.pixels.find((c) => c.question === 'expression' && c.kind === 'linear');
  if (!pixels) return [];
  return ARMS.flatMap((arm) => {
    const own = study.trainings.filter((t) => t.arm === arm);
    if (own.length === 0) return [];
    const found = difference(own.map(({ seed, decided }) => ({ seed, a: decided, b: pixels })));
    return [{ arm, ...found, met: found.mean >= MARGIN }];
  });
}

function sideOf(
  { trainings }: Study,
  arm: Arm,
  seed: number,
  { of, features, question }: Side,
  kind: Cell['kind'],
): Hits | undefined {
  const training = trainings.find((t) => t.arm === (of === 'baseline' ? BASELINE : arm) && t.seed === seed);
  if (features === undefined) return training?.decided;
  const cell = training?.cells.find(
    (c) => c.features === features && c.question === question && c.kind === kind,
  );
  return cell && of === 'chance' ? { ...cell, hits: cell.hits.map(() => cell.chance * cell.images) } : cell;
}
