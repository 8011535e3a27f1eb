/** @file The blocks that expressions need, wherever they are declared, each under a name that nothing else in one text has. */
import type { BlockItem, Expr } from '../../grammar/syntax.js';
import type { Rename } from '../../grammar/unparse.js';
import { partsOf } from '../check/mentions.js';
import type { FileScope } from '../check/scope.js';

type Called = Extract<Expr, { kind: 'name' | 'field' }>;

/** A block with the file in which its names are looked up. */
interface Block {
  readonly item: BlockItem;
  readonly scope: FileScope;
}

export class NeededBlocks {
  /** Each before what needs it. */
  readonly #blocks: Block[] = [];
  readonly #met = new Set<BlockItem>();
  readonly #names = new Map<BlockItem, string>();
  readonly #taken: Set<string>;

  /** `taken`: names of the model and its members. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** Adds the blocks in `expressions`, written in `scope`, and those that these need. */
  add(expressions: readonly Expr[], scope: FileScope): void {
    const collect = (expr: Expr): void => {
      const block = blockOf(expr, scope);
      if (block && !this.#met.has(block.item)) {
        this.#met.add(block.item);
        // No name inside may be the name of something outside.
        for (const name of namesIn(block.item)) this.#taken.add(name);
        this.add(bodyOf(block.item), block.scope);
        this.#blocks.push(block);
      }
      for (const part of partsOf(expr)) collect(part);
    };
    for (const expr of expressions) collect(expr);
  }

  /** Once all are added: the blocks, each before what needs it, with their names. */
  named(): readonly (Block & { readonly name: string })[] {
    return this.#blocks.map((block) => {
      const name = this.#names.get(block.item) ?? this.#freeName(block);
      this.#names.set(block.item, name);
      return { ...block, name };
    });
  }

  /** After `named`: new names for the blocks in expressions of `scope`. */
  renaming(scope: FileScope): Rename {
    return (expr) => {
      const block = blockOf(expr, scope);
      return block && this.#names.get(block.item);
    };
  }

  /** Its own where that is free, since the paths of parameters hold it; else with its file before it. */
  #freeName({ item, scope }: Block): string {
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
function blockOf(expr: Expr, scope: FileScope): Block | undefined {
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
