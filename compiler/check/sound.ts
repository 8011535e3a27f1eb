/** @file Which declarations can be checked although others are damaged: those that need nothing that is. */
import type { Expr, ImportItem, Item } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { LoadedFiles } from './load.js';
import { expressionsOf, namesIn } from './mentions.js';

/** The items of `source` that have no error in them, nor in anything they mention; none if an error lies outside of all items. */
export function soundItems(
  source: string,
  loaded: LoadedFiles,
  errors: readonly Diagnostic[],
): ReadonlySet<Item> {
  const items = loaded.files.get(source)!.items;
  const isIn = (span: Span, item: Item): boolean =>
    span.source === source && span.start >= item.span.start && span.end <= item.span.end;
  const here = errors.filter((e) => !loaded.files.has(e.span.source) || e.span.source === source);
  // The other end of a mistake may be where it was made: a bracket that is not closed.
  const places = here.flatMap((e) => [e.span, ...(e.labels ?? []).map((label) => label.span)]);
  if (places.some((span) => !items.some((item) => isIn(span, item)))) return new Set();
  const elsewhere = new Set(errors.map((e) => e.span.source).filter((s) => s !== source));
  const damaged = new Set(
    items.filter(
      (item) =>
        places.some((span) => isIn(span, item)) ||
        (item.kind === 'import' && reaches(item, elsewhere, loaded)),
    ),
  );
  for (let before = -1; before !== damaged.size;) {
    before = damaged.size;
    const names = new Set([...damaged].flatMap(namesOf));
    for (const item of items) if (mentionsOf(item).some((name) => names.has(name))) damaged.add(item);
  }
  return new Set(items.filter((item) => !damaged.has(item)));
}

/** Whether the imported file, or one that it imports, is among `files`. */
function reaches(
  item: ImportItem,
  files: ReadonlySet<string>,
  loaded: LoadedFiles,
  seen = new Set<string>(),
): boolean {
  const target = loaded.targets.get(item);
  if (target === undefined || files.has(target)) return true;
  if (seen.has(target)) return false;
  seen.add(target);
  return loaded.files
    .get(target)!
    .items.some((other) => other.kind === 'import' && reaches(other, files, loaded, seen));
}

/** What an item declares. */
function namesOf(item: Item): string[] {
  if (item.kind !== 'import') return [item.name.text];
  return item.namespace ? [item.namespace.text] : (item.names ?? []).map(({ name, as }) => (as ?? name).text);
}

/** Names outside an item that it may mean; names of its own among them do no harm. */
function mentionsOf(item: Item): string[] {
  const inside = (expressions: readonly Expr[]): string[] =>
    expressions.flatMap((e) => [...namesIn(e)].map((n) => n.text));
  switch (item.kind) {
    case 'import':
      return [];
    case 'block':
      return inside([
        ...item.parameters.flatMap((p) => p.default ?? []),
        ...item.bindings.map((b) => b.value),
        item.result,
      ]);
    case 'model':
      return [
        ...(item.parent ? [item.parent.parts[0]!.text] : []),
        ...inside(item.members.flatMap(expressionsOf)),
      ];
    case 'data':
      return inside(item.settings.flatMap((s) => s.values));
    case 'experiment':
      return item.lines.flatMap((line) => {
        if (line.kind === 'setting') return inside(line.values);
        if (line.kind === 'use-model')
          return [line.model.parts[0]!.text, ...inside(line.with.map((b) => b.value))];
        const on = line.on.map((b) => b.data.parts[0]!.text);
        return line.kind === 'test' ? on : [...on, ...inside((line.with ?? []).map((b) => b.value))];
      });
  }
}
