/** @file Whether two data blocks show the same people, as far as their text tells. */
import type { DataIR } from './experiment.js';

/**
 * `named`: the same people under the same names, so that those held out in one can be left out of the other;
 * `unnamed`: the same people, whom the two blocks may call differently.
 */
export function sharedPeople({ source: a }: DataIR, { source: b }: DataIR): 'none' | 'named' | 'unnamed' {
  if (a.kind === 'synthetic_faces')
    return b.kind !== 'synthetic_faces' || a.seed !== b.seed ? 'none' : named(a.people === b.people);
  if (b.kind === 'synthetic_faces' || a.path !== b.path) return 'none';
  if (a.kind === 'folder') return named(b.kind === 'folder' && a.pattern === b.pattern);
  if (isFer(a))
    return isFer(b) && a.part !== b.part && ![a.part, b.part].includes('all') ? 'none' : named(isFer(b));
  if (a.kind === 'manifest') return named(b.kind === 'manifest' && sameNames(a, b));
  return named(b.kind === a.kind);
}

type Source = DataIR['source'];
type Fer = Extract<Source, { kind: 'fer2013' | 'fer_plus' }>;

/** With votes or without, an image has one name. */
const isFer = (source: Source): source is Fer => source.kind === 'fer2013' || source.kind === 'fer_plus';

type Manifest = Extract<Source, { kind: 'manifest' }>;

/** A person is called by the column of the people, or by the file. */
const sameNames = (a: Manifest, b: Manifest): boolean =>
  a.root === b.root && JSON.stringify(a.columns) === JSON.stringify(b.columns);

const named = (equal: boolean): 'named' | 'unnamed' => (equal ? 'named' : 'unnamed');
