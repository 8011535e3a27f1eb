/** @file What a database should hold, beside what was found. */
import { databaseOf, NEUTRAL, type Database } from '../../../compiler/model/databases.js';
import type { DataIR } from '../../../compiler/model/experiment.js';
import { FER2013_CLASSES, FER2013_IMAGES, FER2013_TRAINING } from '../../../compiler/model/sources.js';
import type { Dataset } from '../dataset.js';

export interface Completeness {
  readonly title: string;
  readonly counts: readonly {
    /** `people`, `sequences`, `images`, or the class whose sequences (in FER2013, images) are counted. */
    readonly what: string;
    readonly found: number;
    readonly expected: number;
  }[];
  /** People, and classes of people, of whom there is nothing; only where everybody shows everything. */
  readonly missing: readonly string[];
}

type Content = Pick<Dataset, 'samples' | 'classes'>;

/** null for a source that is no database. */
export function completeness(content: Content, { source }: Pick<DataIR, 'source'>): Completeness | null {
  if (source.kind === 'fer2013') return ofFer2013(content, source.part);
  const database = databaseOf(source.kind);
  return database ? ofDatabase(content, database) : null;
}

function ofFer2013(
  { samples, classes }: Content,
  part: Extract<DataIR['source'], { kind: 'fer2013' }>['part'],
): Completeness {
  const { training, public: forAll, private: kept } = FER2013_IMAGES;
  const all = FER2013_CLASSES.every((name) => classes.includes(name));
  const expected = part === 'all' ? training + forAll + kept : FER2013_IMAGES[part];
  const ofClass = (name: string): number => {
    const label = classes.indexOf(name);
    return samples.filter((s) => s.label === label).length;
  };
  return {
    title: part === 'all' ? 'FER2013' : `FER2013, part ${part}`,
    counts: [
      ...(all ? [{ what: 'images', found: samples.length, expected }] : []),
      ...FER2013_CLASSES.flatMap((name, c) =>
        part === 'training' && classes.includes(name)
          ? [{ what: name, found: ofClass(name), expected: FER2013_TRAINING[c]! }]
          : [],
      ),
    ],
    missing: [],
  };
}

function ofDatabase({ samples, classes }: Content, database: Database): Completeness {
  const own = samples.filter(({ label }) => classes[label] !== NEUTRAL);
  const sequences = new Map(own.map(({ sequence, label }) => [sequence, classes[label]!]));
  const people = new Set(own.map((s) => s.subject));
  const all = database.classes.every((name) => classes.includes(name));
  const { perClass, everybody } = database;
  return {
    title: database.title,
    counts: [
      ...(database.people !== null
        ? [{ what: 'people', found: people.size, expected: database.people }]
        : []),
      ...(all ? [{ what: 'sequences', found: sequences.size, expected: database.sequences }] : []),
      ...database.classes.flatMap((name, c) =>
        perClass && classes.includes(name)
          ? [
              {
                what: name,
                found: [...sequences.values()].filter((n) => n === name).length,
                expected: perClass[c]!,
              },
            ]
          : [],
      ),
    ],
    missing: (everybody ?? []).flatMap((person) => {
      if (!people.has(person)) return [person];
      const shown = new Set(own.flatMap((s) => (s.subject === person ? [classes[s.label]!] : [])));
      return database.classes
        .filter((name) => classes.includes(name) && !shown.has(name))
        .map((name) => `${person}/${name}`);
    }),
  };
}
