/** @file Reads the entry file and everything it imports, through a reader: the compiler itself never touches a file system. */
import { parse } from '../../grammar/parse.js';
import type { Identifier, ImportItem, SourceFile } from '../../grammar/syntax.js';
import type { SourceText } from '../diagnostics/render.js';
import type { Report } from '../diagnostics/report.js';

/**
 * Finds the text of `path`, named in the file called `from` (null for the entry), and gives it a canonical name.
 * Undefined: there is no such file. What it throws is a diagnostic at an import, and thrown on for the entry.
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

  /** What an import names may be a folder or no text: in the words of the reader. */
  const imported = (path: Identifier, from: string): ReturnType<SourceReader> => {
    try {
      const found = reader(path.text, from);
      if (!found)
        report.error('ED2005', path.span, `there is no file \`${path.text}\``, {
          hint: `the path is looked up beside \`${from}\``,
        });
      return found;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      report.error('ED2005', path.span, `\`${path.text}\` cannot be read: ${reason}`, {
        hint: 'name a text file of the language',
      });
      return undefined;
    }
  };

  const load = (name: string, text: string, trail: readonly string[]): void => {
    sources.push({ name, text });
    const { file, problems } = parse(text, name);
    files.set(name, file);
    report.addAll(problems);
    for (const item of file.items) {
      if (item.kind !== 'import') continue;
      const found = imported(item.from, name);
      if (!found) continue;
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

  const first = reader(entry, null);
  if (!first) {
    report.error('ED2005', { source: entry, start: 0, end: 0 }, `there is no file \`${entry}\``, {
      hint: 'look at the path and its spelling',
    });
    return { files, targets, sources };
  }
  load(first.source, first.text, []);
  return { files, targets, sources };
}
