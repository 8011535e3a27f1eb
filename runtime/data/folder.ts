/** @file Images in folders: which files there are, what class and person they show. Nothing is decoded here. */
import { readdir, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, resolve } from 'node:path';
import type { Dropped } from './dataset.js';
import { DataError } from './errors.js';
import { readPattern } from './pattern.js';

export interface ImageFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly file: string;
  readonly class: string;
  readonly subject: string;
  readonly size: number;
  /** Milliseconds. */
  readonly modified: number;
}

export interface Listing {
  readonly folder: string;
  /** Every class the folder has images of, in natural order. */
  readonly classes: readonly string[];
  /** In natural order of their paths. */
  readonly files: readonly ImageFile[];
  readonly dropped: readonly Dropped[];
}

const readable = new Set(['.png', '.jpg', '.jpeg', '.gif', '.tif', '.tiff', '.webp', '.pgm']);
/** Images nobody here decodes: worth a word, unlike text files. */
const foreign = new Set(['.bmp', '.heic', '.heif', '.jp2', '.psd', '.ppm', '.tga']);
const system = /^(\.|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;

const collator = new Intl.Collator('en', { numeric: true });
/** 2 before 10; equal for the collator means by code unit, so the order is total. */
const naturally = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/** Replaces `$NAME` and `${NAME}` by environment variables. @throws DataError for one that is not set. */
export function expandVariables(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  return path.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_, braced: string | undefined, plain: string | undefined) => {
      const name = (braced ?? plain)!;
      const value = environment[name];
      if (!value) throw new DataError(`"${path}" needs the environment variable ${name}, which is not set`);
      return value;
    },
  );
}

/**
 * Lists the images of a folder. Hidden and system files are passed over; other files that do not fit are counted.
 * @param path may hold `$VARIABLES`; relative to `baseDir`.
 * @param pattern see pattern.ts.
 * @throws DataError for a missing folder, a bad pattern, or no image at all.
 */
export async function listFolder(path: string, pattern: string, baseDir: string): Promise<Listing> {
  const expanded = expandVariables(path);
  const folder = isAbsolute(expanded) ? expanded : resolve(baseDir, expanded);
  const { depth, match } = readPattern(pattern);
  const written = expanded === path ? '' : ` (from "${path}")`;
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      error.code === 'ENOENT'
        ? `there is no folder ${folder}${written}`
        : `the folder ${folder}${written} cannot be opened: ${error.message}`,
    );
  });
  if (!found.isDirectory()) throw new DataError(`${folder} is a file, not a folder of images`);

  const files: ImageFile[] = [];
  const dropped = new Map<string, number>();
  const drop = (reason: string): void => void dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
  const visit = async (inner: readonly string[]): Promise<void> => {
    const entries = await readdir(join(folder, ...inner), { withFileTypes: true }).catch((error: Error) => {
      throw new DataError(`cannot list ${join(folder, ...inner)}: ${error.message}`);
    });
    for (const entry of entries) {
      if (system.test(entry.name)) continue;
      const parts = [...inner, entry.name];
      const file = join(folder, ...parts);
      // Follows links; a loop of links, or a file that has just gone, counts as broken.
      const state = await stat(file).catch(() => null);
      if (!state) drop('broken links');
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
          const id = parts.join('/');
          files.push({
            path: id,
            file,
            class: named.class,
            subject: named.subject ?? id,
            size: state.size,
            modified: state.mtimeMs,
          });
        }
      }
    }
  };
  await visit([]);
  const reasons = [...dropped].map(([reason, count]) => ({ reason, count }));
  if (files.length === 0)
    throw new DataError(
      [
        `${folder} holds no images laid out as ${pattern}`,
        ...reasons.map(({ reason, count }) => `  ${count} ${reason}`),
      ].join('\n'),
    );
  files.sort((a, b) => naturally(a.path, b.path));
  return {
    folder,
    files,
    classes: [...new Set(files.map((f) => f.class))].sort(naturally),
    dropped: reasons,
  };
}
