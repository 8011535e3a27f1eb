/** @file What each file declares and sees: one space of names per file, filled from its own items and its imports. */
import type { DataItem, ExperimentItem, Identifier, Item, ModelItem, Path } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import type { Report } from '../diagnostics/report.js';
import { isBuiltIn } from '../elaborate/builtins.js';
import type { LoadedFiles } from './load.js';
import { suggestion } from '../diagnostics/suggestion.js';
import { aNoun, nounOf } from '../diagnostics/words.js';

export type Declared =
  | { readonly kind: 'block'; readonly item: Extract<Item, { kind: 'block' }>; readonly scope: FileScope }
  | { readonly kind: 'model'; readonly item: ModelItem; readonly scope: FileScope }
  | { readonly kind: 'data'; readonly item: DataItem; readonly scope: FileScope }
  | { readonly kind: 'experiment'; readonly item: ExperimentItem; readonly scope: FileScope }
  | { readonly kind: 'file'; readonly scope: FileScope };

/** The file level of one source. A name means what this file declares or imports under it. */
export interface FileScope {
  readonly source: string;
  readonly names: Map<string, Declared & { readonly span: Span }>;
}

/** Builds the scopes of all files; names declared twice and unknown imports are reported. */
export function buildScopes(loaded: LoadedFiles, report: Report): ReadonlyMap<string, FileScope> {
  const scopes = new Map<string, FileScope>();
  for (const source of loaded.files.keys()) scopes.set(source, { source, names: new Map() });
  for (const [source, file] of loaded.files) {
    const scope = scopes.get(source)!;
    for (const item of file.items) {
      if (item.kind === 'import') continue;
      declare(scope, item.name, { kind: item.kind, item, scope } as Declared, report);
    }
  }
  // Imports come second: what a file declares is known before another file asks for it.
  for (const [source, file] of loaded.files) {
    const scope = scopes.get(source)!;
    for (const item of file.items) {
      if (item.kind !== 'import') continue;
      const target = loaded.targets.get(item);
      const from = target === undefined ? undefined : scopes.get(target);
      if (item.namespace) {
        if (from) declare(scope, item.namespace, { kind: 'file', scope: from }, report);
        continue;
      }
      for (const { name, as } of item.names ?? []) {
        if (!from) continue;
        const found = from.names.get(name.text);
        if (found && found.scope === from && found.kind !== 'file') {
          declare(scope, as ?? name, found, report);
          continue;
        }
        const own = [...from.names].filter(([, d]) => d.kind !== 'file' && d.scope === from).map(([n]) => n);
        report.error(
          'ED2007',
          name.span,
          `\`${item.from.text}\` declares no \`${name.text}\``,
          suggestion(name, own),
        );
      }
    }
  }
  return scopes;
}

function declare(scope: FileScope, name: Identifier, declared: Declared, report: Report): void {
  const before = scope.names.get(name.text);
  if (before) {
    report.error('ED2002', name.span, `\`${name.text}\` is declared twice`, {
      labels: [{ span: before.span, message: 'first declared here' }],
      hint: 'give one of them another name',
    });
    return;
  }
  if (isBuiltIn(name.text)) {
    report.error('ED2003', name.span, `\`${name.text}\` hides a built-in`, { hint: 'give it another name' });
  }
  scope.names.set(name.text, { ...declared, span: name.span });
}

/** Finds `a` or `ns.a` of the wanted kind; reports what is wrong otherwise. */
export function resolvePath<K extends Declared['kind']>(
  path: Path,
  kind: K,
  scope: FileScope,
  report: Report,
): (Extract<Declared, { kind: K }> & { readonly span: Span }) | undefined {
  let at: FileScope = scope;
  for (const [i, part] of path.parts.entries()) {
    const known = at.names.get(part.text);
    // Through a namespace one sees what its file declares, not what that file imports.
    const found = i > 0 && (known?.kind === 'file' || known?.scope !== at) ? undefined : known;
    const last = i === path.parts.length - 1;
    const wanted = last ? kind : 'file';
    const candidates = [...at.names].filter(([, d]) => d.kind === wanted).map(([n]) => n);
    if (!found) {
      report.error(
        'ED2001',
        part.span,
        `there is no ${nounOf(wanted)} \`${part.text}\``,
        suggestion(part, candidates),
      );
      return undefined;
    }
    if (found.kind !== wanted) {
      report.error('ED2016', part.span, `\`${part.text}\` is ${aNoun(found.kind)}, not ${aNoun(wanted)}`, {
        labels: [{ span: found.span, message: 'declared here' }],
        ...suggestion(part, candidates),
      });
      return undefined;
    }
    if (last) return found as Extract<Declared, { kind: K }> & { readonly span: Span };
    at = found.scope;
  }
  return undefined;
}
