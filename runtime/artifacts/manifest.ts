/** @file What an artifact was made from: the spec, its sources and settings by hash. Decides whether it is still current. */
import { createHash } from 'node:crypto';
import type { SourceText } from '../../compiler/diagnostics/render.js';

export interface Manifest {
  readonly format: 'ed2l-artifact';
  readonly version: 1;
  readonly compiler: string;
  /** As it was given to `compile`. */
  readonly spec: string;
  /** null: a model without an experiment. */
  readonly experiment: string | null;
  /** Where the experiment (or model) stands in the spec, from 0: `run` takes the first unless told. */
  readonly position: number;
  readonly model: string;
  /** `--set` values. */
  readonly settings: Readonly<Record<string, string>>;
  /** SHA-256 of every source file, by name. */
  readonly sources: Readonly<Record<string, string>>;
  /** SHA-256 of the files that `load` reads. */
  readonly files: Readonly<Record<string, string>>;
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Settings are among the sources of a check, under names of their own; files are what is hashed. */
export function hashSources(sources: readonly SourceText[]): Record<string, string> {
  return Object.fromEntries(
    sources.filter(({ name }) => !name.startsWith('--set ')).map(({ name, text }) => [name, hashOf(text)]),
  );
}

/** With a hash of itself, so that a changed one is known. */
export const manifestText = (manifest: Manifest): string =>
  `${JSON.stringify({ ...manifest, hash: hashOf(JSON.stringify(manifest)) }, null, 2)}\n`;

/** Undefined for a damaged one. */
export function manifestOf(text: string): Manifest | undefined {
  try {
    const { hash, ...manifest } = JSON.parse(text) as Manifest & { hash: string };
    const whole = manifest.format === 'ed2l-artifact' && manifest.version === 1;
    return whole && hash === hashOf(JSON.stringify(manifest)) ? manifest : undefined;
  } catch {
    return undefined;
  }
}
