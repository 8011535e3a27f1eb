/** @file Which names an expression or a member mentions: for `extends`, for unused names, for cycles. */
import type { Expr, Identifier, Member, Target, TrainItem } from '../../grammar/syntax.js';

type NameExpr = Extract<Expr, { kind: 'name' }>;

/** Bare names in an expression, with repetitions; not argument names, fields or class names. */
export function namesIn(expr: Expr): NameExpr[] {
  const found: NameExpr[] = [];
  const collect = (e: Expr): void => {
    if (e.kind === 'name') found.push(e);
    else for (const part of partsOf(e)) collect(part);
  };
  collect(expr);
  return found;
}

/** The expressions directly inside one. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'name':
      return [];
    case 'list':
      return expr.items;
    case 'unary':
    case 'as':
      return [expr.operand];
    case 'binary':
    case 'pipe':
      return [expr.left, expr.right];
    case 'is':
    case 'in':
      return [expr.left];
    case 'call':
      return [expr.callee, ...expr.arguments.map((a) => a.value)];
    case 'field':
      return [expr.object];
  }
}

/** Every expression written in a member. */
export function expressionsOf(member: Member): readonly Expr[] {
  switch (member.kind) {
    case 'input':
    case 'label':
      return member.type.sizes;
    case 'loss':
      return [...(member.value ? [member.value] : []), ...(member.route ?? []).flatMap(expressionsOfTarget)];
    case 'remove':
      return [];
    case 'train':
      return member.items.flatMap(expressionsOfItem);
    default:
      return [member.value];
  }
}

const expressionsOfTarget = (target: Target): Expr[] =>
  [target.by, target.where].filter((e) => e !== undefined);

function expressionsOfItem(item: TrainItem): readonly Expr[] {
  switch (item.kind) {
    case 'setting':
      return item.values;
    case 'minimize':
      return [item.objective, ...item.using.map((u) => u.optimizer)];
    case 'step':
      return [item.repeat, item.every, ...expressionsOfItem(item.minimize)].filter((e) => e !== undefined);
    default:
      return [];
  }
}

/** Names that stand outside expressions: groups of a route, of `for`, `freeze` and `start`; the avoided loss. */
export function identifiersOf(member: Member): readonly Identifier[] {
  if (member.kind === 'loss')
    return (member.route ?? []).flatMap((t) => [...t.groups, ...(t.avoiding ? [t.avoiding] : [])]);
  if (member.kind !== 'train') return [];
  return member.items.flatMap((item): readonly Identifier[] => {
    switch (item.kind) {
      case 'minimize':
        return item.using.flatMap((u) => u.for ?? []);
      case 'step':
        return item.minimize.using.flatMap((u) => u.for ?? []);
      case 'freeze':
        return item.names;
      case 'start':
        return item.fromFile ? item.names : [...item.names, item.from];
      default:
        return [];
    }
  });
}

/** Everything a member mentions by name. */
export function mentionsOf(member: Member): Set<string> {
  const names = expressionsOf(member).flatMap((e) => namesIn(e).map((n) => n.text));
  return new Set([...names, ...identifiersOf(member).map((i) => i.text)]);
}
