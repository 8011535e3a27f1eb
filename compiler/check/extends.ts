/** @file `extends`: a parent's members with those of the child put over them, then what `remove` takes away (docs/language.md, "extends"). */
import type {
  Identifier,
  LossMember,
  Member,
  ModelItem,
  TrainItem,
  TrainMember,
} from '../../grammar/syntax.js';
import type { Report } from '../diagnostics/report.js';
import type { FlatMember, FlatModel } from './flat.js';
import { removeMarked, type Removal } from './remove.js';
import { resolvePath, type FileScope } from './scope.js';
import { aNoun } from '../diagnostics/words.js';

/** Undefined if the parent is unknown, the models extend each other, or a removal fails. */
export function flatten(
  model: ModelItem,
  scope: FileScope,
  report: Report,
  trail: readonly ModelItem[] = [],
): FlatModel | undefined {
  const inherited = inheritedMembers(model, scope, report, trail);
  if (!inherited) return undefined;
  const members = new Map<string, FlatMember>(
    inherited.map((m) => [keyOf(m.member), { ...m, inherited: true }]),
  );
  const own = new Map<string, Identifier>();
  const removals: Removal[] = [];

  for (const member of model.members) {
    if (member.kind === 'remove') {
      removals.push(...member.names.map((name): Removal => ({ what: member.what, name })));
      continue;
    }
    const key = keyOf(member);
    const name = nameOf(member);
    const twice = own.get(key);
    if (twice) {
      report.error('ED2002', name.span, `\`${name.text}\` is declared twice`, {
        labels: [{ span: twice.span, message: 'first declared here' }],
        hint: 'give one of them another name',
      });
      continue;
    }
    own.set(key, name);
    const before = members.get(key);
    if (before && before.member.kind !== member.kind) {
      report.error(
        'ED2010',
        name.span,
        `\`${name.text}\` is ${aNoun(before.member.kind)} in the parent, and ${aNoun(member.kind)} here`,
        {
          labels: [{ span: nameOf(before.member).span, message: 'what it would replace' }],
          hint: 'an override keeps the kind; choose another name for a new member',
        },
      );
      continue;
    }
    members.set(key, override(before, member, scope));
  }
  const announce = trail.length === 0;
  if (removals.length > 0 && !removeMarked(model, members, removals, inherited, own, announce, report))
    return undefined;
  return { name: model.name.text, span: model.name.span, members: [...members.values()] };
}

function inheritedMembers(
  model: ModelItem,
  scope: FileScope,
  report: Report,
  trail: readonly ModelItem[],
): readonly FlatMember[] | undefined {
  if (!model.parent) return [];
  const parent = resolvePath(model.parent, 'model', scope, report);
  if (!parent) return undefined;
  if (parent.item === model || trail.includes(parent.item)) {
    const names = [...trail, model].map((m) => m.name.text);
    report.error(
      'ED2009',
      model.parent.span,
      `models extend each other: ${[...names, parent.item.name.text].map((n) => `\`${n}\``).join(' extends ')}`,
      {
        hint: 'one of them must stand on its own',
      },
    );
    return undefined;
  }
  return flatten(parent.item, parent.scope, report, [...trail, model])?.members;
}

/** Predictions and trainings have spaces of their own; everything else shares one. */
export function keyOf(member: Member): string {
  switch (member.kind) {
    case 'predict':
      return `predict ${member.name.text}`;
    case 'train':
      return `train ${member.name?.text ?? ''}`;
    case 'remove':
      return 'remove';
    default:
      return member.name.text;
  }
}

/** The name of a member; of an unnamed training the word `train`. */
export function nameOf(member: Member): Identifier {
  if (member.kind === 'remove') return member.names[0]!;
  const { start } = member.span;
  return member.name ?? { text: 'train', span: { ...member.span, end: start + 'train'.length } };
}

/** A loss and a training are replaced part by part, everything else as a whole. */
function override(before: FlatMember | undefined, member: Member, scope: FileScope): FlatMember {
  if (before && member.kind === 'loss') {
    const old = before.member as LossMember;
    const value = member.value ?? old.value;
    const route = member.route ?? old.route;
    const merged: LossMember = { ...member, ...(value && { value }), ...(route && { route }) };
    return { member: merged, scope: member.value ? scope : before.scope, inherited: false };
  }
  if (before && member.kind === 'train') {
    return { member: mergeTrain(before.member as TrainMember, member), scope, inherited: false };
  }
  return { member, scope, inherited: false };
}

/** Settings by name; `freeze` and `start` lines as a whole; any `minimize` or `step` replaces all of them. */
function mergeTrain(parent: TrainMember, child: TrainMember): TrainMember {
  const isStep = (item: TrainItem): boolean => item.kind === 'minimize' || item.kind === 'step';
  const replaced = (item: TrainItem): boolean => {
    if (item.kind === 'setting')
      return child.items.some((c) => c.kind === 'setting' && c.name.text === item.name.text);
    return child.items.some((c) => (isStep(item) ? isStep(c) : c.kind === item.kind));
  };
  return { ...child, items: [...parent.items.filter((item) => !replaced(item)), ...child.items] };
}
