/** @file `remove`: deletes inherited members and everything that cannot live without them, and says what went and why. */
import type {
  Expr,
  Identifier,
  MinimizeItem,
  ModelItem,
  Target,
  TrainItem,
  TrainMember,
} from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import type { Report } from '../diagnostics/report.js';
import { nameOf } from './extends.js';
import type { FlatMember } from './flat.js';
import { mentionsOf, namesIn, expressionsOf, identifiersOf } from './mentions.js';
import { suggestion } from '../diagnostics/suggestion.js';

/** Why a name went that the model itself removes. */
const BY_REMOVE = 'by `remove`';

export interface Removal {
  readonly what: 'group' | 'loss' | 'step';
  readonly name: Identifier;
}

/** A removal at work. */
interface Work {
  readonly members: Map<string, FlatMember>;
  /** What goes, and why. */
  readonly marked: Map<string, string>;
  /** Where the removal stands that a marking follows from. */
  readonly causes: Map<string, Span>;
  /** Parts that stand in the model itself: they are not trimmed but must not need what goes. */
  readonly written: ReadonlySet<object>;
  readonly report: Report;
}

/** Kinds that leave when nothing reads them any more. */
const ORPHANS = ['group', 'noise', 'input', 'label', 'hyper'];

/** False if it reported errors: what is left would only repeat them. */
export function removeMarked(
  model: ModelItem,
  members: Map<string, FlatMember>,
  removals: readonly Removal[],
  parent: readonly FlatMember[],
  own: ReadonlyMap<string, Identifier>,
  /** Say what went; not for the parent of the model at hand. */
  announce: boolean,
  report: Report,
): boolean {
  const errors = report.errorCount;
  const marked = new Map<string, string>();
  const work: Work = {
    members,
    marked,
    causes: new Map(removals.map(({ name }) => [name.text, name.span])),
    written: partsWrittenIn(model),
    report,
  };
  for (const removal of removals) {
    if (removal.what === 'step') removeStep(removal.name, work);
    else markNamed(removal, own, work);
  }
  for (let before = -1; before !== marked.size;) {
    before = marked.size;
    closeOver(work);
    if (report.errorCount > errors) return false;
    for (const key of marked.keys()) members.delete(key);
    for (const [key, flat] of members) {
      if (flat.member.kind === 'train') trimTraining(model, key, flat as FlatMember<TrainMember>, work);
    }
    markOrphans(members, parent, marked);
  }
  if (report.errorCount > errors) return false;
  if (marked.size > 0 && announce) {
    const list = [...marked].map(([key, reason]) => `\`${key}\` (${reason})`).join(', ');
    report.note('ED2019', model.name.span, `removed from \`${model.name.text}\`: ${list}`);
  }
  return true;
}

/** Routes, expressions of losses and lines of trainings. */
function partsWrittenIn(model: ModelItem): ReadonlySet<object> {
  return new Set(
    model.members.flatMap((member): object[] => {
      if (member.kind === 'loss') return [...(member.value ? [member.value] : []), ...(member.route ?? [])];
      return member.kind === 'train' ? [...member.items] : [];
    }),
  );
}

function markNamed(
  { what, name }: Removal,
  own: ReadonlyMap<string, Identifier>,
  { members, marked, report }: Work,
): void {
  const found = members.get(name.text);
  if (own.has(name.text)) {
    reportOwn(name, own.get(name.text)!.span, report);
  } else if (found?.member.kind !== what) {
    const names = [...members.values()]
      .filter((m) => m.member.kind === what && m.inherited)
      .map((m) => nameOf(m.member).text);
    report.error('ED2011', name.span, `the parent has no ${what} \`${name.text}\``, suggestion(name, names));
  } else marked.set(name.text, BY_REMOVE);
}

function reportOwn(name: Identifier, declared: Span, report: Report): void {
  report.error(
    'ED2011',
    name.span,
    `\`${name.text}\` is declared here, so there is nothing inherited to remove`,
    {
      labels: [{ span: declared, message: 'declared here' }],
      hint: 'delete the declaration or the `remove`',
    },
  );
}

function removeStep(name: Identifier, { members, written, report }: Work): void {
  const steps: string[] = [];
  for (const [key, flat] of members) {
    if (flat.member.kind !== 'train') continue;
    const { items } = flat.member;
    steps.push(...items.flatMap((item) => (item.kind === 'step' ? [item.name.text] : [])));
    const found = items.find((item) => item.kind === 'step' && item.name.text === name.text);
    if (!found) continue;
    if (written.has(found)) return reportOwn(name, found.span, report);
    const kept = items.filter((item) => item !== found);
    members.set(key, { ...flat, member: { ...flat.member, items: kept } });
    return;
  }
  report.error('ED2011', name.span, `the parent has no step \`${name.text}\``, suggestion(name, steps));
}

/** Marks inherited members that need a marked one, until nothing more is found; the child's own needs are errors. */
function closeOver(work: Work): void {
  const { members, marked, causes, written } = work;
  for (let before = -1; before !== marked.size;) {
    before = marked.size;
    for (const [key, flat] of members) {
      const { member } = flat;
      if (marked.has(key) || member.kind === 'train') continue;
      if (member.kind === 'loss') {
        const targets = (member.route ?? []).filter((target) => written.has(target));
        reportWritten(
          member.name,
          targets.flatMap((t) => t.groups),
          work,
        );
      }
      const needed = expressionNames(member).find((n) => marked.has(n.text));
      if (needed) {
        if (member.kind === 'predict' || !flat.inherited) needsRemoved(flat, needed, work);
        if (!flat.inherited) continue;
        marked.set(key, `it needs \`${needed.text}\``);
        const cause = causes.get(needed.text);
        if (cause) causes.set(key, cause);
      } else if (member.kind === 'loss' && member.route) {
        const route = member.route.flatMap((t) => withoutGroups(t, marked));
        if (route.length === 0) marked.set(key, 'it would update nothing');
        else members.set(key, { ...flat, member: { ...member, route } });
      }
    }
  }
}

/** Names written in the model itself that are removed. */
function reportWritten(by: Identifier, names: readonly Identifier[], { marked, causes, report }: Work): void {
  for (const name of names) {
    const reason = marked.get(name.text);
    if (reason === undefined) continue;
    const cause = causes.get(name.text);
    report.error('ED2012', name.span, needs(by, name, reason), {
      ...(cause && { labels: [{ span: cause, message: 'the removal' }] }),
      hint: 'keep it, or leave it out here',
    });
  }
}

const needs = (by: Identifier, needed: Identifier, reason: string): string =>
  `\`${by.text}\` needs \`${needed.text}\`, which is removed${reason === BY_REMOVE ? '' : ` because ${reason}`}`;

/** A member that must stay needs one that goes. */
function needsRemoved(flat: FlatMember, needed: Identifier, { marked, causes, written, report }: Work): void {
  const cause = causes.get(needed.text);
  const name = nameOf(flat.member);
  const message = needs(name, needed, marked.get(needed.text) ?? BY_REMOVE);
  if (flat.inherited) {
    report.error('ED2014', cause ?? needed.span, message, {
      ...(cause && { labels: [{ span: needed.span, message: 'the inherited prediction needs it here' }] }),
      hint: `write a new \`predict ${name.text} = …\` in this model`,
    });
  } else {
    // Of a loss the model may have written the route only: then its expression stands elsewhere.
    const { member } = flat;
    const elsewhere = member.kind === 'loss' && !written.has(member.value!);
    report.error('ED2012', elsewhere ? name.span : needed.span, message, {
      labels: [
        ...(elsewhere ? [{ span: needed.span, message: 'the inherited expression needs it here' }] : []),
        ...(cause ? [{ span: cause, message: 'the removal' }] : []),
      ],
      hint: 'keep it, or do without it here',
    });
  }
}

function expressionNames(member: FlatMember['member']): Identifier[] {
  const expressions =
    member.kind === 'loss' ? [member.value].filter((e) => e !== undefined) : expressionsOf(member);
  return expressions.flatMap((e) => namesIn(e));
}

function withoutGroups(target: Target, marked: ReadonlyMap<string, string>): Target[] {
  const groups = target.groups.filter((g) => !marked.has(g.text));
  return groups.length === 0 ? [] : [{ ...target, groups }];
}

/** Takes marked losses and groups out of a training. */
function trimTraining(model: ModelItem, key: string, flat: FlatMember<TrainMember>, work: Work): void {
  const { members, marked, written, report } = work;
  const items = flat.member.items.flatMap((item): TrainItem[] => {
    if (written.has(item)) {
      const alone = { ...flat.member, items: [item] };
      reportWritten(nameOf(flat.member), [...expressionNames(alone), ...identifiersOf(alone)], work);
      return [item];
    }
    switch (item.kind) {
      case 'minimize':
        return trimMinimize(item, marked);
      case 'step':
        return trimMinimize(item.minimize, marked).map((minimize) => ({ ...item, minimize }));
      case 'freeze':
      case 'start': {
        if (item.kind === 'start' && !item.fromFile && marked.has(item.from.text)) return [];
        const names = item.names.filter((n) => !marked.has(n.text));
        return names.length === 0 ? [] : [{ ...item, names }];
      }
      default: {
        // What `log` writes goes with what it is computed from.
        const values = item.values.filter((v) => !namesIn(v).some((n) => marked.has(n.text)));
        return values.length === 0 ? [] : [{ ...item, values }];
      }
    }
  });
  members.set(key, { ...flat, member: { ...flat.member, items } });
  if (!items.some((item) => item.kind === 'minimize' || item.kind === 'step')) {
    report.error('ED2013', model.name.span, `nothing is left for \`${model.name.text}\` to minimize`, {
      labels: [{ span: nameOf(flat.member).span, message: 'every step of it lost its losses' }],
      hint: 'write a `train` with a `minimize` of its own',
    });
  }
}

function trimMinimize(item: MinimizeItem, marked: ReadonlyMap<string, string>): MinimizeItem[] {
  const objective = withoutLosses(item.objective, marked);
  if (!objective) return [];
  const using = item.using.flatMap((u) => {
    if (!u.for) return [u];
    const groups = u.for.filter((g) => !marked.has(g.text));
    return groups.length === 0 ? [] : [{ ...u, for: groups }];
  });
  return [{ ...item, objective, using }];
}

/** The objective with marked losses at coefficient 0; undefined when nothing is left. */
function withoutLosses(e: Expr, marked: ReadonlyMap<string, string>): Expr | undefined {
  switch (e.kind) {
    case 'name':
      return marked.has(e.text) ? undefined : e;
    case 'unary': {
      const operand = withoutLosses(e.operand, marked);
      return operand && { ...e, operand };
    }
    case 'binary': {
      const left = withoutLosses(e.left, marked);
      const right = withoutLosses(e.right, marked);
      if (left && right) return { ...e, left, right };
      if (e.operator === '+') return left ?? right;
      if (e.operator === '-')
        return left ?? (right && { kind: 'unary', operator: '-', operand: right, span: right.span });
      return undefined;
    }
    default:
      return e;
  }
}

/** Inherited groups, inputs, labels and hypers that had a use in the parent and have none now. */
function markOrphans(
  members: Map<string, FlatMember>,
  parent: readonly FlatMember[],
  marked: Map<string, string>,
): void {
  const hadUse = new Set(parent.flatMap((m) => [...usesOf(m.member)]));
  for (let changed = true; changed;) {
    changed = false;
    const used = new Set([...members.values()].flatMap((m) => [...usesOf(m.member)]));
    for (const [key, { member, inherited }] of members) {
      if (!inherited || !ORPHANS.includes(member.kind) || !hadUse.has(key) || used.has(key)) continue;
      marked.set(key, 'nothing uses it any more');
      members.delete(key);
      changed = true;
    }
  }
}

/** A route or freeze list is no use of a group; a prediction is one of its label. */
function usesOf(member: FlatMember['member']): Set<string> {
  if (member.kind === 'predict') return new Set([...mentionsOf(member), member.name.text]);
  return new Set(expressionsOf(member).flatMap((e) => namesIn(e).map((n) => n.text)));
}
