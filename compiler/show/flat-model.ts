/** @file Finds the flat model behind a name: of a model that a file declares or imports, or of an experiment. */
import type { ExperimentItem } from '../../grammar/syntax.js';
import type { Checked, CheckOptions } from '../check/check.js';
import { flatten, nameOf } from '../check/extends.js';
import type { FlatModel } from '../check/flat.js';
import { parseSettings, withHypers } from '../check/hypers.js';
import { loadFiles } from '../check/load.js';
import { buildScopes, resolvePath, type FileScope } from '../check/scope.js';
import { Report } from '../diagnostics/report.js';
import type { ModelIR } from '../model/ir.js';

/** A model, or an experiment: then its model with its `with` values. */
export type ModelName = { readonly model: string } | { readonly experiment: string };

export interface FoundModel {
  readonly flat: FlatModel;
  readonly doc: string | undefined;
  /** Where it has been checked. */
  readonly model: ModelIR | undefined;
}

/** `checked`: what `check` said with the same options, which found no errors. Undefined: there is nothing of that name. */
export function flatModel(of: ModelName, checked: Checked, options: CheckOptions): FoundModel | undefined {
  const report = new Report();
  const scope = buildScopes(loadFiles(checked.entry, options.reader, report), report).get(checked.entry)!;
  const found = declaredModel(of, scope, checked, report);
  if (!found) return undefined;
  const names = new Set(found.flat.members.map(({ member }) => nameOf(member).text));
  const set = parseSettings(options.set ?? {}, report).bindings.filter((b) => names.has(b.name.text));
  return { ...found, flat: withHypers(found.flat, set, scope, report) };
}

function declaredModel(
  of: ModelName,
  scope: FileScope,
  checked: Checked,
  report: Report,
): FoundModel | undefined {
  if ('model' in of) {
    const declared = scope.names.get(of.model);
    if (declared?.kind !== 'model') return undefined;
    const flat = flatten(declared.item, declared.scope, report);
    return flat && { flat, doc: declared.item.doc, model: checked.models.get(of.model) };
  }
  const declared = scope.names.get(of.experiment);
  if (declared?.kind !== 'experiment') return undefined;
  const { path, bindings } = modelLineOf(declared.item);
  const item = path && resolvePath(path, 'model', declared.scope, report);
  const flat = item && flatten(item.item, item.scope, report);
  const bound = checked.experiments.find(({ experiment }) => experiment.name === of.experiment);
  return (
    flat && {
      flat: withHypers(flat, bindings, declared.scope, report),
      doc: item.item.doc,
      model: bound?.model,
    }
  );
}

/** What the last stage trains: the model line with its values, and then those of the stage. */
function modelLineOf({ lines }: ExperimentItem) {
  const model = lines.find((line) => line.kind === 'use-model');
  const stage = lines.findLast((line) => line.kind === 'stage');
  return { path: model?.model, bindings: [...(model?.with ?? []), ...(stage?.with ?? [])] };
}
