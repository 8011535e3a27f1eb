/** @file Reads the entry file and everything it imports, through a reader: the compiler itself never touches a file system. */
import { parse } from '../../grammar/parse.js';
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

  const load = (name: string, text: string, trail: readonly string[]): void => {
    sources.push({ name, text });
    const { file, problems } = parse(text, name);
    files.set(name, file);
    report.addAll(problems);
    for (const item of file.items) {
      if (item.kind !== 'import') continue;
      const found = reader(item.from.text, name);
      if (!found) {
        report.error('ED2005', item.from.span, `there is no file "${item.from.text}"`, {
          hint: `the path is looked up beside ${name}`,
        });
        continue;
      }
      targets.set(item, found.source);
      const chain = [...trail, name];
      if (chain.includes(found.source)) {
        const loop = [...chain.slice(chain.indexOf(found.source)), found.source];
        report.error('ED2006', item.from.span, `files import each other: ${loop.join(' imports ')}`, {
          hint: 'move what both need into a third file',
        });
        targets.delete(item);
      } else if (!files.has(found.source)) load(found.source, found.text, chain);
    }
  };

  const first = reader(entry, null);
  if (!first) {
    report.error('ED2005', { source: entry, start: 0, end: 0 }, `there is no file "${entry}"`);
    return { files, targets, sources };
  }
  load(first.source, first.text, []);
  return { files, targets, sources };
}
