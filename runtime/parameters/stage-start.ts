/** @file What a stage starts from: its initialisation, what the stage before it left, and its `start` lines. */
import { classParameters } from '../../compiler/model/class-axis.js';
import { withBlocks, type BoundStage } from '../../compiler/model/experiment.js';
import type { GroupIR } from '../../compiler/model/ir.js';
import { labelTakenOver } from '../../compiler/model/labels.js';
import { belowGroup, tensorsOf } from '../../compiler/model/misfit.js';
import { initialise, type Parameters, type Stored } from './initialise.js';

/** What a stage left. */
export interface StageEnd {
  readonly parameters: Parameters;
  /** Of its data. */
  readonly classes: readonly string[];
}

export interface StageStart {
  /** All stages of the experiment; those in `earlier` have run. */
  readonly stages: readonly BoundStage[];
  readonly earlier: readonly StageEnd[];
  /** Of the data of the stage that is to begin. */
  readonly classes: readonly string[];
  /** Of initialisation. */
  readonly seed: number;
  /** Parameter files of `start` lines, by the name written there. */
  readonly files: ReadonlyMap<string, Parameters>;
}

/** Parameters and statistics by path, before the first iteration of the next stage. The checker and `loadStartFiles` have found that everything fits. */
export function parametersOfStart({ stages, earlier, classes, seed, files }: StageStart): Parameters {
  const i = earlier.length;
  const { model, reset, resetStatistics, remap } = stages[i]!;
  const fresh = initialise(model, seed);
  const start = new Map(fresh);
  const block = model.stages[0]!;
  const before = earlier.at(-1);
  const started = new Set(block.start.flatMap((s) => s.groups));
  for (const group of before ? model.groups : []) {
    if (reset?.includes(group.name) || started.has(group.name)) continue;
    const kept = resetStatistics.includes(group.name) ? group.parameters : tensorsOf(group);
    for (const { path } of kept) start.set(path, before!.parameters.get(path)!);
  }
  for (const name of remap) {
    const then = earlier[labelTakenOver(withBlocks(stages), i)!.reader]!.classes;
    for (const path of classParameters(
      model.groups.find((g) => g.name === name)!,
      classes.length,
    )!)
      start.set(path, matched(fresh.get(path)!, classes, before!.parameters.get(path)!, then));
  }
  for (const { groups, from } of block.start) {
    for (const name of groups) {
      const group = model.groups.find((g) => g.name === name)!;
      if (from.kind === 'group') copy(group, from.name, start, start);
      else if (from.kind === 'file') copy(group, name, files.get(from.name)!, start);
      else copy(group, name, earlier[lastRun(stages, i, from.name)]!.parameters, start);
    }
  }
  return start;
}

const lastRun = (stages: readonly BoundStage[], before: number, block: string): number =>
  stages.slice(0, before).findLastIndex((s) => s.stage === block);

/** The initial tensor, with the columns of shared classes from the old one. */
function matched(
  initial: Stored,
  classes: readonly string[],
  old: Stored,
  oldClasses: readonly string[],
): Stored {
  const data = initial.data.slice();
  const rows = data.length / classes.length;
  for (const [j, name] of classes.entries()) {
    const i = oldClasses.indexOf(name);
    if (i < 0) continue;
    for (let row = 0; row < rows; row++)
      data[row * classes.length + j] = old.data[row * oldClasses.length + i]!;
  }
  return { shape: initial.shape, data };
}

/** The tensors of `source` below the group `name`, for those of `group`. */
function copy(group: GroupIR, name: string, source: Parameters, into: Map<string, Stored>): void {
  for (const { path } of tensorsOf(group)) into.set(path, source.get(`${name}${belowGroup(path)}`)!);
}
