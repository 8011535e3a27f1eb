/** @file Data described by tables, made for a test: a folder with tiny images and a manifest, and the data blocks that read it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DataIR } from '../../compiler/model/experiment.js';
import { DataError } from '../../runtime/data/errors.js';
import { prepare, type PrepareOptions } from '../../runtime/data/prepare.js';
import type { Dataset } from '../../runtime/data/dataset.js';
import { PLAIN_DATA } from './training.js';

export interface TablePlace {
  readonly path: string;
  /** What `prepare` said on the way. */
  readonly notes: string[];
  write(file: string, content: string | Uint8Array): void;
  /** A 2 by 2 image of one gray. */
  image(file: string, gray?: number): void;
  read(change: Partial<DataIR>, options?: Partial<PrepareOptions>): Promise<Dataset>;
  /** The message of the DataError that reading ends in. */
  refusal(change: Partial<DataIR>): Promise<string>;
  remove(): void;
}

export function tablePlace(): TablePlace {
  const path = mkdtempSync(join(tmpdir(), 'ed2l-table-'));
  const notes: string[] = [];
  const write = (file: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  };
  const read: TablePlace['read'] = (change, options = {}) =>
    prepare(
      { ...PLAIN_DATA, name: 'set', ...change },
      { cacheDir: null, baseDir: path, onNote: (text) => notes.push(text), ...options },
    );
  return {
    path,
    notes,
    write,
    image: (file, gray = 7) =>
      write(file, Buffer.from([...Buffer.from('P5 2 2 255\n'), gray, gray, gray, gray])),
    read,
    refusal: (change) =>
      read(change).then(
        () => 'nothing was wrong',
        (error: Error) => {
          if (error instanceof DataError) return error.message;
          throw error;
        },
      ),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** `source manifest("path")`, with other columns if need be. */
export const manifest = (
  path: string,
  columns: Partial<Extract<DataIR['source'], { kind: 'manifest' }>['columns']> = {},
  root = '.',
): DataIR['source'] => ({
  kind: 'manifest',
  path,
  root,
  columns: { file: null, class: null, subject: null, sequence: null, frame: null, ...columns },
});

/** `folds file("path")`. */
export const foldsIn = (path: string): DataIR['folds'] => ({
  kind: 'file',
  path,
  columns: { subject: null, fold: null },
});
