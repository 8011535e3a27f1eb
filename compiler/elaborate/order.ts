/** @file The order in which named expressions are evaluated: each after those it mentions, so that long chains of names do not nest. */

interface Visit {
  readonly name: string;
  readonly mentioned: readonly string[];
  next: number;
}

/** A cycle of more names than this is reported before anything is evaluated: it would nest too deeply to be found on the way. */
const LONG = 100;

export interface Order {
  /** Names in order of dependency and else of declaration; names on a cycle come in some order. */
  readonly names: readonly string[];
  /** Each with its first name again at the end. */
  readonly longCycles: readonly (readonly string[])[];
}

/** `mentions`: what an expression mentions, by its name; names that are not among `all` do not count. */
export function dependencyOrder(
  all: ReadonlySet<string>,
  mentions: (name: string) => Iterable<string>,
): Order {
  const names: string[] = [];
  const longCycles: string[][] = [];
  const seen = new Set<string>();
  const visit = (name: string): Visit => {
    seen.add(name);
    return { name, mentioned: [...mentions(name)].filter((m) => all.has(m)), next: 0 };
  };
  for (const name of all) {
    const stack = seen.has(name) ? [] : [visit(name)];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const next = top.mentioned[top.next++];
      if (next === undefined) names.push(stack.pop()!.name);
      else if (!seen.has(next)) stack.push(visit(next));
      else if (stack.length > LONG) {
        const from = stack.findIndex((v) => v.name === next);
        if (from >= 0 && stack.length - from > LONG)
          longCycles.push([...stack.slice(from).map((v) => v.name), next]);
      }
    }
  }
  return { names, longCycles };
}
