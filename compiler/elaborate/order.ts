/** @file The order in which members are evaluated: each after those it mentions, so that long chains of names do not nest. */
import type { FlatMember } from '../check/flat.js';
import { mentionsOf } from '../check/mentions.js';

interface Visit {
  readonly name: string;
  readonly mentioned: readonly string[];
  next: number;
}

/** Names in order of dependency and else of declaration; names on a cycle come in some order. */
export function dependencyOrder(members: ReadonlyMap<string, FlatMember>): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): Visit => {
    seen.add(name);
    const mentioned = [...mentionsOf(members.get(name)!.member)].filter((m) => members.has(m));
    return { name, mentioned, next: 0 };
  };
  for (const name of members.keys()) {
    const stack = seen.has(name) ? [] : [visit(name)];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const next = top.mentioned[top.next++];
      if (next === undefined) order.push(stack.pop()!.name);
      else if (!seen.has(next)) stack.push(visit(next));
    }
  }
  return order;
}
