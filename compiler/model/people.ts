/** @file Whether two data blocks show the same people, as far as their text tells. */
import type { DataIR } from './experiment.js';

/**
 * `named`: the same people under the same names, so that those held out in one can be left out of the other;
 * `unnamed`: the same people, whom the two blocks may call differently.
 */
export function sharedPeople({ source: a }: DataIR, { source: b }: DataIR): 'none' | 'named' | 'unnamed' {
  if (a.kind === 'folder')
    return b.kind !== 'folder' || a.path !== b.path ? 'none' : named(a.pattern === b.pattern);
  return b.kind !== 'synthetic_faces' || a.seed !== b.seed ? 'none' : named(a.people === b.people);
}

const named = (equal: boolean): 'named' | 'unnamed' => (equal ? 'named' : 'unnamed');
