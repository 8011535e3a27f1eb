/** @file The model IR: what the user declared, resolved and typed; one entry per group, value, loss, route and training step (docs/ir.md). Plain JSON data. */
import type { Span } from '../../grammar/span.js';
import type { Graph, Shape, ValueId } from '../graph/graph.js';
import type { Coefficient } from '../scalar/coefficient.js';
import type { ScalarExpr } from '../scalar/expression.js';

export interface ModelIR {
  readonly format: 'ed2l-model';
  readonly version: 1;
  readonly name: string;
  readonly hypers: readonly HyperIR[];
  /** Scheduled hypers and opaque sums: the run-time scalars that coefficients name. In an order in which each uses only earlier ones. */
  readonly scalars: readonly { readonly name: string; readonly value: ScalarExpr; readonly span?: Span }[];
  readonly inputs: readonly InputIR[];
  readonly labels: readonly LabelIR[];
  readonly groups: readonly GroupIR[];
  /**
   * The value graph: every value, loss and prediction, with mode-neutral `batch_norm`, `dropout` and `stop`.
   * Its outputs are the losses (`loss`) and predictions (`predict`).
   */
  readonly graph: Graph;
  readonly values: readonly { readonly name: string; readonly value: ValueId; readonly span: Span }[];
  readonly losses: readonly LossIR[];
  readonly predictions: readonly PredictionIR[];
  readonly stages: readonly StageIR[];
}

export interface HyperIR {
  readonly name: string;
  readonly value: ScalarExpr | boolean | string;
  readonly scheduled: boolean;
  readonly span: Span;
}

export interface InputIR {
  readonly name: string;
  readonly kind: 'image' | 'vector' | 'clip' | 'tensor';
  /** With the batch axis: `['batch', 112, 96, 1]`. */
  readonly shape: Shape;
  readonly stream: string | null;
  readonly field: string | null;
  readonly value: ValueId;
  readonly span: Span;
}

export interface LabelIR {
  readonly name: string;
  readonly kind: 'class' | 'multilabel' | 'real' | 'subject';
  /** Class names in index order; `0`…`n-1` where neither the model nor the data names them. */
  readonly classes: readonly string[];
  readonly stream: string | null;
  readonly field: string | null;
  /** Absent if no value reads it. */
  readonly value?: ValueId;
  readonly span: Span;
}

export type InitIR =
  | { readonly kind: 'he'; readonly slope: number; readonly fanIn: number }
  | { readonly kind: 'xavier'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'gaussian'; readonly sd: number }
  | { readonly kind: 'constant'; readonly value: number };

/** What a parameter is to its layer: a last name of paths. */
export const ROLES = ['kernel', 'bias', 'gamma', 'beta', 'slope'] as const;

export interface ParameterIR {
  /** `base.stage_3.unit_8.conv.kernel` */
  readonly path: string;
  readonly shape: readonly number[];
  /** What `decay_on` chooses by; `bias` takes `bias_rate`. */
  readonly role: (typeof ROLES)[number];
  readonly init: InitIR;
}

export interface GroupIR {
  readonly name: string;
  readonly parameters: readonly ParameterIR[];
  /** Running means (initially 0) and variances (initially 1) of batch norm. */
  readonly statistics: readonly {
    readonly path: string;
    readonly shape: readonly number[];
    readonly initial: 0 | 1;
  }[];
  readonly span: Span;
}

export interface LossIR {
  readonly name: string;
  readonly value: ValueId;
  readonly route: readonly RouteIR[];
  readonly span: Span;
}

export interface RouteIR {
  readonly group: string;
  readonly by: Coefficient;
  /** Absent: every sample counts whole. */
  readonly mask?: MaskIR;
  readonly span: Span;
}

/** A truth value or number per sample, `bool[batch]` or `f32[batch]`. */
export interface MaskIR {
  readonly value: ValueId;
  /** As it is written: `not is_low`. */
  readonly text: string;
}

export interface PredictionIR {
  readonly name: string;
  readonly value: ValueId;
  /** The label it predicts, or null for an output without metric. */
  readonly label: string | null;
  readonly span: Span;
}

export interface StageIR {
  /** null: the unnamed stage. */
  readonly name: string | null;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
  /** `freeze G`: no update, running statistics used, dropout off. */
  readonly frozen: readonly string[];
  /** `freeze statistics G`: parameters train, running statistics are used and stay. */
  readonly frozenStatistics: readonly string[];
  /** In the order in which they are done, before the first iteration. */
  readonly start: readonly StartIR[];
  readonly steps: readonly StepIR[];
  /** Scalars of `log`, written with the metrics. */
  readonly log: readonly { readonly name: string; readonly value: ValueId }[];
  readonly span: Span;
}

/** `start G, … from …`: each group takes parameters and statistics of another group, of what an earlier stage left, or of a parameter file. */
export interface StartIR {
  readonly groups: readonly string[];
  readonly from: { readonly kind: 'group' | 'stage' | 'file'; readonly name: string };
  readonly span: Span;
}

export interface StepIR {
  /** `main` for the unnamed step. */
  readonly name: string;
  readonly repeat: number;
  readonly every: number;
  /** The objective, normalised to a sum of coefficients times losses. */
  readonly objective: readonly { readonly loss: string; readonly coefficient: Coefficient }[];
  readonly optimizers: readonly OptimizerIR[];
  readonly span: Span;
}

/** Every number may be scheduled. `groups`: those it updates, resolved (the default optimizer lists its remainder). */
export interface OptimizerIR {
  readonly kind: 'sgd' | 'adam' | 'rmsprop';
  readonly rate: ScalarExpr;
  readonly options: Readonly<Record<string, ScalarExpr>>; // momentum, beta1, beta2, epsilon, decay, weight_decay, bias_rate, clip_norm, clamp
  readonly nesterov: boolean;
  readonly decoupled: boolean;
  /** The roles of parameters that `weight_decay` reaches. */
  readonly decayOn: readonly ParameterIR['role'][];
  readonly groups: readonly string[];
  readonly span: Span;
}
