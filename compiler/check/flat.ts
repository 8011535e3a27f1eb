/** @file A model after `extends` is resolved: one flat list of members, each with the file it was written in. */
import type { Expr, Identifier, Member } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';
import type { FileScope } from './scope.js';

export interface FlatMember<M extends Member = Member> {
  readonly member: M;
  /** The file in which its names are looked up. */
  readonly scope: FileScope;
  /** Whether it stands in a parent, not in the model itself. */
  readonly inherited: boolean;
  /** Of a hyper that `with` or `--set` gave a new expression: the declared one. */
  readonly declared?: Expr;
}

/** Members after override and `remove`: no `remove` members, one member per name; a `loss` has both parts; one `train` per stage name, its parts merged. */
export interface FlatModel {
  readonly name: string;
  readonly span: Span;
  readonly members: readonly FlatMember[];
  /** Class names that the bound data gives: a `class[n]` label without `of` takes them when the counts agree. */
  readonly dataClasses?: DataClasses;
}

export interface DataClasses {
  readonly data: Identifier;
  readonly classes: readonly string[];
}
