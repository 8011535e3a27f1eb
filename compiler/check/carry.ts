/** @file What a stage takes over from the one before it, checked before anything runs: class lists, paths and shapes, `start` lines. */
import type { Report } from '../diagnostics/report.js';
import { listed } from '../diagnostics/suggestion.js';
import { classParameters } from '../model/class-axis.js';
import { labelTakenOver, type LabelTakenOver } from '../model/labels.js';
import type { GroupIR, ModelIR, StageIR } from '../model/ir.js';
import { misfit, tensorsOf } from '../model/misfit.js';
import { verbOf, type ResolvedStage } from './stages.js';

/** A resolved stage with its model, and the `train` block that it runs. */
export interface CheckedStage extends ResolvedStage {
  readonly model: ModelIR;
  readonly block: StageIR;
}

/** The stages of one experiment, the last of which is judged. */
export function checkCarry(stages: readonly CheckedStage[], report: Report): void {
  for (const [i, stage] of stages.entries()) {
    checkStart(stage, stages.slice(0, i), report);
    const before = stages[i - 1];
    if (!before) continue;
    const classes = labelTakenOver(stages, i);
    if (classes && !checkClasses(stage, stages[classes.reader]!, classes, report)) continue;
    checkGroups(stage, before, classes, report);
  }
}

/** Another class list must be answered. False if it is not; names that only a folder knows are compared when it is listed. */
function checkClasses(
  stage: CheckedStage,
  reader: CheckedStage,
  { label, before }: LabelTakenOver,
  report: Report,
): boolean {
  const isKnown = stage.data.classes !== null && reader.data.classes !== null;
  const differs =
    label.classes.length !== before.classes.length ||
    (isKnown && label.classes.join() !== before.classes.join());
  if (!differs || stage.reset !== null || stage.remap.length > 0) return true;
  const heads = stage.model.groups.filter((g) => classParameters(g, label.classes.length)).map((g) => g.name);
  const named = heads.length > 0 ? heads.join(', ') : 'group, …';
  report.error(
    'ED6020',
    verbOf(stage.line),
    `this stage reads other classes of \`${label.name}\` than the one before it`,
    {
      label: isKnown ? listed(label.classes) : `${label.classes.length} classes`,
      labels: [
        {
          span: verbOf(reader.line),
          message: isKnown ? listed(before.classes) : `${before.classes.length} classes`,
        },
      ],
      hint: `write \`reset ${named}\` to start these groups anew, \`remap ${named}\` to match their classes by name, or \`reset none\``,
    },
  );
  return false;
}

/** Every group is there with the same paths and shapes, or starts from something else. */
function checkGroups(
  stage: CheckedStage,
  before: CheckedStage,
  classes: LabelTakenOver | undefined,
  report: Report,
): void {
  const started = stage.block.start.flatMap((s) => s.groups);
  for (const group of stage.model.groups) {
    if (stage.reset?.includes(group.name) || started.includes(group.name)) continue;
    const old = before.model.groups.find((g) => g.name === group.name)!;
    if (stage.remap.includes(group.name)) checkRemap(stage, group, old, classes, report);
    else reportOther(stage, group, old, new Set(), report);
  }
}

function checkRemap(
  stage: CheckedStage,
  group: GroupIR,
  old: GroupIR,
  classes: LabelTakenOver | undefined,
  report: Report,
): void {
  const name = stage.line.remap!.find((n) => n.text === group.name)!;
  const fail = (message: string): void =>
    report.error('ED6023', name.span, message, {
      hint: `write \`reset ${group.name}\` to start it from its initialisation`,
    });
  if (!classes)
    return fail('no stage before this one reads a label that it reads, so there are no classes to match');
  const now = classParameters(group, classes.label.classes.length);
  const then = classParameters(old, classes.before.classes.length);
  if (!now || now.join() !== then?.join())
    return fail(`\`${group.name}\` has no single kernel with a column for each class`);
  reportOther(stage, group, old, new Set(now), report);
}

/** A tensor of the group, other than those `besides`, that the source lacks or has with another shape. */
function reportOther(
  stage: CheckedStage,
  group: GroupIR,
  old: GroupIR,
  besides: ReadonlySet<string>,
  report: Report,
): void {
  const wrong = misfit(group, tensorsOf(old), besides);
  if (wrong === undefined) return;
  report.error(
    'ED6021',
    verbOf(stage.line),
    `\`${group.name}\` cannot be taken over from the stage before: ${wrong}`,
    {
      labels: [{ span: group.span, message: 'the group' }],
      hint: `write \`reset ${group.name}\` on this stage to start it from its initialisation`,
    },
  );
}

/** What `start` takes from another stage has been trained by then, and fits. */
function checkStart(stage: CheckedStage, earlier: readonly CheckedStage[], report: Report): void {
  for (const { groups, from, span } of stage.block.start) {
    if (from.kind !== 'stage') continue;
    const source = earlier.findLast((s) => s.stage === from.name);
    if (!source) {
      report.error('ED5020', span, `no stage before this one runs \`train ${from.name}\``, {
        labels: [{ span: verbOf(stage.line), message: 'the stage' }],
        hint: `write \`pretrain ${from.name} on data\` above it in the experiment`,
      });
      continue;
    }
    for (const name of groups) {
      const wrong = misfit(
        stage.model.groups.find((g) => g.name === name)!,
        tensorsOf(source.model.groups.find((g) => g.name === name)!),
      );
      if (wrong !== undefined)
        report.error(
          'ED5020',
          span,
          `\`${name}\` does not fit what \`train ${from.name}\` leaves: ${wrong}`,
          {
            labels: [{ span: verbOf(stage.line), message: 'in this stage' }],
            hint: 'give both stages the same values for its sizes',
          },
        );
    }
  }
}
