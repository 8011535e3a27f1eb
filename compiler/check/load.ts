/** @file Reads the entry file and everything it imports, through a reader: the compiler itself never touches a file system. */
import { parse } from '../../grammar/parse.js';
import type { Span } from '../../grammar/span.js';
import type { ImportItem, SourceFile } from '../../grammar/syntax.js';
import type { SourceText } from '../diagnostics/render.js';
import type { Report } from '../diagnostics/report.js';

/**
 * Finds the text of `path`, named in the file called `from` (null for the entry), and gives it a canonical name.
 * Undefined: there is no such file.
 */
export type SourceReader = (
  path: string,
  from: string | null,
) => { readonly source: string; readonly text: string } | undefined;

export interface LoadedFiles {
  /** By canonical name; the entry first, imports in the order they were met. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** The canonical name that an import refers to. */
  readonly targets: ReadonlyMap<ImportItem, string>;
  readonly sources: readonly SourceText[];
}

export function loadFiles(entry: string, reader: SourceReader, report: Report): LoadedFiles {
  const files = new Map<string, SourceFile>();
  const targets = new Map<ImportItem, string>();
  const sources: SourceText[] = [];

  /** A folder under the name of a file, a file without permission: as the reader words it. */
  const read = (path: string, from: string | null, span: Span): ReturnType<SourceReader> | 'unreadable' => {
    try {
      return reader(path, from);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      report.error('ED2005', span, `\`${path}\` cannot be read: ${reason}`, {
        hint: 'name a text file of the language',
      });
      return 'unreadable';
    }
  };

  const load = (name: string, text: string, trail: readonly string[]): void => {
    sources.push({ name, text });
    const { file, problems } = parse(text, name);
    files.set(name, file);
    report.addAll(problems);
    for (const item of file.items) {
      if (item.kind !== 'import') continue;
      const found = read(item.from.text, name, item.from.span);
      if (found === 'unreadable') continue;
      if (!found) {
        report.error('ED2005', item.from.span, `there is no file \`${item.from.text}\``, {
          hint: `the path is looked up beside \`${name}\``,
        });
        continue;
      }
      targets.set(item, found.source);
      const chain = [...trail, name];
      if (chain.includes(found.source)) {
        const loop = [...chain.slice(chain.indexOf(found.source)), found.source];
        report.error(
          'ED2006',
          item.from.span,
          `files import each other: ${loop.map((file) => `\`${file}\``).join(' imports ')}`,
          {
            hint: 'move what both need into a third file',
          },
        );
        targets.delete(item);
      } else if (!files.has(found.source)) load(found.source, found.text, chain);
    }
  };

  const start = { source: entry, start: 0, end: 0 };
  const first = read(entry, null, start);
  if (!first || first === 'unreadable') {
    if (!first)
      report.error('ED2005', start, `there is no file \`${entry}\``, {
        hint: 'look at the path and its spelling',
      });
    return { files, targets, sources };
  }
  load(first.source, first.text, []);
  return { files, targets, sources };
}
