/** @file What every source becomes: labelled 8-bit images of one size, in one order. */
import type { FoldFile } from './fold-file.js';

export interface Sample {
  /** Unique in the data set: the path of the file in the folder, or person/class/number. */
  readonly id: string;
  /** Index into `classes`. */
  readonly label: number;
  /** The person; folds are cut by it. */
  readonly subject: string;
  /** Images that are judged together; a still image is a sequence of its own. */
  readonly sequence: string;
}

export interface Dropped {
  /** What they are, such as `images that could not be read`. */
  readonly reason: string;
  readonly count: number;
  /** Each by name, with its line in a manifest and what is wrong with it; none where the source draws its images. */
  readonly items: readonly string[];
  /** Wanted, but missing or damaged: always told. */
  readonly damaged: boolean;
}

/** Numbers of a manifest, or of how faces were drawn, that inputs and probes read by name. */
export interface Field {
  readonly name: string;
  /** Of one sample; [] for a single number. */
  readonly shape: readonly number[];
  /** [sample, ...shape] */
  readonly values: Float32Array;
}

export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly samples: readonly Sample[];
  /** 0…255, [sample, height, width, channel], before crops, augmentation and scaling. */
  readonly pixels: Uint8Array;
  readonly fields: readonly Field[];
  /** Columns of a manifest that are no fields, and where the first cell stands that is not a number like the others. */
  readonly otherColumns: readonly { readonly name: string; readonly why: string }[];
  /** Of the images before `resize`, the most frequent first. */
  readonly sizes: readonly { readonly height: number; readonly width: number; readonly count: number }[];
  /** What the source had and the data set does not. */
  readonly dropped: readonly Dropped[];
  /** What is not as it should be, and was kept. */
  readonly remarks?: readonly Dropped[];
  /** With `align`: the images on which no face was found, by name, what became of them, and how many show several. */
  readonly faces?: {
    readonly missing: readonly string[];
    /** null: faces were not looked for, but known. */
    readonly policy: 'resize' | 'center' | 'neighbor' | 'drop' | 'error' | null;
    readonly several: number;
  };
  /** The people of `folds file(…)`. */
  readonly foldFile?: FoldFile;
}
