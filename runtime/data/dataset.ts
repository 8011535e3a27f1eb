/** @file What every source becomes: labelled 8-bit images of one size, in one order. */

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
  readonly reason: string;
  readonly count: number;
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
  /** What the source had and the data set does not. */
  readonly dropped: readonly Dropped[];
}
