/** @file Where an expression is evaluated: which names it sees, which piece it builds, which application it runs in. */
import type { Span } from '../../grammar/span.js';
import type { FileScope } from '../check/scope.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Report } from '../diagnostics/report.js';
import type { Budget } from './budget.js';
import type { ScalarTable } from './numbers.js';
import type { ParameterTable } from './parameters.js';
import type { PieceScope } from './pieces.js';
import type { ApplicationInfo, Value } from './values.js';

/** What belongs to the model as a whole. */
export interface Shared {
  readonly builder: GraphBuilder;
  readonly report: Report;
  readonly scalars: ScalarTable;
  readonly parameters: ParameterTable;
  readonly budget: Budget;
}

/** A name of a block body, evaluated when first asked for. */
export interface Local {
  readonly span: Span;
  readonly value: () => Value;
}

/** The members of the model at hand. */
export interface ModelNames {
  /** The value of a hyper, input, label or value, or a group as a layer; undefined: the model has no such name. */
  readonly lookup: (name: string, span: Span, owner: Owner) => Value | undefined;
  /** For suggestions. */
  readonly names: () => readonly string[];
  /** What `plateau` may watch. */
  readonly losses: () => readonly string[];
}

/** The member whose expression is evaluated: names its applications independently of the order of declarations. */
export interface Owner {
  readonly name: string;
  applications: number;
}

export interface Env {
  readonly scope: FileScope;
  readonly locals: ReadonlyMap<string, Local>;
  /** Absent in blocks: they see no members of a model. */
  readonly model?: ModelNames;
  /** The piece under construction; absent outside groups. */
  readonly pieces?: PieceScope;
  /** Set while a block with inputs is applied. */
  readonly application?: ApplicationInfo;
  readonly owner: Owner;
  /** Blocks being built, innermost last. */
  readonly blocks: readonly string[];
}
