/** @file `ed2lc diff`: what two specs differ in, model by model and experiment by experiment. */
import type { Checked, CheckOptions } from '../check/check.js';
import { elaborate } from '../elaborate/elaborate.js';
import type { BoundExperiment, DataIR } from '../model/experiment.js';
import { flatModel } from '../show/flat-model.js';
import { compareTables, fieldsOf, formatData, type Difference } from './difference.js';
import { compareModels, type Side } from './models.js';

/** A checked spec without errors. */
export interface DiffSide {
  readonly checked: Checked;
  readonly options: CheckOptions;
  /** Only this model, which the file declares or imports, and no experiment. */
  readonly model?: string;
}

/** The differences; or the side on which the model to compare is not to be found. */
export type Diff = { readonly found: readonly Difference[] } | { readonly unknown: DiffSide };

/** Where one side names a model, the other must name one or have one only. */
export function diff(a: DiffSide, b: DiffSide): Diff {
  if (a.model !== undefined || b.model !== undefined) {
    const [x, y] = [a, b].map((side) => sideOf(side, side.model ?? onlyModel(side.checked)));
    if (!x) return { unknown: a };
    return y ? { found: compareModels(x, y) } : { unknown: b };
  }
  const found = comparedModels(a, b);
  const known = new Set(found.map(withoutPrefix));
  const [dataA, dataB] = [a, b].map(({ checked }) => allData(checked)) as [
    Map<string, DataIR>,
    Map<string, DataIR>,
  ];
  return {
    found: [
      ...found,
      ...unpaired([...dataA.keys()], [...dataB.keys()], 'data'),
      ...pairs([...dataA], [...dataB]).flatMap(([[name, x], [other, y]]) =>
        compareTables(`data ${titleOf(name, other)}`, fieldsOf(x, 'name'), fieldsOf(y, 'name')),
      ),
      ...comparedExperiments(a.checked, b.checked, known),
    ],
  };
}

const onlyModel = ({ models }: Checked): string => (models.size === 1 ? [...models.keys()][0]! : '');

function sideOf({ checked, options }: DiffSide, name: string): Side | undefined {
  const found = flatModel({ model: name }, checked, options);
  const model = found && (found.model ?? elaborate(found.flat).model);
  return model && { model, flat: found.flat };
}

/** Pairs of one name; where each side has one left, these two as well. */
function pairs<T extends readonly [name: string, ...rest: unknown[]]>(
  a: readonly T[],
  b: readonly T[],
): (readonly [T, T])[] {
  const named = a.flatMap((x) => {
    const y = b.find(([name]) => name === x[0]);
    return y ? [[x, y] as const] : [];
  });
  const [restA, restB] = [left(a, b), left(b, a)];
  return restA.length === 1 && restB.length === 1 ? [...named, [restA[0]!, restB[0]!]] : named;
}

const titleOf = (name: string, other: string): string => (name === other ? name : `${name}, ${other}`);

const left = <T extends readonly [string, ...unknown[]]>(of: readonly T[], other: readonly T[]): T[] =>
  of.filter(([name]) => !other.some(([n]) => n === name));

/** Names without a partner on the other side. */
function unpaired(a: readonly string[], b: readonly string[], what: string): Difference[] {
  const [x, y] = [a, b].map((names) => names.map((name) => [name] as const)) as [[string][], [string][]];
  const [restA, restB] = [left(x, y), left(y, x)];
  if (restA.length === 1 && restB.length === 1) return [];
  return compareTables(
    what,
    new Map(restA.map(([name]) => [name, ''])),
    new Map(restB.map(([name]) => [name, ''])),
  );
}

function comparedModels(a: DiffSide, b: DiffSide): Difference[] {
  const entries = (side: DiffSide): (readonly [string, Side])[] =>
    [...side.checked.models.keys()].flatMap((name) => {
      const found = sideOf(side, name);
      return found ? [[name, found] as const] : [];
    });
  const matched = pairs(entries(a), entries(b));
  return [
    ...unpaired([...a.checked.models.keys()], [...b.checked.models.keys()], 'models'),
    ...matched.flatMap(([[name, x], [other, y]]) => {
      return compareModels(x, y).map((d) =>
        matched.length === 1 ? d : { ...d, section: `${titleOf(name, other)}: ${d.section}` },
      );
    }),
  ];
}

const withoutPrefix = (d: Difference): string =>
  JSON.stringify({ ...d, section: d.section.replace(/^.*: /, '') });

/** Those of the file, and those that its experiments import. */
function allData({ data, experiments }: Checked): Map<string, DataIR> {
  const all = new Map(data);
  for (const { stages, testData } of experiments)
    for (const one of [...stages.map((s) => s.data), ...(testData ? [testData] : [])])
      if (!all.has(one.name)) all.set(one.name, one);
  return all;
}

/** What is already said of a model is not said of each experiment that trains it. */
function comparedExperiments(a: Checked, b: Checked, known: ReadonlySet<string>): Difference[] {
  const entries = ({ experiments }: Checked): (readonly [string, BoundExperiment])[] =>
    experiments.map((bound) => [bound.experiment.name, bound]);
  const names = (checked: Checked): string[] => checked.experiments.map((e) => e.experiment.name);
  return [
    ...unpaired(names(a), names(b), 'experiments'),
    ...pairs(entries(a), entries(b)).flatMap(([[name, x], [other, y]]) => {
      const section = `experiment ${titleOf(name, other)}`;
      const stages = Math.min(x.stages.length, y.stages.length);
      const models = Array.from({ length: stages }, (_, i) =>
        compareModels(
          { model: x.stages[i]!.model, flat: undefined },
          { model: y.stages[i]!.model, flat: undefined },
        )
          .filter((d) => !known.has(withoutPrefix(d)))
          .map((d) => ({ ...d, section: `${section}, stage ${i + 1}: ${d.section}` })),
      );
      return [
        ...compareTables(section, fieldsOf(x.experiment, 'name'), fieldsOf(y.experiment, 'name')),
        ...compareTables(section, stageLines(x), stageLines(y)),
        ...models.flat(),
      ];
    }),
  ];
}

const stageLines = ({ stages }: BoundExperiment): Map<string, string> =>
  new Map(
    stages.map(({ verb, stage, data, reset, resetStatistics, remap }, i) => [
      `stage ${i + 1}`,
      [
        [verb, stage, 'on', data.name].filter((word) => word !== null).join(' '),
        ...(reset === null ? [] : [`reset ${formatData(reset.toSorted())}`]),
        ...(resetStatistics.length > 0
          ? [`reset statistics of ${formatData(resetStatistics.toSorted())}`]
          : []),
        ...(remap.length > 0 ? [`remap ${formatData(remap.toSorted())}`] : []),
      ].join(', '),
    ]),
  );
