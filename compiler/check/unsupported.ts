/** @file What parses but is not compiled yet: one clear diagnostic at its span (docs/language.md, "Not yet supported"). */
import type { Span } from '../../grammar/span.js';
import type { ExperimentItem, Expr, Member, StageLine, TestLine } from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import type { FlatModel } from './flat.js';
import { expressionsOf, partsOf } from './mentions.js';

/** Calls that mean something in the language and nothing to this compiler. */
export const UNSUPPORTED_CALLS: readonly string[] = ['gradient', 'conv3d', 'embedding', 'spectral_norm'];

const LATER_TYPES = ['multilabel', 'real', 'subject', 'clip'];

export function notYet(report: Report, span: Span, what: string): void {
  report.error('ED8001', span, `${what} is not yet supported`, { hint: LATER_HINT });
}

const LATER_HINT = 'docs/language.md lists what is still to come, under "Not yet supported"';

/** Reports what a model uses of the language's later parts; true if there is anything. */
export function reportUnsupported(model: FlatModel, report: Report): boolean {
  const found: [Span, string][] = [];
  for (const { member } of model.members) {
    found.push(...ofMember(member));
    if (member.kind !== 'noise') found.push(...expressionsOf(member).flatMap((e) => [...ofExpression(e)]));
  }
  for (const [span, what] of found) notYet(report, span, what);
  return found.length > 0;
}

/** Reports the calls of later parts within an expression. */
export function reportUnsupportedIn(expr: Expr, report: Report): void {
  for (const [span, what] of ofExpression(expr)) notYet(report, span, what);
}

function ofMember(member: Member): [Span, string][] {
  switch (member.kind) {
    case 'noise':
      return [[member.span, '`noise`']];
    case 'input':
    case 'label': {
      const { name } = member.type;
      return [
        ...(member.from
          ? [[member.from.span, 'reading from a named stream or field'] as [Span, string]]
          : []),
        ...(LATER_TYPES.includes(name.text)
          ? [[name.span, `the type \`${name.text}\``] as [Span, string]]
          : []),
      ];
    }
    case 'loss':
      return (member.route ?? []).flatMap(({ avoiding }): [Span, string][] =>
        avoiding ? [[avoiding.span, '`avoiding`']] : [],
      );
    case 'train':
      return member.items.flatMap((item): [Span, string][] => {
        if (item.kind !== 'setting' || item.name.text !== 'precision') return [];
        const [value] = item.values;
        return value?.kind === 'name' && value.text === 'bf16' ? [[value.span, '`precision bf16`']] : [];
      });
    default:
      return [];
  }
}

/** Calls of later built-ins. */
function* ofExpression(expr: Expr): Generator<[Span, string]> {
  if (expr.kind === 'call' && expr.callee.kind === 'name') {
    const name = expr.callee.text;
    if (UNSUPPORTED_CALLS.includes(name)) yield [expr.callee.span, `\`${name}\``];
  }
  for (const part of partsOf(expr)) yield* ofExpression(part);
}

/** Reports what an experiment asks of the language's later parts; true if there is anything. */
export function reportUnsupportedExperiment(item: ExperimentItem, report: Report): boolean {
  const found: [Span, string][] = [];
  for (const line of item.lines) {
    if (line.kind === 'stage' || line.kind === 'test') found.push(...laterStreams(line));
  }
  for (const [span, what] of found) notYet(report, span, what);
  return found.length > 0;
}

const laterStreams = ({ on }: StageLine | TestLine): [Span, string][] =>
  on.flatMap((binding, i): [Span, string][] => {
    if (binding.stream) return [[binding.span, 'a named stream']];
    return i === 0 ? [] : [[binding.span, 'a second data set for one stage']];
  });
