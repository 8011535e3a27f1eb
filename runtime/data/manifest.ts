/** @file `source manifest("path")`: images listed in a CSV or JSON file, with class, person, sequence, and numbers of their own. */
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { DataIR } from '../../compiler/model/experiment.js';
import { DataError, withItems } from './errors.js';
import { FieldReader } from './fields.js';
import { Drops, type Entry, type ListedImage, type Listing } from './listing.js';
import { naturally } from './natural-order.js';
import { inParallel } from './parallel.js';
import { checkUnchanged, findFile, type Found } from './paths.js';
import {
  columnOf,
  nameIn,
  numberIn,
  openTable,
  requiredColumn,
  show,
  type Row,
  type Table,
} from './table.js';

export type ManifestSource = Extract<DataIR['source'], { kind: 'manifest' }>;

/** An entry whose file has not been looked for. */
type Named = Omit<Entry, 'image'> & { readonly file: string };

/**
 * Reads the manifest and looks for each file. A row that is not whole makes all of it unfit: with one cell too few, every label may be wrong.
 * Files that are missing are dropped and counted, as damaged ones are.
 * @throws DataError naming the first ten rows.
 */
export async function listManifest(
  source: ManifestSource,
  baseDir: string,
): Promise<Listing & { found: Found }> {
  const found = await findFile(source.path, baseDir, 'manifest');
  const table = await openTable(found.path);
  const rows = new Rows(table, source, resolve(dirname(found.path), source.root));
  for await (const row of table.rows) rows.add(row);
  await checkUnchanged(found);
  const named = rows.entries();
  const looked = await inParallel(named, 32, lookFor);
  const drops = new Drops();
  const entries = looked.flatMap((image, i): Entry[] => {
    const { file: _file, ...entry } = named[i]!;
    if (typeof image !== 'string') return [{ ...entry, image }];
    drops.add(image, entry.place, true);
    return [];
  });
  if (entries.length === 0)
    throw new DataError(
      withItems(
        `none of the ${named.length} images of ${found.path} is there:`,
        drops.list().flatMap(({ reason, items }) => items.map((item) => `${item}: ${reason}`)),
      ),
    );
  return {
    found,
    place: found.path,
    classes: [...new Set(named.map((e) => e.class))].sort(naturally),
    entries,
    ...rows.fields.finish(),
    dropped: drops.list(),
  };
}

interface Columns {
  readonly file: number;
  readonly class: number;
  readonly subject: number | undefined;
  readonly sequence: number | undefined;
  readonly frame: number | undefined;
}

class Rows {
  readonly fields: FieldReader;
  readonly #table: Table;
  readonly #columns: Columns;
  readonly #root: string;
  readonly #named: Named[] = [];
  readonly #problems: string[] = [];
  /** What is there only once, and where it was. */
  readonly #seen = new Map<string, string>();

  constructor(table: Table, { columns }: ManifestSource, root: string) {
    this.#table = table;
    this.#root = root;
    const file = requiredColumn(table, columns.file, ['file', 'path']);
    const frame = columnOf(table, columns.frame, ['frame']);
    this.#columns = {
      file,
      class: requiredColumn(table, columns.class, ['class', 'label']),
      subject: columnOf(table, columns.subject, ['subject']),
      sequence: columnOf(table, columns.sequence, ['sequence']),
      // A column of frames may be that of their files; they are then ordered by name.
      frame: frame === file ? undefined : frame,
    };
    // The fold is for `folds file(…)`.
    this.fields = new FieldReader(table.columns, [
      ...Object.values(this.#columns),
      columnOf(table, null, ['fold']),
    ]);
  }

  add(row: Row): void {
    const named = row.problem === undefined ? this.#read(row) : row.problem;
    if (typeof named === 'string') this.#problems.push(`${row.place}: ${named}`);
    else {
      this.#named.push(named);
      this.fields.add(row.cells, row.place);
    }
  }

  /** @throws DataError if a row had a problem, or there was none. */
  entries(): readonly Named[] {
    const { file } = this.#table;
    const count = this.#problems.length;
    if (count > 0)
      throw new DataError(
        withItems(
          `${count} ${count === 1 ? 'row' : 'rows'} of ${file} cannot be used, and so none is:`,
          this.#problems,
        ),
        this.#problems,
      );
    if (this.#named.length === 0) throw new DataError(`${file} lists no images`);
    return this.#named;
  }

  /** Or what is wrong with the row. */
  #read({ cells, place }: Row): Named | string {
    const at = (column: number | undefined): unknown => (column === undefined ? undefined : cells[column]);
    const columns = this.#columns;
    const written = at(columns.file);
    if (typeof written !== 'string' || written.trim() === '') return 'no file';
    const file = resolve(this.#root, written.trim().replaceAll('\\', '/'));
    const inside = relative(this.#root, file);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      return `${show(written)} is not within ${this.#root} (\`root\` says where files are)`;
    const id = inside.split(sep).join('/').normalize('NFC');
    const name = nameIn(at(columns.class));
    if (name === undefined) return 'no class';
    const person = nameIn(at(columns.subject));
    if (columns.subject !== undefined && person === undefined) return 'no subject';
    const within = nameIn(at(columns.sequence));
    // Two people may both have a first sequence.
    const sequence = within === undefined ? id : person === undefined ? within : `${person}/${within}`;
    const number = within === undefined ? undefined : at(columns.frame);
    const frame = number === undefined || number === null ? undefined : numberIn(number);
    if (within !== undefined && columns.frame !== undefined && frame === undefined)
      return `the frame ${show(number)} is no number`;
    const again =
      this.#twice(`file ${id}`, place) ??
      (frame === undefined ? undefined : this.#twice(`frame ${frame} of ${sequence}`, place));
    if (again !== undefined) return again;
    return {
      id,
      place: `${basename(this.#table.file)} ${place}: ${id}`,
      file,
      class: name,
      // Frames of one sequence show one person.
      subject: person ?? sequence,
      sequence,
      frame: frame ?? null,
      row: this.#named.length,
    };
  }

  #twice(what: string, place: string): string | undefined {
    const before = this.#seen.get(what);
    if (before !== undefined) return `${what} again, after ${before}`;
    this.#seen.set(what, place);
    return undefined;
  }
}

/** The file, or why it is left out. The same name may be composed in two ways, one in the manifest and one on the disk. */
async function lookFor({ file }: Named): Promise<ListedImage | string> {
  let problem = 'ENOENT';
  for (const name of new Set([file, file.normalize('NFC'), file.normalize('NFD')])) {
    const state = await stat(name).catch((error: NodeJS.ErrnoException) => {
      problem = error.code ?? error.message;
      return null;
    });
    if (!state) continue;
    if (!state.isFile()) return 'images that are not files';
    return { kind: 'file', file: name, size: state.size, modified: state.mtimeMs };
  }
  if (problem === 'ENOENT' || problem === 'ENOTDIR') return 'images that are not there';
  if (problem === 'ELOOP') return 'images whose links lead in a circle';
  return `images that cannot be opened (${problem})`;
}
