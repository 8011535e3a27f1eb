/** @file Spec files as texts to read, find and replace, for commands that work on the text itself. */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileReader } from '../runtime/artifacts/source-reader.js';
import { SourceError } from '../runtime/artifacts/errors.js';
import { UsageError } from './failures.js';

/** Folders that hold other people's files. */
const SKIPPED = ['node_modules'];

/** The files among `named`, and every spec below the folders among them. Throws UsageError where there is none. */
export function specsIn(named: readonly string[]): string[] {
  const found = named.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) throw new UsageError(`there is no file ${path}`);
    if (!stats.isDirectory()) return [normalize(path)];
    const inside = below(path);
    if (inside.length === 0) throw new UsageError(`there is no .ed2l file in ${path}`);
    return inside;
  });
  return [...new Set(found)];
}

/** Links to folders are not followed, and hidden folders not entered. */
function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return entry.name.startsWith('.') || SKIPPED.includes(entry.name) ? [] : below(path);
      const isFile =
        entry.isFile() ||
        (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile() === true);
      return isFile && entry.name.endsWith('.ed2l') ? [path] : [];
    });
}

/** Throws SourceError for what is not UTF-8 text. */
export function readSpec(file: string): string {
  const found = fileReader()(file, null);
  if (!found) throw new SourceError(`there is no file ${file}`);
  return found.text;
}

/** Standard input to its end. Throws SourceError for what is not UTF-8 text. */
export async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new SourceError('standard input is not UTF-8 text');
  }
}

/** Writes beside the file and renames, so that nobody meets half a text; a link stays one, and permissions stay. */
export function replaceFile(file: string, text: string): void {
  const target = realpathSync(file);
  const partial = join(dirname(target), `.${basename(target)}.${randomUUID()}.partial`);
  try {
    accessSync(target, constants.W_OK);
    writeFileSync(partial, text);
    chmodSync(partial, statSync(target).mode);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
