/** @file A report of runs: what each was, what its decisions are worth, how its losses went, and the paper's tables beside it. Reads what the runs left. */
import { basename, resolve } from 'node:path';
import type { BoundExperiment, DataIR, ReportIR } from '../../compiler/model/experiment.js';
import type { ModelIR } from '../../compiler/model/ir.js';
import type { Engine } from '../engines/engine.js';
import { RunRecordError } from '../experiment/errors.js';
import { loadRun, readResult } from '../experiment/record.js';
import type { PrepareAllOptions } from '../experiment/tasks.js';
import { COMPILER_VERSION } from '../version.js';
import { accuracyOfRun, confusionOf } from './accuracy.js';
import { comparedTables } from './compare.js';
import { readCurves } from './curves.js';
import { makeItems, measuredItems, NOTHING, textOf, type Made } from './items.js';
import type { ReportData, RunReport } from './report-data.js';
import { openTrained, type RunAsLeft } from './trained.js';

/** What the items of `report` lines need that no run says of itself. */
export interface MeasureOptions extends PrepareAllOptions {
  readonly engine: Engine;
  /** By directory. */
  readonly onItem?: (run: string, item: string) => void;
}

export interface ReportOptions {
  /** Of runs, each once. */
  readonly directories: readonly string[];
  readonly rehearsal?: boolean;
  /** Items besides those of the runs' `report` lines; made for every run. */
  readonly also?: (bound: BoundExperiment) => readonly ReportIR[];
  /** Opened when a run has items that need it. Absent: those are left out, which the report says. */
  readonly measuring?: () => Promise<MeasureOptions>;
  /** What goes on the page (default: now). */
  readonly made?: Date;
}

/** Throws RunRecordError, DataError, EngineError and ParameterFileError. */
export async function reportOf(options: ReportOptions): Promise<ReportData> {
  const { directories, rehearsal, made } = options;
  const names = namesOf(directories);
  const runs: RunReport[] = [];
  for (const [i, directory] of directories.entries())
    runs.push(await runReport(directory, names[i]!, options));
  return {
    format: 'ed2l-report',
    version: 1,
    program: COMPILER_VERSION,
    made: (made ?? new Date()).toISOString(),
    rehearsal: rehearsal === true,
    runs,
    tables: comparedTables(runs),
  };
}

/** The last part of each path; where two are the same, with as much before it as tells them apart. Throws RunRecordError for a run named twice. */
export function namesOf(directories: readonly string[]): string[] {
  const paths = directories.map((directory) => resolve(directory));
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) throw new RunRecordError(`${twice} is named twice`);
  return paths.map((path) => {
    const parts = path.split(/[\\/]/);
    for (let count = 1; count < parts.length; count++) {
      const name = parts.slice(-count).join('/');
      if (paths.every((other) => other === path || !other.endsWith(`/${name}`))) return name;
    }
    return basename(path);
  });
}

async function runReport(directory: string, name: string, options: ReportOptions): Promise<RunReport> {
  const { record, bound } = await loadRun(directory);
  const result = await readResult(directory);
  const { experiment, model, testData, stages } = bound;
  const classes = result.judgements[0]?.judgement.classes ?? [];
  const labels = result.tasks.flatMap((t) => t.decisions.flatMap((d) => [d.label, d.predicted]));
  if (labels.some((label) => label >= classes.length))
    throw new RunRecordError(`${directory}: result.json decides for a class that it does not name`);
  const done = result.tasks.map(({ seed, fold }) => ({ seed, fold }));
  const isDone = ({ seed, fold }: { seed: number; fold: number | null }): boolean =>
    result.tasks.some((t) => t.seed === seed && t.fold === fold);
  return {
    name,
    directory,
    experiment: experiment.name,
    model: model.name,
    network: networkOf(model),
    spec: record.spec,
    settings: record.settings,
    engine: record.engine,
    program: record.version,
    started: record.started,
    ended: result.ended,
    stages: stages.map(({ verb, data }, i) => {
      return { verb, data: data.name, source: data.source.kind, epochs: record.epochs[i] ?? 0 };
    }),
    testData: testData?.name ?? null,
    synthetic: dataOf(bound).every(({ source }) => source.kind === 'synthetic_faces'),
    folds: testData || !bound.data.folds || bound.data.folds.kind === 'file' ? null : bound.data.folds.count,
    tasks: {
      done,
      missing: record.tasks.filter((task) => !isDone(task)),
    },
    score: experiment.score,
    select: result.select,
    classes,
    accuracy: accuracyOfRun(result.tasks, classes),
    confusion: confusionOf(result.tasks, classes),
    curves: await readCurves(directory),
    ...(await measured(directory, name, { record, folds: result.folds, bound, done }, options)),
  };
}

async function measured(
  directory: string,
  name: string,
  run: RunAsLeft,
  { also, measuring }: ReportOptions,
): Promise<Made> {
  const items = measuredItems([...run.bound.experiment.report, ...(also?.(run.bound) ?? [])]);
  if (items.length === 0) return NOTHING;
  if (!measuring)
    return { ...NOTHING, left: items.map((item) => `${textOf(item)}: nothing was to be measured`) };
  const { engine, onItem, ...prepare } = await measuring();
  return makeItems(await openTrained(directory, run, engine, prepare), items, (what) => onItem?.(name, what));
}

const dataOf = ({ stages, testData }: BoundExperiment): DataIR[] => [
  ...stages.map(({ data }) => data),
  ...(testData ? [testData] : []),
];

/** By its groups, which is what the paper's two networks differ in. */
export function networkOf({ groups }: Pick<ModelIR, 'groups'>): RunReport['network'] {
  const names = groups
    .map((g) => g.name)
    .sort()
    .join();
  if (names === 'base,classifier,dispeller,dispelling,distiller') return 'ed2l';
  return names === 'base,classifier,distiller' ? 'baseline' : 'other';
}
