/** @file Data blocks and experiments after checking: what the runtime reads. Plain JSON data. */
import type { Span } from '../../grammar/span.js';
import type { ModelIR, StageIR } from './ir.js';

export interface DataIR {
  readonly name: string;
  readonly source:
    | {
        readonly kind: 'synthetic_faces';
        readonly people: number;
        readonly preset: 'easy' | 'medium' | 'hard';
        readonly seed: number;
      }
    /** `path` may hold $VARIABLES, here and below; `pattern` is `class` or `subject/class`. */
    | { readonly kind: 'folder'; readonly path: string; readonly pattern: string }
    /** A CSV or JSON file with a row per image. `root`, from the folder of that file: where relative names of images start. */
    | {
        readonly kind: 'manifest';
        readonly path: string;
        readonly root: string;
        readonly columns: ManifestColumns;
      }
    /** The CSV file, or a folder `train/angry/…`. */
    | {
        readonly kind: 'fer2013';
        readonly path: string;
        readonly part: 'all' | 'training' | 'public' | 'private';
      }
    /** FER2013 with the votes of FER+, in a table beside its file or wherever `votes` says. */
    | {
        readonly kind: 'fer_plus';
        readonly path: string;
        readonly votes: string;
        readonly part: 'all' | 'training' | 'public' | 'private';
      }
    | { readonly kind: 'ck_plus' | 'bu_3dfe'; readonly path: string }
    /** A folder of sessions, or a table of frames. `any_front`: one view or two. */
    | { readonly kind: 'mmi'; readonly path: string; readonly view: 'any_front' | 'front' | 'dual' }
    | {
        readonly kind: 'oulu_casia';
        readonly path: string;
        readonly camera: 'vl' | 'ni';
        readonly light: 'strong' | 'weak' | 'dark';
        readonly images: 'original' | 'cropped';
      };
  /** Order and filter of classes; null: the source's own (a folder's subfolder names, sorted). */
  readonly classes: readonly string[] | null;
  /** Which images of a sequence; null: all. */
  readonly frames: { readonly kind: 'first' | 'middle' | 'last'; readonly count: number } | null;
  /** Faces found, or their landmarks read, and brought to one place. Absent: images as they are. */
  readonly align?: AlignIR;
  readonly resize: readonly [height: number, width: number] | null;
  /** How `resize` weighs pixels; absent: Lanczos with three lobes. */
  readonly kernel?: 'bilinear' | 'bicubic' | 'nearest';
  readonly color: 'gray' | 'rgb';
  /** What red, green and blue count in gray; absent: as BT.601 has it. */
  readonly gray?: readonly [red: number, green: number, blue: number];
  /** (x - mean) / by, on 0…255; or by the mean and deviation of each image of a batch. */
  readonly pixels: { readonly mean: number; readonly by: number } | 'standardized';
  readonly crops: {
    /** `one_of_ten`: an epoch shows one of the ten of each image. */
    readonly kind: 'ten' | 'one_of_ten' | 'center' | 'random';
    readonly height: number;
    readonly width: number;
  } | null;
  readonly augment: readonly {
    readonly kind: 'flip' | 'shift' | 'rotate' | 'jitter';
    readonly amount: number;
    /** What lies outside an image that is moved: mid-gray; absent: its edge, repeated. */
    readonly border?: 'constant';
  }[];
  readonly balance: 'none' | 'sampler';
  readonly folds:
    | {
        readonly kind: 'blocks' | 'strided' | 'shuffled';
        readonly count: number;
        readonly seed: number;
        /** How long blocks are where the division leaves a rest; absent: the first ones longer by one. */
        readonly remainder?: 'ceil' | 'floor';
      }
    /** People and their folds in a CSV or JSON file; the names of its columns, null: `subject` and `fold`. */
    | {
        readonly kind: 'file';
        readonly path: string;
        readonly columns: { readonly subject: string | null; readonly fold: string | null };
      }
    | null;
  readonly span: Span;
}

export type AlignIR = {
  readonly height: number;
  readonly width: number;
  /** SphereFace's five points of 112 by 96, stretched to this size or in its middle. */
  readonly template: 'scaled' | 'padded';
} & (
  | {
      readonly kind: 'mtcnn';
      /** Images are enlarged by it before faces are looked for. */
      readonly upscale: number;
      readonly face: 'center' | 'largest' | 'best';
      readonly missing: 'resize' | 'center' | 'neighbor' | 'drop' | 'error';
    }
  | { readonly kind: 'landmarks' }
);

/** Names of columns; null: the usual one, if it is there. */
export interface ManifestColumns {
  readonly file: string | null;
  readonly class: string | null;
  readonly subject: string | null;
  readonly sequence: string | null;
  readonly frame: string | null;
}

/** Which parameters a training leaves. */
export type SelectIR =
  | { readonly kind: 'last' }
  /** Of the epoch of the last stage in which the metric is best: `accuracy` and `macro_f1` the highest, a loss the lowest. */
  | {
      readonly kind: 'best';
      readonly metric: string;
      /** A share of the people trained on, who are then not learned from; or those it is judged on. */
      readonly on: { readonly kind: 'inner'; readonly share: number } | { readonly kind: 'test' };
      readonly span: Span;
    };

/** A name as it is written, where it stands. */
export interface NamedIR {
  readonly text: string;
  readonly span: Span;
}

/** What is to be said of a run. The first four are also printed when it ends; all are for `ed2lc report`. `fold` null: a usual one. */
export type ReportIR =
  | { readonly kind: 'accuracy' | 'macro_f1' | 'recall' | 'confusion' }
  | { readonly kind: 'curves' }
  | { readonly kind: 'routes' }
  /** The values of the people held out, in two dimensions. */
  | { readonly kind: 'tsne'; readonly value: NamedIR; readonly fold: number | null; readonly span: Span }
  /** Maps of a network over the faces of two people held out, or of those named. */
  | {
      readonly kind: 'heatmap';
      readonly values: readonly NamedIR[];
      readonly fold: number | null;
      /** Of the channels. */
      readonly sum: 'signed' | 'absolute';
      /** What 0 and 1 are the lowest and highest of: each map, or all maps of one image. */
      readonly scale: 'image' | 'pair';
      readonly subjects: readonly string[];
      readonly span: Span;
    }
  /** What a classifier trained afterwards reads from a value: a label of the model, `subject`, or a field of the data. Linear, or with a hidden layer. */
  | {
      readonly kind: 'probe';
      readonly value: NamedIR;
      readonly label: NamedIR;
      readonly probe: 'linear' | 'hidden' | 'both';
      readonly span: Span;
    };

export interface ExperimentIR {
  readonly name: string;
  readonly model: string;
  /** null: the held-out fold of the last stage's data. */
  readonly test: { readonly data: string } | null;
  readonly score: {
    readonly kind: 'image' | 'crop' | 'sequence';
    readonly crops: 'mean' | 'vote' | 'center';
    readonly frames: 'mean' | 'vote';
  };
  readonly select: SelectIR;
  /** One training for each; empty: the seed of the last stage's train block. */
  readonly seeds: readonly number[];
  readonly report: readonly ReportIR[];
  readonly span: Span;
}

/** What a stage takes from the one before it: everything, by path and shape, but for what stands here. */
export interface CarryIR {
  /** Groups that start from their initialisation; null: nothing was said, empty: `reset none`. */
  readonly reset: readonly string[] | null;
  /** Groups whose running statistics start anew while their parameters are carried. */
  readonly resetStatistics: readonly string[];
  /** Heads whose classes are matched by name; new classes start from their initialisation. */
  readonly remap: readonly string[];
}

/** A `pretrain` or `train` line. */
export interface BoundStage extends CarryIR {
  readonly verb: 'pretrain' | 'train';
  /** The `train` block of the model; null: the unnamed one. */
  readonly stage: string | null;
  /** With the `with` values of this stage, and this `train` block alone. */
  readonly model: ModelIR;
  readonly data: DataIR;
}

/** An experiment with all it names. */
export interface BoundExperiment {
  readonly experiment: ExperimentIR;
  /** In the order in which they run, at least one. */
  readonly stages: readonly BoundStage[];
  /** The model and the data of the last stage: what is judged, and where people are held out. */
  readonly model: ModelIR;
  readonly data: DataIR;
  /** null: the held-out fold. */
  readonly testData: DataIR | null;
}

export function boundExperiment(
  experiment: ExperimentIR,
  stages: readonly BoundStage[],
  testData: DataIR | null,
): BoundExperiment {
  const { model, data } = stages.at(-1)!;
  return { experiment, stages, model, data, testData };
}

/** Each with the `train` block that it runs. */
export const withBlocks = (
  stages: readonly BoundStage[],
): { readonly model: ModelIR; readonly block: StageIR }[] =>
  stages.map(({ model }) => ({ model, block: model.stages[0]! }));

/** Where an artifact or a run keeps what belongs to a stage: the last, which is judged, at the top, the others in `stage-1/`, `stage-2/`, …. */
export const stageFolder = (index: number, count: number): string =>
  index === count - 1 ? '' : `stage-${index + 1}/`;
