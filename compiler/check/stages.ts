/** @file The `pretrain` and `train` lines of an experiment: their order, the `train` blocks they run, and the groups they name. */
import type { Binding, ExperimentItem, Identifier, StageLine } from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import { listed, suggestion } from '../diagnostics/suggestion.js';
import type { CarryIR, DataIR } from '../model/experiment.js';
import type { FlatModel } from './flat.js';
import { withHypers } from './hypers.js';
import type { FileScope } from './scope.js';

/** A stage line whose names are resolved. */
export interface ResolvedStage extends CarryIR {
  readonly line: StageLine;
  /** The `train` block it runs; null: the unnamed one. */
  readonly stage: string | null;
  /** With the `with` values of this line, and the class names of its data. */
  readonly flat: FlatModel;
  readonly data: DataIR;
}

/** The stage lines in the order in which they run; undefined if one `train` is missing, or stands before a `pretrain`. */
export function stageLines(item: ExperimentItem, report: Report): readonly StageLine[] | undefined {
  const lines = item.lines.filter((l): l is StageLine => l.kind === 'stage');
  const train = lines.find((l) => l.verb === 'train');
  if (!train) {
    report.error('ED6006', item.name.span, `\`${item.name.text}\` has no \`train\` line`, {
      hint: 'write `train on data`',
    });
    return undefined;
  }
  const late = lines.slice(lines.indexOf(train)).find((l) => l.verb === 'pretrain');
  if (!late) return lines;
  report.error('ED6022', verbOf(late), 'this `pretrain` comes after a `train`', {
    labels: [{ span: verbOf(train), message: 'stages run in the order in which they are written' }],
    hint: 'write it first, or write `train` for a stage that is to come later',
  });
  return undefined;
}

/** The word `pretrain` or `train` alone. */
export const verbOf = ({ verb, span }: StageLine): StageLine['span'] => ({
  ...span,
  end: span.start + verb.length,
});

/** Undefined if its names are wrong, which is reported. `flat`: the model with the values that hold for all stages. */
export function resolveStage(
  line: StageLine,
  index: number,
  flat: FlatModel,
  data: DataIR,
  scope: FileScope,
  report: Report,
): ResolvedStage | undefined {
  const errors = report.errorCount;
  const stage = blockOf(line, flat, report);
  const carry = carryOf(line, index, flat, report);
  const own = withValues(flat, line.with, scope, report);
  if (report.errorCount > errors) return undefined;
  const dataClasses = data.classes && {
    data: { text: data.name, span: data.span },
    classes: data.classes,
  };
  return { line, stage: stage!, ...carry, flat: { ...own, ...(dataClasses && { dataClasses }) }, data };
}

const withValues = (
  flat: FlatModel,
  values: readonly Binding[],
  scope: FileScope,
  report: Report,
): FlatModel => (values.length > 0 ? withHypers(flat, values, scope, report) : flat);

/** The block a line names; without a name the unnamed one, or the only one. */
function blockOf(line: StageLine, flat: FlatModel, report: Report): string | null | undefined {
  const blocks = flat.members.flatMap(({ member }) =>
    member.kind === 'train' ? [member.name?.text ?? null] : [],
  );
  const named = blocks.filter((name) => name !== null);
  if (!line.stage) {
    if (blocks.includes(null)) return null;
    if (named.length <= 1) return named[0] ?? null;
    report.error('ED6005', verbOf(line), `\`${flat.name}\` has several \`train\`: ${listed(named)}`, {
      hint: `say which one: \`${line.verb} ${named[0]} on …\``,
    });
    return undefined;
  }
  if (named.includes(line.stage.text)) return line.stage.text;
  report.error(
    'ED6005',
    line.stage.span,
    `\`${flat.name}\` has no \`train ${line.stage.text}\``,
    named.length > 0
      ? suggestion(line.stage, named)
      : { hint: `its only \`train\` has no name: write \`${line.verb} on data\`` },
  );
  return undefined;
}

function carryOf(line: StageLine, index: number, flat: FlatModel, report: Report): CarryIR {
  const { reset, resetStatistics = [], remap = [] } = line;
  const isNone = reset?.length === 1 && reset[0]!.text === 'none';
  const lists = [
    ['reset', isNone ? [] : (reset ?? [])],
    ['reset statistics', resetStatistics],
    ['remap', remap],
  ] as const;
  const first = [...(reset ?? []), ...resetStatistics, ...remap].sort(
    (a, b) => a.span.start - b.span.start,
  )[0];
  if (index === 0 && first)
    report.error('ED6023', first.span, 'the first stage starts from the initialisation in any case', {
      hint: 'write this on the stage that takes parameters over from another',
    });
  const groups = flat.members.flatMap(({ member }) => (member.kind === 'group' ? [member.name.text] : []));
  for (const [clause, names] of lists) {
    for (const [i, name] of names.entries()) {
      if (!groups.includes(name.text)) unknown(name, clause, groups, report);
      twice(name, names.slice(0, i), `\`${clause}\` names \`${name.text}\` twice`, report);
    }
  }
  for (const name of [...remap, ...resetStatistics])
    twice(name, reset ?? [], `\`${name.text}\` starts anew as a whole`, report);
  return {
    reset: reset ? lists[0][1].map((n) => n.text) : null,
    resetStatistics: resetStatistics.map((n) => n.text),
    remap: remap.map((n) => n.text),
  };
}

function unknown(name: Identifier, clause: string, groups: readonly string[], report: Report): void {
  report.error(
    'ED4002',
    name.span,
    `there is no group \`${name.text}\` to ${clause}`,
    suggestion(name, groups),
  );
}

function twice(name: Identifier, among: readonly Identifier[], message: string, report: Report): void {
  const other = among.find((n) => n.text === name.text);
  if (!other) return;
  report.error('ED6023', name.span, message, {
    labels: [{ span: other.span, message: 'also here' }],
    hint: 'leave one of them out',
  });
}
