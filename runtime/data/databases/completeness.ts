/** @file What a database should hold, beside what was found. */
import { databaseOf, NEUTRAL } from '../../../compiler/model/databases.js';
import type { DataIR } from '../../../compiler/model/experiment.js';
import type { Dataset } from '../dataset.js';

export interface Completeness {
  readonly title: string;
  readonly counts: readonly {
    /** `people`, `sequences`, or the class whose sequences are counted. */
    readonly what: string;
    readonly found: number;
    readonly expected: number;
  }[];
  /** People, and classes of people, of whom there is nothing; only where everybody shows everything. */
  readonly missing: readonly string[];
}

/** null for a source that is no database. */
export function completeness(
  { samples, classes }: Pick<Dataset, 'samples' | 'classes'>,
  { source }: Pick<DataIR, 'source'>,
): Completeness | null {
  const database = databaseOf(source.kind);
  if (!database) return null;
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
