/** @file Which compiled spec belongs to a spec file. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from './artifact.js';
import { ArtifactError } from './errors.js';
import type { Manifest } from './manifest.js';

export interface FoundArtifact {
  readonly path: string;
  readonly manifest: Manifest;
}

/** The experiment of `spec` with that name, or its first; undefined if none was compiled. `onDamage` is told of damaged ones, which are passed over. */
export async function findArtifact(
  root: string,
  spec: string,
  experiment?: string,
  onDamage?: (message: string) => void,
): Promise<FoundArtifact | undefined> {
  const names = await readdir(root).catch(() => [] as string[]);
  const found: FoundArtifact[] = [];
  for (const name of names) {
    const path = join(root, name);
    const manifest = await readManifest(path).catch((error: unknown) => {
      if (!(error instanceof ArtifactError)) throw error;
      onDamage?.(error.message);
      return undefined;
    });
    if (manifest?.spec === spec && manifest.experiment !== null) found.push({ path, manifest });
  }
  return found
    .filter(({ manifest }) => experiment === undefined || manifest.experiment === experiment)
    .sort((a, b) => a.manifest.position - b.manifest.position)[0];
}
