/** @file `start G from …`: a group copied from another, from an earlier stage, or from a file. */
import type { Identifier, StartItem } from '../../grammar/syntax.js';
import { suggestion } from '../diagnostics/suggestion.js';
import type { GroupIR, StartIR } from '../model/ir.js';
import { misfit, tensorsOf } from '../model/misfit.js';
import type { Report } from '../diagnostics/report.js';

export interface StartContext {
  readonly groups: readonly string[];
  /** Named `train` blocks of the model. */
  readonly stages: readonly string[];
  readonly report: Report;
}

/** In the order written; what is wrong is reported and left out. */
export function elaborateStarts(items: readonly StartItem[], context: StartContext): StartIR[] {
  const { groups, report } = context;
  return items.flatMap((item): StartIR[] => {
    const known = item.names.filter(({ text }) => groups.includes(text));
    for (const name of item.names.filter((n) => !known.includes(n)))
      report.error(
        'ED4002',
        name.span,
        `there is no group \`${name.text}\` to start`,
        suggestion(name, groups),
      );
    const from = item.fromFile ? { kind: 'file' as const, name: item.from.text } : named(item.from, context);
    return from && known.length > 0 ? [{ groups: known.map((n) => n.text), from, span: item.span }] : [];
  });
}

function named(from: Identifier, { groups, stages, report }: StartContext): StartIR['from'] | undefined {
  const isGroup = groups.includes(from.text);
  const isStage = stages.includes(from.text);
  if (isGroup && isStage) {
    report.error('ED5020', from.span, `\`${from.text}\` is both a group and a \`train\``, {
      hint: 'give one of them another name',
    });
    return undefined;
  }
  if (isGroup || isStage) return { kind: isGroup ? 'group' : 'stage', name: from.text };
  report.error(
    'ED5020',
    from.span,
    `there is no group and no \`train\` called \`${from.text}\``,
    suggestion(from, [...groups, ...stages]),
  );
  return undefined;
}

/** A group is copied to one of equal structure. */
export function checkCopies(starts: readonly StartIR[], groups: readonly GroupIR[], report: Report): void {
  for (const { groups: names, from, span } of starts) {
    if (from.kind !== 'group') continue;
    const source = groups.find((g) => g.name === from.name)!;
    for (const name of names) {
      const group = groups.find((g) => g.name === name)!;
      const wrong = name === from.name ? 'it is the same group' : misfit(group, tensorsOf(source));
      if (wrong !== undefined)
        report.error('ED5020', span, `\`${name}\` cannot start from \`${from.name}\`: ${wrong}`, {
          labels: [
            { span: group.span, message: 'this group' },
            { span: source.span, message: 'and this one' },
          ],
          hint: 'build both groups from the same block with the same numbers',
        });
    }
  }
}
