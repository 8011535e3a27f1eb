/** @file Data blocks and experiments after checking: what the runtime reads. Plain JSON data. */
import type { Span } from '../../grammar/span.js';
import type { ModelIR } from './ir.js';

export interface DataIR {
  readonly name: string;
  readonly source:
    | {
        readonly kind: 'synthetic_faces';
        readonly people: number;
        readonly preset: 'easy' | 'medium' | 'hard';
        readonly seed: number;
      }
    /** `path` may hold $VARIABLES; `pattern` is `class` or `subject/class`. */
    | { readonly kind: 'folder'; readonly path: string; readonly pattern: string };
  /** Order and filter of classes; null: the source's own (a folder's subfolder names, sorted). */
  readonly classes: readonly string[] | null;
  readonly resize: readonly [height: number, width: number] | null;
  readonly color: 'gray' | 'rgb';
  /** (x - mean) / by, on 0…255 */
  readonly pixels: { readonly mean: number; readonly by: number };
  readonly crops: {
    readonly kind: 'ten' | 'center' | 'random';
    readonly height: number;
    readonly width: number;
  } | null;
  readonly augment: readonly {
    readonly kind: 'flip' | 'shift' | 'rotate' | 'jitter';
    readonly amount: number;
  }[];
  readonly balance: 'none' | 'sampler';
  readonly folds: {
    readonly kind: 'blocks' | 'strided' | 'shuffled';
    readonly count: number;
    readonly seed: number;
  } | null;
  readonly span: Span;
}

export interface ExperimentIR {
  readonly name: string;
  readonly model: string;
  /** The stage of the model and the data it reads. */
  readonly train: { readonly stage: string | null; readonly data: string };
  /** null: the held-out fold of the training data. */
  readonly test: { readonly data: string } | null;
  readonly score: {
    readonly kind: 'image' | 'crop' | 'sequence';
    readonly crops: 'mean' | 'vote';
    readonly frames: 'mean' | 'vote';
  };
  /** One training for each; empty: the seed of the train block. */
  readonly seeds: readonly number[];
  readonly report: readonly { readonly kind: 'accuracy' | 'macro_f1' | 'recall' | 'confusion' }[];
  readonly span: Span;
}

/** An experiment with all it names. */
export interface BoundExperiment {
  readonly experiment: ExperimentIR;
  /** The model with its `with` values. */
  readonly model: ModelIR;
  readonly data: DataIR;
  /** null: the held-out fold. */
  readonly testData: DataIR | null;
}
