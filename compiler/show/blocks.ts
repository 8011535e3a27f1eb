/** @file The blocks that expressions need, wherever they are declared, each under a name that nothing else in one text has. */
import type { BlockItem, Expr } from '../../grammar/syntax.js';
import type { Rename } from '../../grammar/unparse.js';
import { partsOf } from '../check/mentions.js';
import type { FileScope } from '../check/scope.js';

interface Needed {
  readonly item: BlockItem;
  readonly scope: FileScope;
  readonly name: string;
}

type Called = Extract<Expr, { kind: 'name' | 'field' }>;

export class NeededBlocks {
  readonly #needed = new Map<BlockItem, Needed>();
  readonly #taken: Set<string>;

  /** `taken`: names of the model and its members. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** Adds the blocks in `expressions`, written in `scope`, and those that these need. */
  add(expressions: readonly Expr[], scope: FileScope): void {
    const found: { readonly item: BlockItem; readonly scope: FileScope }[] = [];
    const collect = (expr: Expr): void => {
      const block = blockOf(expr, scope);
      if (block && !this.#needed.has(block.item)) found.push(block);
      for (const part of partsOf(expr)) collect(part);
    };
    for (const expr of expressions) collect(expr);
    for (const { item, scope: own } of found) {
      if (this.#needed.has(item)) continue;
      // No name inside may be the name of something outside.
      for (const name of namesIn(item)) this.#taken.add(name);
      this.#needed.set(item, { item, scope: own, name: '' });
      this.add(bodyOf(item), own);
    }
  }

  /** In an order in which each stands before what needs it. */
  named(): readonly Needed[] {
    const order: BlockItem[] = [];
    const visit = (item: BlockItem): void => {
      if (order.includes(item)) return;
      const { scope } = this.#needed.get(item)!;
      const visitIn = (expr: Expr): void => {
        const block = blockOf(expr, scope);
        if (block && block.item !== item) visit(block.item);
        for (const part of partsOf(expr)) visitIn(part);
      };
      for (const expr of bodyOf(item)) visitIn(expr);
      order.push(item);
    };
    for (const item of this.#needed.keys()) visit(item);
    for (const item of order) {
      const needed = this.#needed.get(item)!;
      if (needed.name === '') this.#needed.set(item, { ...needed, name: this.#nameFor(needed) });
    }
    return order.map((item) => this.#needed.get(item)!);
  }

  /** New names for the blocks in expressions of `scope`. */
  renaming(scope: FileScope): Rename {
    return (expr) => {
      const block = blockOf(expr, scope);
      return block && this.#needed.get(block.item)?.name;
    };
  }

  /** Its own where that is free, since the names of parameters hold it; else with its file before it. */
  #nameFor({ item, scope }: Needed): string {
    const own = item.name.text;
    const file = /([A-Za-z0-9_]+)\.[^/]*$/.exec(scope.source)?.[1] ?? 'other';
    const prefixed = `${/^\d/.test(file) ? '_' : ''}${file}_${own}`;
    let name = this.#taken.has(own) ? prefixed : own;
    for (let k = 2; this.#taken.has(name); k++) name = `${prefixed}_${k}`;
    this.#taken.add(name);
    return name;
  }
}

/** The block that `name` or `file.name` means in `scope`, if it is one. */
function blockOf(expr: Expr, scope: FileScope): { item: BlockItem; scope: FileScope } | undefined {
  if (expr.kind !== 'name' && expr.kind !== 'field') return undefined;
  const found = declared(expr, scope);
  return found?.kind === 'block' ? { item: found.item, scope: found.scope } : undefined;
}

function declared(expr: Called, scope: FileScope): ReturnType<FileScope['names']['get']> {
  if (expr.kind === 'name') return scope.names.get(expr.text);
  const { object, field } = expr;
  const file = object.kind === 'name' || object.kind === 'field' ? declared(object, scope) : undefined;
  return file?.kind === 'file' ? file.scope.names.get(field.text) : undefined;
}

const bodyOf = (item: BlockItem): readonly Expr[] => [
  ...item.parameters.flatMap((p) => (p.default ? [p.default] : [])),
  ...item.bindings.map((b) => b.value),
  item.result,
];

const namesIn = (item: BlockItem): string[] => [
  ...item.parameters.map((p) => p.name.text),
  ...(item.inputs ?? []).map((i) => i.text),
  ...item.bindings.map((b) => b.name.text),
];
