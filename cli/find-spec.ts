/** @file The spec a command means when none is named: the only one with an experiment here, else the `ed2l` entry of package.json. */
import { readdirSync, readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { parse } from '../grammar/parse.js';
import { UsageError } from './failures.js';

/** A path relative to the working directory. Throws UsageError that says what to write. */
export function findSpec(named: string | undefined): string {
  if (named !== undefined) return normalize(named);
  const here = readdirSync('.', { withFileTypes: true })
    .filter((entry) => !entry.isFIFO() && entry.name.endsWith('.ed2l') && hasExperiment(entry.name))
    .map((entry) => entry.name);
  if (here.length === 1) return here[0]!;
  const entry = packageEntry();
  if (entry !== undefined) return normalize(entry);
  throw new UsageError(
    here.length > 1
      ? `which spec? ${here.join(', ')} all have experiments: name one`
      : 'there is no spec with an experiment here: name one, or write its path as "ed2l" in package.json',
  );
}

function hasExperiment(file: string): boolean {
  try {
    return parse(readFileSync(file, 'utf8'), file).file.items.some((item) => item.kind === 'experiment');
  } catch {
    return false;
  }
}

function packageEntry(): string | undefined {
  try {
    const { ed2l } = JSON.parse(readFileSync('package.json', 'utf8')) as { ed2l?: unknown };
    return typeof ed2l === 'string' ? ed2l : undefined;
  } catch {
    return undefined;
  }
}
