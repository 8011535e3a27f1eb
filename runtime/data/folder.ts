/** @file Images in folders: which files there are, what class and person they show. Nothing is decoded here. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { DataError } from './errors.js';
import { Drops, type Entry, type Listing } from './listing.js';
import { naturally } from './natural-order.js';
import { findPath } from './paths.js';
import { readPattern } from './pattern.js';

const readable = new Set(['.png', '.jpg', '.jpeg', '.gif', '.tif', '.tiff', '.webp', '.pgm', '.bmp']);
/** Images nobody here decodes: worth a word, unlike text files. */
const foreign = new Set(['.heic', '.heif', '.jp2', '.psd', '.ppm', '.tga']);
const BROKEN = 'broken links';
const system = /^(\.|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;

/**
 * Lists the images of a folder. Hidden and system files are passed over; other files that do not fit are counted.
 * @param path may hold `$VARIABLES`; relative to `baseDir`.
 * @param pattern see pattern.ts.
 * @throws DataError for a missing folder, a bad pattern, or no image at all.
 */
export async function listFolder(path: string, pattern: string, baseDir: string): Promise<Listing> {
  const { depth, match } = readPattern(pattern);
  const { path: folder, stats } = await findPath(path, baseDir, 'folder');
  if (!stats.isDirectory()) throw new DataError(`${folder} is a file, not a folder of images`);

  const entries: Omit<Entry, 'row'>[] = [];
  const drops = new Drops();
  const visit = async (inner: readonly string[]): Promise<void> => {
    const inside = await readdir(join(folder, ...inner), { withFileTypes: true }).catch((error: Error) => {
      throw new DataError(`cannot list ${join(folder, ...inner)}: ${error.message}`);
    });
    for (const entry of inside) {
      if (system.test(entry.name)) continue;
      const parts = [...inner, entry.name];
      const file = join(folder, ...parts);
      // Follows links; a loop of links, or a file that has just gone, counts as broken.
      const state = await stat(file).catch(() => null);
      const id = parts.join('/');
      const drop = (reason: string): void => drops.add(reason, id, reason === BROKEN);
      if (!state) drop(BROKEN);
      else if (state.isDirectory()) {
        if (inner.length < depth) await visit(parts);
        else drop(`folders deeper than the pattern ${pattern}`);
      } else {
        const extension = extname(entry.name).toLowerCase();
        // One name is one person, however a system composes its accents.
        const named = match(parts.map((part) => part.normalize('NFC')));
        // Reading a pipe would wait for ever.
        if (!state.isFile()) drop('entries that are neither files nor folders');
        else if (foreign.has(extension))
          drop(`${extension} images, a format not read here: convert them to PNG`);
        else if (!readable.has(extension)) drop('files that are not images');
        else if (!named) drop(`images whose path does not fit the pattern ${pattern}`);
        else {
          entries.push({
            id,
            place: id,
            class: named.class,
            subject: named.subject ?? id,
            sequence: id,
            frame: null,
            image: { kind: 'file', file, size: state.size, modified: state.mtimeMs },
          });
        }
      }
    }
  };
  await visit([]);
  const dropped = drops.list();
  if (entries.length === 0)
    throw new DataError(
      [
        `${folder} holds no images laid out as ${pattern}`,
        ...dropped.map(({ reason, count }) => `  ${count} ${reason}`),
      ].join('\n'),
    );
  entries.sort((a, b) => naturally(a.id, b.id));
  return {
    place: folder,
    classes: [...new Set(entries.map((e) => e.class))].sort(naturally),
    entries: entries.map((entry, row) => ({ ...entry, row })),
    fields: [],
    otherColumns: [],
    dropped,
  };
}
