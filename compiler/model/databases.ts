/** @file What the published databases of expressions hold when they are whole: classes, the frames that are used, and how much of everything. */

export type DatabaseKind = 'ck_plus' | 'mmi' | 'bu_3dfe' | 'oulu_casia';

export interface Database {
  readonly title: string;
  /** In the paper's order. */
  readonly classes: readonly string[];
  /** Which images of a sequence are used where a spec does not say. */
  readonly frames: { readonly kind: 'middle' | 'last'; readonly count: number };
  readonly sequences: number;
  /** null: the paper does not say whom the sequences it uses show. */
  readonly people: number | null;
  /** Sequences of each class; null: not published. */
  readonly perClass: readonly number[] | null;
  /** Names of everybody, where each person shows each class in one sequence. */
  readonly everybody: readonly string[] | null;
}

const SEVEN = ['anger', 'contempt', 'disgust', 'fear', 'happiness', 'sadness', 'surprise'];
const SIX = SEVEN.filter((name) => name !== 'contempt');

/** Shown by every person of these databases, and read only where `classes` lists it. */
export const NEUTRAL = 'neutral';

const numbered = (letter: string, count: number, digits: number): string[] =>
  Array.from({ length: count }, (_, i) => letter + String(i + 1).padStart(digits, '0'));

export const DATABASES: Readonly<Record<DatabaseKind, Database>> = {
  /** The labelled ones of 593 sequences and 123 people; counts as in the published fold lists. */
  ck_plus: {
    title: 'CK+',
    classes: SEVEN,
    frames: { kind: 'last', count: 3 },
    sequences: 327,
    people: 118,
    perClass: [45, 18, 59, 25, 69, 28, 83],
    everybody: null,
  },
  /** Those in front view, of 236 sequences and 32 people. */
  mmi: {
    title: 'MMI',
    classes: SIX,
    frames: { kind: 'middle', count: 3 },
    sequences: 209,
    people: null,
    perClass: null,
    everybody: null,
  },
  /** A sequence is what one person shows of one expression; its frames are the four levels of intensity. */
  bu_3dfe: {
    title: 'BU-3DFE',
    classes: SIX,
    frames: { kind: 'last', count: 2 },
    sequences: 600,
    people: 100,
    perClass: SIX.map(() => 100),
    everybody: [...numbered('F', 56, 4), ...numbered('M', 44, 4)],
  },
  oulu_casia: {
    title: 'Oulu-CASIA',
    classes: SIX,
    frames: { kind: 'last', count: 3 },
    sequences: 480,
    people: 80,
    perClass: SIX.map(() => 80),
    everybody: numbered('P', 80, 3),
  },
};

/** Undefined for a source that is none of them. */
export const databaseOf = (kind: string): Database | undefined =>
  Object.hasOwn(DATABASES, kind) ? DATABASES[kind as DatabaseKind] : undefined;
