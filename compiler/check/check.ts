/** @file The front half of the compiler: text to checked models, data and experiments, or diagnostics. */
import type { Binding, Item } from '../../grammar/syntax.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { suggestion } from '../diagnostics/suggestion.js';
import { Report, sortDiagnostics } from '../diagnostics/report.js';
import type { SourceText } from '../diagnostics/render.js';
import { elaborate } from '../elaborate/elaborate.js';
import { Budget } from '../elaborate/budget.js';
import type { Shared } from '../elaborate/environment.js';
import { ScalarTable } from '../elaborate/numbers.js';
import { ParameterTable } from '../elaborate/parameters.js';
import { GraphBuilder } from '../graph/builder.js';
import { boundExperiment, type BoundExperiment, type BoundStage, type DataIR } from '../model/experiment.js';
import type { ModelIR } from '../model/ir.js';
import { predictedFrom } from '../model/predicted-from.js';
import { checkBlocks } from './blocks.js';
import { checkCarry, type CheckedStage } from './carry.js';
import { checkData } from './data.js';
import { checkExperiment, checkFit, type ExperimentContext, type ResolvedExperiment } from './experiment.js';
import { flatten } from './extends.js';
import type { DataClasses, FlatModel } from './flat.js';
import { parseSettings, withHypers } from './hypers.js';
import { loadFiles, type SourceReader } from './load.js';
import { checkReportItem } from './report-items.js';
import { checkSelect } from './select.js';
import { buildScopes, resolvePath, type FileScope } from './scope.js';
import { warnSeeds } from './seeds.js';
import { soundItems } from './sound.js';
import { reportUnsupported } from './unsupported.js';

export type { SourceReader };

export interface CheckOptions {
  readonly reader: SourceReader;
  /** Hypers given a new expression, as text: `--set name=value`. Applies to every model of the entry file that has the hyper. */
  readonly set?: Readonly<Record<string, string>>;
}

export interface Checked {
  /** Canonical name of the entry. */
  readonly entry: string;
  /** Models of the entry file without errors, by name. */
  readonly models: ReadonlyMap<string, ModelIR>;
  readonly experiments: readonly BoundExperiment[];
  readonly data: ReadonlyMap<string, DataIR>;
  /** The entry first, then imports; for rendering diagnostics and for hashes. */
  readonly sources: readonly SourceText[];
  /** Only imports and blocks. */
  readonly isLibrary: boolean;
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a file and everything it imports. Throws only what the reader throws for the entry. */
export function check(entry: string, options: CheckOptions): Checked {
  const report = new Report();
  const loaded = loadFiles(entry, options.reader, report);
  const [first] = loaded.files.keys();
  const settings = parseSettings(options.set ?? {}, report);
  const sources = [...loaded.sources, ...settings.sources];
  const scopes = buildScopes(loaded, report);
  const models = new Map<string, ModelIR>();
  const data = new Map<string, DataIR>();
  const experiments: BoundExperiment[] = [];
  const items = first === undefined ? [] : loaded.files.get(first)!.items;
  const errors = report.diagnostics.filter((d) => d.severity === 'error');
  const sound = first === undefined ? new Set<Item>() : soundItems(first, loaded, errors);
  if (first !== undefined && checkBlocks(scopes.get(first)!, sound, report)) {
    const scope = scopes.get(first)!;
    const shared = sharedOf(report);
    const bindings = settings.bindings;
    const hypers = new Set<string>();
    const checkedData = dataChecker(shared);
    for (const item of items) {
      if (item.kind !== 'data' || !sound.has(item)) continue;
      const ir = report.guard(item.name.span, () => checkedData(item.name.text, scope));
      if (ir) data.set(ir.name, ir);
    }
    const classes = classesByModel(items, data);
    for (const item of items) {
      if (item.kind !== 'model' || !sound.has(item)) continue;
      const model = report.guard(item.name.span, () => {
        const flat = flatten(item, scope, report);
        const dataClasses = classes.get(item.name.text);
        return (
          flat &&
          modelOf(
            withSettings({ ...flat, ...(dataClasses && { dataClasses }) }, bindings, hypers, scope, report),
            report,
          )
        );
      });
      if (model) models.set(item.name.text, model);
    }
    const context: ExperimentContext = {
      shared,
      dataOf: (line, from) => {
        const [binding] = line.on;
        const found = binding && resolvePath(binding.data, 'data', from, report);
        return found && checkedData(found.item.name.text, found.scope);
      },
    };
    for (const item of items) {
      if (item.kind !== 'experiment' || !sound.has(item)) continue;
      const checked = report.guard(item.name.span, () => {
        const resolved = checkExperiment(item, scope, context);
        return resolved && experimentOf(resolved, bindings, hypers, scope, shared);
      });
      if (checked) experiments.push(checked);
    }
    // What could not be checked may have the hyper.
    for (const binding of sound.size === items.length ? bindings : []) {
      if (
        !hypers.has(binding.name.text) &&
        items.some((i) => i.kind === 'model' || i.kind === 'experiment')
      ) {
        report.error('ED2022', binding.name.span, `no model here has a hyper \`${binding.name.text}\``, {
          ...(hypers.size > 0 && { hint: suggestion(binding.name, hypers).hint! }),
        });
      }
    }
  }
  return {
    entry: first ?? entry,
    models,
    experiments,
    data,
    sources,
    isLibrary: isLibrary(items),
    // A note about an imported file is for those who check that file.
    diagnostics: sortDiagnostics(
      report.diagnostics.filter((d) => d.severity !== 'note' || d.span.source === first),
      sources.map((s) => s.name),
    ),
  };
}

/** For each model that an experiment of this file trains on data of this file: the class names it then has, so that `label is name` means the same on its own. */
function classesByModel(
  items: readonly Item[],
  data: ReadonlyMap<string, DataIR>,
): ReadonlyMap<string, DataClasses> {
  const found = new Map<string, DataClasses>();
  for (const item of items) {
    if (item.kind !== 'experiment') continue;
    const [model] = item.lines.flatMap((l) => (l.kind === 'use-model' ? [l.model.parts] : []));
    const [path] = item.lines
      .flatMap((l) =>
        l.kind === 'stage' && l.verb === 'train' ? l.on.slice(0, 1).map((b) => b.data.parts) : [],
      )
      .slice(-1);
    const bound = path?.length === 1 ? data.get(path[0]!.text) : undefined;
    if (model?.length !== 1 || !bound?.classes || found.has(model[0]!.text)) continue;
    found.set(model[0]!.text, { data: { text: bound.name, span: bound.span }, classes: bound.classes });
  }
  return found;
}

const isLibrary = (items: readonly Item[]): boolean =>
  items.length > 0 && items.every((i) => i.kind === 'import' || i.kind === 'block');

/** What settings are evaluated with: they contain numbers only. */
function sharedOf(report: Report): Shared {
  const builder = new GraphBuilder();
  return {
    builder,
    report,
    scalars: new ScalarTable(),
    parameters: new ParameterTable(builder, report),
    budget: new Budget(report),
  };
}

function modelOf(flat: FlatModel, report: Report): ModelIR | undefined {
  if (reportUnsupported(flat, report)) return undefined;
  const { model, diagnostics } = elaborate(flat);
  report.addAll(diagnostics);
  return model;
}

/** Checks each data block once, whoever asks first. */
function dataChecker(shared: Shared): (name: string, scope: FileScope) => DataIR | undefined {
  const known = new Map<string, DataIR | undefined>();
  return (name, scope) => {
    const key = `${scope.source}#${name}`;
    const declared = scope.names.get(name);
    if (!known.has(key) && declared?.kind === 'data')
      known.set(key, checkData(declared.item, declared.scope, shared));
    return known.get(key);
  };
}

/** The model with those settings whose hyper it has; its hypers are added to `hypers`. */
function withSettings(
  flat: FlatModel,
  bindings: readonly Binding[],
  hypers: Set<string>,
  scope: FileScope,
  report: Report,
): FlatModel {
  const names = flat.members.flatMap(({ member }) => (member.kind === 'hyper' ? [member.name.text] : []));
  for (const name of names) hypers.add(name);
  const own = bindings.filter((b) => names.includes(b.name.text));
  return withHypers(flat, own, scope, report);
}

function experimentOf(
  { experiment, stages, testData }: ResolvedExperiment,
  bindings: readonly Binding[],
  hypers: Set<string>,
  scope: FileScope,
  { report }: Shared,
): BoundExperiment | undefined {
  // Stages that read the model in the same way share it.
  const models = new Map<string, ModelIR | undefined>();
  const checked = stages.flatMap((stage): CheckedStage[] => {
    const flat = withSettings(stage.flat, bindings, hypers, scope, report);
    const key = JSON.stringify([stage.line.with, flat.dataClasses?.classes]);
    if (!models.has(key)) models.set(key, modelOf(flat, report));
    const model = models.get(key);
    const block = model?.stages.find((s) => s.name === stage.stage);
    return block ? [{ ...stage, flat, model: model!, block }] : [];
  });
  if (checked.length !== stages.length) return undefined;
  const last = checked.at(-1)!;
  const isOnly = checked.length === 1;
  for (const stage of checked)
    checkFit({ ...stage, isOnly }, stage.model.inputs, stage.data, stage === last, report);
  if (testData) checkFit({ ...last, isOnly }, predictedFrom(last.model), testData, true, report);
  checkSelect(experiment, last.model, report);
  const judged = { model: last.model, data: last.data, testData };
  for (const item of experiment.report) checkReportItem(item, judged, report);
  checkCarry(checked, report);
  warnSeeds(experiment, checked, report);
  if (report.hasErrors) return undefined;
  const bound = checked.map(
    ({ line, stage, model, block, data, reset, resetStatistics, remap }): BoundStage => {
      return {
        verb: line.verb,
        stage,
        model: { ...model, stages: [block] },
        data,
        reset,
        resetStatistics,
        remap,
      };
    },
  );
  return boundExperiment(experiment, bound, testData);
}
