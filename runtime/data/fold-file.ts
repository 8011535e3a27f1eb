/** @file `folds file("path")`: which fold each person is in, as a CSV or JSON file says. */
import type { DataIR } from '../../compiler/model/experiment.js';
import { DataError, withItems } from './errors.js';
import { naturally } from './natural-order.js';
import { checkUnchanged, findFile } from './paths.js';
import { columnOf, jsonOf, nameIn, openTable, requiredColumn, type Row } from './table.js';

export interface FoldFile {
  readonly file: string;
  /** Of the folds, in natural order. */
  readonly names: readonly string[];
  /** The fold of each person, as an index into `names`. */
  readonly of: ReadonlyMap<string, number>;
}

export type FileFolds = Extract<NonNullable<DataIR['folds']>, { kind: 'file' }>;

/**
 * Reads a table with the columns `subject` and `fold` (a manifest may be one; where it names no people, `file` stands for them), or the
 * JSON object `{"S005": 1, …}`. A person may stand in many rows, always with one fold.
 * @throws DataError naming the rows that are not whole or contradict others, or for fewer than two folds.
 */
export async function readFoldFile({ path, columns }: FileFolds, baseDir: string): Promise<FoldFile> {
  const found = await findFile(path, baseDir, 'file of folds');
  const { path: file } = found;
  const folds = new Map<string, string>();
  const problems: string[] = [];
  for await (const { place, cells, problem } of pairs(file, columns)) {
    const [subject, fold] = cells.map(nameIn);
    const before = subject === undefined ? undefined : folds.get(subject);
    if (problem !== undefined) problems.push(`${place}: ${problem}`);
    else if (subject === undefined || fold === undefined)
      problems.push(`${place}: no ${subject === undefined ? 'subject' : 'fold'}`);
    else if (before !== undefined && before !== fold)
      problems.push(`${place}: ${subject} is in fold ${fold} here and in fold ${before} before`);
    else folds.set(subject, fold);
  }
  await checkUnchanged(found);
  if (problems.length > 0) {
    const rows = problems.length === 1 ? 'row' : 'rows';
    throw new DataError(
      withItems(`${problems.length} ${rows} of ${file} cannot be used, and so none is:`, problems),
      problems,
    );
  }
  const names = [...new Set(folds.values())].sort(naturally);
  if (names.length < 2) throw new DataError(`${file} names ${names.length} folds; at least two are needed`);
  return { file, names, of: new Map([...folds].map(([person, fold]) => [person, names.indexOf(fold)])) };
}

/** Rows of a subject and a fold. */
async function* pairs(file: string, columns: FileFolds['columns']): AsyncGenerator<Row> {
  const json = /\.json$/i.test(file) ? await jsonOf(file) : undefined;
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    for (const [subject, fold] of Object.entries(json)) yield { place: subject, cells: [subject, fold] };
    return;
  }
  const table = await openTable(file);
  const person =
    columnOf(table, columns.subject, ['subject']) ?? requiredColumn(table, null, ['subject', 'file', 'path']);
  const fold = requiredColumn(table, columns.fold, ['fold']);
  for await (const row of table.rows) yield { ...row, cells: [row.cells[person], row.cells[fold]] };
}
