/** @file A model after imports and `extends` are resolved: one flat list of members, each with the file it was written in. */
import type { Binding, BlockItem, Member, SourceFile, TrainMember } from '../../grammar/syntax.js';
import type { Span } from '../../grammar/span.js';

/** What the file level of one source defines. Names of other files are reachable only through imports. */
export interface FileScope {
  readonly file: SourceFile;
  /** Blocks by local name (own and imported one by one), each with the scope it was written in. */
  readonly blocks: ReadonlyMap<string, ScopedBlock>;
  /** `import ns from "…"`: the scope of that file. */
  readonly namespaces: ReadonlyMap<string, FileScope>;
  /** All file-level names (any kind) with the span of their declaration: for suggestions and the no-shadowing rule. */
  readonly names: ReadonlyMap<string, Span>;
}

export interface ScopedBlock {
  readonly block: BlockItem;
  readonly scope: FileScope;
}

export interface FlatMember<M extends Member = Member> {
  readonly member: M;
  readonly scope: FileScope;
  readonly inherited: boolean;
}

/** Members after override and `remove`: no `remove` members, one member per name; a `loss` has both parts; one `train` per stage name with its parts merged. */
export interface FlatModel {
  readonly name: string;
  readonly span: Span;
  readonly members: readonly FlatMember[];
  /** Hypers replaced by `with` (span of the spec) or `--set` (a span in a source named `--set`). They are already put in place in `members`. */
  readonly overridden: readonly Binding[];
  /** Class names that bound data gives to labels of this many classes, for `is` and `in`; by label name. */
  readonly dataClasses?: ReadonlyMap<string, readonly string[]>;
}

export type FlatTrain = FlatMember<TrainMember>;
