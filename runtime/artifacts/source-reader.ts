/** @file Spec files for the compiler, which itself reads nothing: paths as the user wrote them, imports beside the file that names them. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import type { SourceReader } from '../../compiler/check/check.js';
import { SourceError } from './errors.js';

/**
 * Reads below `base` (default: the working directory). A byte-order mark is dropped.
 * Throws SourceError for a file that exists and cannot be read, or is not UTF-8 text.
 */
export function fileReader(base = '.'): SourceReader {
  return (path, from) => {
    const source = from === null || isAbsolute(path) ? normalize(path) : normalize(join(dirname(from), path));
    const text = readText(resolve(base, source), source);
    return text === undefined ? undefined : { source, text };
  };
}

function readText(file: string, source: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EISDIR') throw new SourceError(`${source} is a folder, not a spec`);
    throw new SourceError(
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? `${source} is not UTF-8 text`
        : `${source} could not be read: ${(error as Error).message}`,
    );
  }
}
