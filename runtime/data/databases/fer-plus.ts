/** @file `source fer_plus("path")`: FER2013 labelled by ten voters for each image, a row of `fer2013new.csv` for each row of `fer2013.csv`. */
import { basename, dirname } from 'node:path';
import type { DataIR } from '../../../compiler/model/experiment.js';
import { FER_PLUS_CLASSES, VOTES } from '../../../compiler/model/sources.js';
import { DataError, withItems } from '../errors.js';
import { findFer2013, readFer2013, USAGES } from '../fer2013.js';
import { Drops, type Entry, type Listing } from '../listing.js';
import { checkUnchanged, findFile, type Found } from '../paths.js';
import { numberIn, openTable, requiredColumn, show, type Row } from '../table.js';

type Source = Extract<DataIR['source'], { kind: 'fer_plus' }>;

/** What voters could say besides: that they cannot tell, and that it is no face. */
const OTHERS = ['unknown', 'NF'];

export interface FerPlusFiles {
  readonly faces: Found;
  readonly votes: Found;
}

/** @throws DataError where one is missing. */
export async function findFerPlus({ path, votes }: Source, baseDir: string): Promise<FerPlusFiles> {
  const faces = await findFer2013(path, baseDir);
  if (!faces.isFile)
    throw new DataError(`${faces.path} holds no fer2013.csv, whose rows the votes of FER+ belong to`);
  return { faces, votes: await findFile(votes, dirname(faces.path), 'table of votes') };
}

/**
 * The class of an image is what more than half of its voters say, those not counted who are alone with what they say; images without are left
 * out. The field `votes` has the shares of the classes, in their order.
 * @throws DataError if the two files do not correspond row by row.
 */
export async function readFerPlus(
  { faces, votes }: FerPlusFiles,
  part: Source['part'],
  classes: readonly string[],
): Promise<Listing> {
  const listing = await readFer2013(faces, part);
  const rows = await readVotes(votes);
  const count = listing.entries.length + listing.dropped.reduce((n, d) => n + d.count, 0);
  if (rows.length !== count)
    throw new DataError(
      `${votes.path} has ${rows.length} rows and ${faces.path} ${count}: the votes of FER+ belong to FER2013 row by row`,
    );
  const drops = new Drops();
  const shares: number[] = [];
  const entries = listing.entries.flatMap((entry): Entry[] => {
    const index = Number(entry.id.slice('fer'.length));
    const row = rows[index]!;
    if (part !== 'all' && row.part !== part)
      throw new DataError(
        `${entry.place} is of part ${part}, and ${basename(votes.path)} ${row.place} is not`,
      );
    const found = majority(row.votes);
    if (found === undefined) {
      drops.add('images on which fewer than half of the voters agree', entry.id);
      return [];
    }
    if (OTHERS.includes(found)) {
      drops.add(found === 'NF' ? 'images that are no face' : 'images that voters could not tell', entry.id);
      return [];
    }
    const own = classes.map((name) => row.votes.get(name) ?? 0);
    const sum = own.reduce((a, b) => a + b, 0);
    shares.push(...own.map((n) => (sum > 0 ? n / sum : 0)));
    return [{ ...entry, class: found, row: shares.length / classes.length - 1 }];
  });
  if (entries.length === 0) throw new DataError(`${votes.path} agrees on no image of part ${part}`);
  return {
    ...listing,
    classes,
    entries,
    fields: [{ name: VOTES, shape: [classes.length], values: Float32Array.from(shares) }],
    dropped: [...listing.dropped, ...drops.list()],
  };
}

interface Votes {
  readonly place: string;
  readonly part: string;
  /** By name; who is alone with a vote is not counted. */
  readonly votes: ReadonlyMap<string, number>;
}

/** More than half of all. */
function majority(votes: Votes['votes']): string | undefined {
  const all = [...votes.values()].reduce((a, b) => a + b, 0);
  return [...votes].find(([, n]) => n > all / 2)?.[0];
}

async function readVotes(found: Found): Promise<Votes[]> {
  const table = await openTable(found.path);
  const usage = requiredColumn(table, null, ['usage']);
  const image = requiredColumn(table, null, ['image name', 'image']);
  const columns = [...FER_PLUS_CLASSES, ...OTHERS].map(
    (name) => [name, requiredColumn(table, null, [name])] as const,
  );
  const rows: Votes[] = [];
  const problems: string[] = [];
  for await (const row of table.rows) {
    const read = row.problem ?? readRow(row, rows.length + problems.length, usage, image, columns);
    if (typeof read === 'string') problems.push(`${row.place}: ${read}`);
    else rows.push(read);
  }
  await checkUnchanged(found);
  if (problems.length > 0)
    throw new DataError(
      withItems(
        `${problems.length} ${problems.length === 1 ? 'row' : 'rows'} of ${found.path} cannot be used, and so none is:`,
        problems,
      ),
      problems,
    );
  return rows;
}

function readRow(
  { cells, place }: Row,
  index: number,
  usage: number,
  image: number,
  columns: readonly (readonly [string, number])[],
): Votes | string {
  const part = USAGES[String(cells[usage]).toLowerCase()];
  if (part === undefined)
    return `the usage ${show(cells[usage])} is none of Training, PublicTest and PrivateTest`;
  // Images that are no face have no name there.
  const name = String(cells[image] ?? '');
  const wanted = `fer${String(index).padStart(7, '0')}`;
  if (name !== '' && name.replace(/\.\w+$/, '') !== wanted)
    return `the image is ${show(name)}, and the row of ${wanted} is due: rows are missing, or in another order`;
  const votes = new Map<string, number>();
  for (const [column, at] of columns) {
    const n = numberIn(cells[at]);
    if (n === undefined || !Number.isInteger(n) || n < 0)
      return `${show(cells[at])} is no number of votes for ${column}`;
    votes.set(column, n > 1 ? n : 0);
  }
  return { place, part, votes };
}
