/** @file The syntax tree of `.ed2l` (docs/language.md, "Grammar"): one interface per production, every node with its span. */
import type { Span } from './span.js';

export interface Identifier {
  readonly text: string;
  readonly span: Span;
}

/** `a`, `a.b`, `a.b.c` */
export interface Path {
  readonly parts: readonly Identifier[];
  readonly span: Span;
}

export interface SourceFile {
  readonly source: string;
  readonly items: readonly Item[];
  readonly span: Span;
}

export type Item = ImportItem | BlockItem | ModelItem | DataItem | ExperimentItem;

/** `import ns from "path"` (namespace set) or `import { a as b } from "path"` (names set) */
export interface ImportItem {
  readonly kind: 'import';
  readonly namespace?: Identifier;
  readonly names?: readonly { readonly name: Identifier; readonly as?: Identifier }[];
  readonly from: Identifier; // text: the unescaped path
  readonly span: Span;
}

export interface BlockItem {
  readonly kind: 'block';
  readonly name: Identifier;
  readonly parameters: readonly { readonly name: Identifier; readonly default?: Expr }[];
  /** Absent: the block is a layer of one unnamed input. */
  readonly inputs?: readonly Identifier[];
  /** Empty for the `= expr` form. */
  readonly bindings: readonly Binding[];
  readonly result: Expr;
  readonly doc?: string;
  readonly span: Span;
}

/** `name = expr` */
export interface Binding {
  readonly name: Identifier;
  readonly value: Expr;
  readonly span: Span;
}

export interface ModelItem {
  readonly kind: 'model';
  readonly name: Identifier;
  readonly parent?: Path;
  readonly members: readonly Member[];
  readonly doc?: string;
  readonly span: Span;
}

export type Member = ValueMember | InputMember | LabelMember | LossMember | RemoveMember | TrainMember;

/** `hyper|noise|group|predict name = expr`, or a plain value (`kind: 'value'`) */
export interface ValueMember {
  readonly kind: 'hyper' | 'noise' | 'group' | 'predict' | 'value';
  readonly name: Identifier;
  readonly value: Expr;
  readonly doc?: string;
  readonly span: Span;
}

export interface InputMember {
  readonly kind: 'input';
  readonly name: Identifier;
  readonly type: TypeExpr;
  readonly from?: Path;
  readonly doc?: string;
  readonly span: Span;
}

export interface LabelMember {
  readonly kind: 'label';
  readonly name: Identifier;
  readonly type: TypeExpr;
  readonly of?: readonly Identifier[];
  readonly from?: Path;
  readonly doc?: string;
  readonly span: Span;
}

/** `class[7]`, `image[112, 96, 1]`, `subject` */
export interface TypeExpr {
  readonly name: Identifier;
  readonly sizes: readonly Expr[];
  readonly span: Span;
}

export interface LossMember {
  readonly kind: 'loss';
  readonly name: Identifier;
  readonly value?: Expr;
  readonly route?: readonly Target[];
  readonly doc?: string;
  readonly span: Span;
}

/** One item of an `updates` clause. */
export interface Target {
  readonly groups: readonly Identifier[]; // text may be `all`
  readonly by?: Expr;
  readonly where?: Expr;
  readonly avoiding?: Identifier;
  readonly span: Span;
}

export interface RemoveMember {
  readonly kind: 'remove';
  readonly what: 'group' | 'loss' | 'step';
  readonly names: readonly Identifier[];
  readonly span: Span;
}

export interface TrainMember {
  readonly kind: 'train';
  readonly name?: Identifier;
  readonly items: readonly TrainItem[];
  readonly doc?: string;
  readonly span: Span;
}

export type TrainItem = MinimizeItem | StepItem | FreezeItem | StartItem | Setting;

export interface MinimizeItem {
  readonly kind: 'minimize';
  readonly objective: Expr;
  readonly using: readonly {
    readonly optimizer: Expr;
    readonly for?: readonly Identifier[];
    readonly span: Span;
  }[];
  readonly span: Span;
}

export interface StepItem {
  readonly kind: 'step';
  readonly name: Identifier;
  readonly repeat?: Expr;
  readonly every?: Expr;
  readonly minimize: MinimizeItem;
  readonly span: Span;
}

export interface FreezeItem {
  readonly kind: 'freeze';
  readonly statistics: boolean;
  readonly names: readonly Identifier[];
  readonly span: Span;
}

export interface StartItem {
  readonly kind: 'start';
  readonly names: readonly Identifier[];
  readonly from: Identifier;
  readonly fromFile: boolean;
  readonly span: Span;
}

/** `batch 64`, `crops ten(112, 96)`, `classes a, b, c` */
export interface Setting {
  readonly kind: 'setting';
  readonly name: Identifier;
  readonly values: readonly Expr[];
  readonly span: Span;
}

export interface DataItem {
  readonly kind: 'data';
  readonly name: Identifier;
  readonly settings: readonly Setting[];
  readonly doc?: string;
  readonly span: Span;
}

export interface ExperimentItem {
  readonly kind: 'experiment';
  readonly name: Identifier;
  readonly lines: readonly ExperimentLine[];
  readonly doc?: string;
  readonly span: Span;
}

export type ExperimentLine = UseModelLine | StageLine | TestLine | Setting;

export interface UseModelLine {
  readonly kind: 'use-model';
  readonly model: Path;
  readonly with: readonly Binding[];
  readonly span: Span;
}

export interface StageLine {
  readonly kind: 'stage';
  readonly verb: 'pretrain' | 'train';
  readonly stage?: Identifier;
  readonly on: readonly StreamBinding[];
  readonly with: readonly Binding[];
  readonly reset?: readonly Identifier[];
  /** `reset statistics G, …` */
  readonly resetStatistics?: readonly Identifier[];
  readonly remap?: readonly Identifier[];
  readonly span: Span;
}

/** `on data` (stream absent) or `on stream: data` */
export interface StreamBinding {
  readonly stream?: Identifier;
  readonly data: Path;
  readonly span: Span;
}

export interface TestLine {
  readonly kind: 'test';
  readonly on: readonly StreamBinding[];
  readonly span: Span;
}

export type BinaryOperator =
  '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or';

export type Expr =
  | { readonly kind: 'number'; readonly text: string; readonly value: number; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'name'; readonly text: string; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Expr[]; readonly span: Span }
  | { readonly kind: 'unary'; readonly operator: '-' | 'not'; readonly operand: Expr; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
      readonly operatorSpan: Span;
      readonly span: Span;
    }
  /** `label is class` */
  | { readonly kind: 'is'; readonly left: Expr; readonly className: Identifier; readonly span: Span }
  /** `label in [class, ...]` */
  | {
      readonly kind: 'in';
      readonly left: Expr;
      readonly classNames: readonly Identifier[];
      readonly span: Span;
    }
  | {
      readonly kind: 'call';
      readonly callee: Expr;
      readonly arguments: readonly Argument[];
      readonly span: Span;
    }
  | { readonly kind: 'field'; readonly object: Expr; readonly field: Identifier; readonly span: Span }
  /** `left |> right` */
  | { readonly kind: 'pipe'; readonly left: Expr; readonly right: Expr; readonly span: Span }
  /** `stage as name` */
  | { readonly kind: 'as'; readonly operand: Expr; readonly name: Identifier; readonly span: Span };

export interface Argument {
  readonly name?: Identifier;
  readonly value: Expr;
  readonly span: Span;
}
